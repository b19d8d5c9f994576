#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/crypto/digest.h"
#include "base/result.h"

namespace xzgate::oci {

// Names content by its SHA-256 or SHA-512 (OCI image-spec, descriptor.md, "registered algorithms").
// A value: immutable, ordered, cheap to copy, thread-compatible.
class Digest {
 public:
  // Reads "sha256:" and 64, or "sha512:" and 128, lower-case hex digits.
  // Errors: kUnsupported for another algorithm, else kInvalidArgument.
  static Result<Digest> Parse(std::string_view text);

  // The digest of these bytes.
  static Digest Of(Bytes bytes, crypto::Algorithm algorithm = crypto::Algorithm::kSha256);

  crypto::Algorithm algorithm() const { return algorithm_; }
  const std::string& hex() const { return hex_; }

  // The form Parse reads.
  std::string ToString() const;
  // "sha256:3a73…82bde", for people.
  std::string ToShort() const;

  auto operator<=>(const Digest&) const = default;

 private:
  Digest(crypto::Algorithm algorithm, std::string hex)
      : algorithm_(algorithm), hex_(std::move(hex)) {}

  crypto::Algorithm algorithm_;
  std::string hex_;
};

}  // namespace xzgate::oci
