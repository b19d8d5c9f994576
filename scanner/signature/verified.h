#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/oci/digest.h"
#include "scanner/signature/identity.h"
#include "scanner/signature/material.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {

// One step of a verification: what was checked, whether it held, and why not. For the table of
// `xzgate verify` and for `explain`.
struct Step {
  std::string name;  // "timestamp", "certificate", "sct", "identity", "log", "signature", "claims"
  bool held = false;
  std::string detail;
};

// A signature that an authority of the policy made over a digest. Only SignatureVerifier makes one
// (style rule 22), so that what was merely found can never count as verified. A value.
class VerifiedSignature {
 public:
  const std::string& authority() const { return authority_; }
  const oci::Digest& digest() const { return digest_; }
  Format format() const { return format_; }
  // Absent for keys.
  const std::optional<CertificateIdentity>& identity() const { return identity_; }
  // Of the key that made it, a certificate's too: SHA-256 in hex.
  const std::string& key_fingerprint() const { return key_fingerprint_; }
  // When it is known to have been made, oldest first.
  const std::vector<WallTime>& trusted_times() const { return trusted_times_; }
  // When it stops being believed, whatever else happens; absent for never.
  const std::optional<WallTime>& valid_until() const { return valid_until_; }
  // "" for a signature of the image itself, else the type of the attestation.
  const std::string& predicate_type() const { return predicate_type_; }
  const json::Value& predicate() const { return predicate_; }

 private:
  friend class SignatureVerifier;
  VerifiedSignature(std::string authority, oci::Digest digest, Format format)
      : authority_(std::move(authority)), digest_(std::move(digest)), format_(format) {}

  std::string authority_;
  oci::Digest digest_;
  Format format_;
  std::optional<CertificateIdentity> identity_;
  std::string key_fingerprint_;
  std::vector<WallTime> trusted_times_;
  std::optional<WallTime> valid_until_;
  std::string predicate_type_;
  json::Value predicate_;
};

}  // namespace xzgate::signature
