#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto/public_key.h"
#include "base/json/value.h"
#include "scanner/oci/digest.h"
#include "scanner/signature/material.h"
#include "scanner/signature/trail.h"

namespace xzgate::signature {

// What a signature is to be about. A value; `content` is borrowed.
struct Artifact {
  oci::Digest digest;
  bool is_file = false;                       // else an image
  std::optional<std::string_view> content{};  // of a file, where it is at hand
};

// Whether `key` made the signature over the very bytes that are read afterwards. The hash follows
// the key; SHA-256 too for P-384 and P-521, with which cosign signed before (signatures.md 1.4).
// Errors: kIntegrity, kUnsupported.
Result<void> CheckSignature(const Material& material, const crypto::PublicKey& key,
                            const Artifact& artifact);

// What the signed bytes say.
struct Claims {
  std::string predicate_type;  // "" for a signature of the image itself, or of a file's bytes
  json::Value predicate;
};

using Annotations = std::vector<std::pair<std::string, std::string>>;

// Step "claims": the signed bytes name the artifact and carry each of `annotations`, attestations
// in the subject that names it; a bundle over bytes has none. False when the trail ended. Only
// after CheckSignature.
bool CheckClaims(const Material& material, const Artifact& artifact, const Annotations& annotations,
                 Trail& trail, Claims& claims);

}  // namespace xzgate::signature
