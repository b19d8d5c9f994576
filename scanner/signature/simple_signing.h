#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scanner/oci/digest.h"
#include "scanner/oci/manifest.h"
#include "scanner/signature/material.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxPayloadBytes = 1024 * 1024;  // signatures.md 1.5
inline constexpr std::size_t kMaxAnnotationBytes = 1024 * 1024;

// cosign specs/SIGNATURE_SPEC.md.
inline constexpr std::string_view kSimpleSigningType =
    "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view kDsseLayerType = "application/vnd.dsse.envelope.v1+json";

// What a signed simple-signing document says (signatures.md 1.2).
struct SimpleSigning {
  oci::Digest digest;            // critical.image.docker-manifest-digest
  std::string docker_reference;  // critical.identity.docker-reference
  // String members of `optional`; those of other types are left out and match nothing.
  std::vector<std::pair<std::string, std::string>> annotations;
};

// Reads the exact bytes that were verified. Keys are exact and lower case, critical.type must be
// cosign's. Errors: kInvalidArgument with the path, kResourceExhausted.
Result<SimpleSigning> ParseSimpleSigning(std::string_view json);

// One layer of a .sig or .att manifest with its annotations, and the blob's bytes: the signature,
// certificate, chain, Rekor bundle and RFC 3161 timestamp of signatures.md 1.1 and 1.2. Errors:
// kInvalidArgument naming the annotation, kUnsupported (another media type), kResourceExhausted.
Result<Material> ReadLegacyLayer(const oci::Descriptor& layer, std::string blob);

}  // namespace xzgate::signature
