// A document that parses has one kind only: its own media type as the header is accepted, the other
// kind's is refused; the limits hold. The same bytes go through the reader of image configs.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scanner/oci/manifest.h"

namespace {

using namespace xzgate::oci;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckManifest(std::string_view bytes, const Manifest& manifest) {
  Require(manifest.layers.size() <= kMaxLayers);
  Require(ParseDocument(bytes, manifest.media_type, manifest.media_type).has_value());
  Require(!ParseDocument(bytes, kOciIndex, "").has_value());
  Require(!ParseDocument(bytes, "", kDockerIndex).has_value());
}

void CheckIndex(std::string_view bytes, const Index& index) {
  Require(index.manifests.size() <= kMaxPlatforms);
  Require(ParseDocument(bytes, index.media_type, index.media_type).has_value());
  Require(!ParseDocument(bytes, kOciManifest, "").has_value());
  Require(!ParseDocument(bytes, "", kDockerManifest).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto document = ParseDocument(bytes, "", "");
  if (document) {
    if (const auto* manifest = std::get_if<Manifest>(&*document)) CheckManifest(bytes, *manifest);
    if (const auto* index = std::get_if<Index>(&*document)) CheckIndex(bytes, *index);
  }
  const auto config = ParseConfig(bytes);
  if (config) Require(config->diff_ids.size() <= kMaxLayers);
  return 0;
}
