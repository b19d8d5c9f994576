#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto/digest.h"
#include "base/result.h"

namespace xzgate::signature {

// What an entry of a transparency log says was signed, by whom and how (signatures.md 3.6 and 3.8).
// A value.
struct LogEntryBody {
  // Bodies of some kB are seen; certificates are the largest part.
  static constexpr std::size_t kMaxBytes = 256 * 1024;

  enum class Over : std::uint8_t {
    kSigned,   // hashedrekord: `digest` is of the bytes that the signature covers
    kPayload,  // dsse, intoto: of the envelope's payload
  };
  Over over = Over::kSigned;
  crypto::Algorithm algorithm = crypto::Algorithm::kSha256;
  std::string digest;     // raw
  std::string signature;  // raw
  // One of the two, in DER: the certificate, or the SubjectPublicKeyInfo.
  std::string certificate;
  std::string key;
};

// Reads the canonicalized body of an entry that is said to be of this kind and version:
// hashedrekord 0.0.1 and 0.0.2 (Rekor v2), dsse 0.0.1, intoto 0.0.2. Errors: kInvalidArgument
// (syntax, unknown members, another kind inside, not just one signature), kUnsupported (kind,
// version, hash), kResourceExhausted.
Result<LogEntryBody> ParseLogEntryBody(std::string_view body, std::string_view kind,
                                       std::string_view version);

}  // namespace xzgate::signature
