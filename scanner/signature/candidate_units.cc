#include "scanner/signature/candidate_units.h"

#include <algorithm>
#include <variant>

#include "scanner/signature/bundle.h"
#include "scanner/signature/bundle_type.h"
#include "scanner/signature/hint.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

// cosign cmd/cosign/cli/attest/attest.go writes it to a layer of an .att manifest: a hint.
constexpr std::string_view kLayerPredicateType = "predicateType";

bool IsSignatureType(std::string_view type) {
  return type == kSimpleSigningType || type == kDsseLayerType || IsBundleType(type);
}

bool IsBundleManifest(const oci::Manifest& manifest) {
  return IsBundleType(manifest.artifact_type) || IsBundleType(manifest.config.media_type) ||
         std::ranges::any_of(manifest.layers, [](const oci::Descriptor& layer) {
           return IsBundleType(layer.media_type);
         });
}

std::string HintOfLayer(const Listed& listed, const oci::Descriptor& layer) {
  if (layer.media_type == kSimpleSigningType) return std::string(kCosignSignPredicate);
  return IsBundleType(layer.media_type) ? listed.hint : HintOf(layer, kLayerPredicateType);
}

}  // namespace

bool Unit::IsSimple() const {
  return blob.media_type == kSimpleSigningType;
}

bool Unit::IsBundle() const {
  return IsBundleType(blob.media_type);
}

std::string Unit::ToString() const {
  return manifest.ToString() + ", layer " + std::to_string(layer);
}

Result<std::vector<Unit>> ReadUnits(const Listed& listed, const registry::VerifiedBytes& bytes) {
  XZGATE_ASSIGN(const auto document, oci::ParseDocument(bytes.bytes, bytes.content_type, ""));
  std::vector<Unit> units;
  const auto* manifest = std::get_if<oci::Manifest>(&document);
  if (manifest == nullptr) {
    // ListCandidates names a fallback tag's own index only where it could not read it.
    if (listed.place != Place::kFallbackTag) return units;
    return Unsupported("an index that holds no signature and cannot be read as referrers");
  }
  if (IsBundleManifest(*manifest) && manifest->layers.size() != 1) {
    return InvalidArgument("bundle manifest: want 1 layer, found " +
                           std::to_string(manifest->layers.size()));
  }
  // cosign appends: the last layer is the newest.
  for (std::size_t i = manifest->layers.size(); i-- > 0;) {
    const oci::Descriptor& layer = manifest->layers[i];
    if (!IsSignatureType(layer.media_type)) continue;
    const std::string hint = HintOfLayer(listed, layer);
    units.push_back({.manifest = listed,
                     .layer = i,
                     .blob = layer,
                     .hint = hint,
                     .kind = layer.media_type + " " + hint});
  }
  return units;
}

}  // namespace xzgate::signature
