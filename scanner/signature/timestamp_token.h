#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"
#include "base/crypto/digest.h"
#include "base/result.h"

struct TS_resp_st;  // TS_RESP

namespace xzgate::signature {

// What a timestamp authority signed: TSTInfo of RFC 3161, section 2.4.2.
struct TimestampInfo {
  WallTime time;
  crypto::Algorithm algorithm = crypto::Algorithm::kSha256;  // never SHA-1
  std::string imprint;                                       // as long as the algorithm's digests
};

// A granted TimeStampResp and its one signer. Reading it trusts nothing. Movable;
// thread-compatible.
class TimestampToken {
 public:
  // Reads DER and nothing after it. Errors: kInvalidArgument (damage, not granted, not one signer,
  // an attribute missing), kUnsupported (a hash outside SHA-256, SHA-384 and SHA-512),
  // kResourceExhausted.
  static Result<TimestampToken> Parse(std::string_view response);

  // Whether the signer says to be this one, by issuer and serial number: a hint.
  bool Names(const crypto::Certificate& leaf) const;
  std::string SignerName() const;  // for messages

  // What `chain`'s first certificate signed; the certificates that came with the token are not
  // looked at (CVE-2026-39984). The attribute that binds the certificate (RFC 5816) must name it,
  // and only others of `chain`. Errors: kIntegrity, kInvalidArgument (what was signed is
  // malformed), kUnsupported (its hash).
  Result<TimestampInfo> Verify(const std::vector<crypto::Certificate>& chain) const;

 private:
  explicit TimestampToken(std::shared_ptr<TS_resp_st> response) : response_(std::move(response)) {}
  std::shared_ptr<TS_resp_st> response_;  // shared with nobody; a deleter without OpenSSL's header
};

}  // namespace xzgate::signature
