#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/crypto/public_key.h"
#include "base/result.h"

struct x509_st;  // X509

namespace xzgate::crypto {

// An X.509 certificate (RFC 5280). Reading it trusts nothing. A value: immutable, cheap to copy,
// thread-safe.
class Certificate {
 public:
  static constexpr std::size_t kMaxDerBytes = 64 * 1024;

  // Reads DER, nothing after it. Errors: kInvalidArgument, kUnsupported (key), kResourceExhausted.
  static Result<Certificate> FromDer(Bytes der);
  // Reads one PEM block "CERTIFICATE" with only white space around it. Errors as FromDer.
  static Result<Certificate> FromPem(std::string_view pem);
  // Reads one or more PEM blocks in order; kResourceExhausted beyond `max`.
  static Result<std::vector<Certificate>> ListFromPem(std::string_view pem, std::size_t max);

  const std::string& der() const { return der_; }
  std::string ToPem() const;
  const PublicKey& key() const { return key_; }
  WallTime not_before() const { return not_before_; }
  WallTime not_after() const { return not_after_; }
  // Both ends belong to it (RFC 5280, section 4.1.2.5).
  bool IsValidAt(WallTime time) const { return not_before_ <= time && time <= not_after_; }
  bool IsSelfIssued() const;
  // Basic constraints say CA.
  bool IsAuthority() const;
  std::string Subject() const;  // RFC 2253, for messages; escaped
  std::string Issuer() const;

  // The content of the extension's OCTET STRING by its dotted OID; absent when there is none.
  // kInvalidArgument when it occurs twice.
  Result<std::optional<std::string>> Extension(std::string_view oid) const;

  // Borrowed from this object; for the adapters of base/crypto and scanner/signature only.
  x509_st* handle() const { return handle_.get(); }

  bool operator==(const Certificate& other) const { return der_ == other.der_; }

 private:
  Certificate(std::shared_ptr<x509_st> handle, std::string der, PublicKey key, WallTime not_before,
              WallTime not_after);

  std::shared_ptr<x509_st> handle_;  // shared by copies; never changed
  std::string der_;
  PublicKey key_;
  WallTime not_before_;
  WallTime not_after_;
};

}  // namespace xzgate::crypto
