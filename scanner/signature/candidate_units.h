#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "scanner/registry/image_source.h"
#include "scanner/signature/candidates.h"

namespace xzgate::signature {

// One layer of a manifest that may be a signature. A value.
struct Unit {
  Listed manifest;
  std::size_t layer = 0;
  oci::Descriptor blob;
  std::string hint;  // the predicate type that is claimed, "" if none
  std::string kind;  // those of a kind stand in one line

  bool IsSimple() const;         // of simple signing
  bool IsBundle() const;         // of a Sigstore bundle
  std::string ToString() const;  // "referrer sha256:HEX, layer 0"
};

// The units of a manifest, the newest first; none of one that holds no signature (an SBOM, say).
// Errors: those of oci::ParseDocument; kInvalidArgument for a bundle's manifest with several
// layers; kUnsupported for an index under a fallback tag.
Result<std::vector<Unit>> ReadUnits(const Listed& listed, const registry::VerifiedBytes& manifest);

}  // namespace xzgate::signature
