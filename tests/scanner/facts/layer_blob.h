#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "scanner/facts/read_layer.h"
#include "tests/support/compress.h"
#include "tests/support/elf_builder.h"
#include "tests/support/tar_builder.h"

namespace xzgate::facts {

// What the tests look for: no pattern of the real payload stands in the tree.
inline const std::string kMarker = "\xF3\x0F\x1E\xFAtest marker of a pattern";

inline Probes TestProbes() {
  return {.patterns = {{.name = "marker", .bytes = kMarker, .machine = 62}},
          .symbols = {"watched_version"}};
}

// An x86-64 library with the marker in its code, and one without.
inline std::string BadElf() {
  return testing::BuildElf({.code = kMarker});
}
inline std::string GoodElf() {
  return testing::BuildElf({.data = kMarker});
}

// A blob with the descriptor that names it.
struct LayerBlob {
  std::string bytes;
  oci::Descriptor descriptor;

  explicit LayerBlob(std::string content, std::string media_type = "")
      : bytes(std::move(content)),
        descriptor{.media_type = std::move(media_type),
                   .digest = oci::Digest::Of(AsBytes(bytes)),
                   .size = bytes.size(),
                   .platform = {},
                   .artifact_type = {},
                   .annotations = {}} {}

  Result<LayerFacts> Read(const LayerLimits& limits = {}, std::size_t chunk = SIZE_MAX) const {
    MemorySource source(bytes, chunk);
    return ReadLayer(source, descriptor, TestProbes(), limits);
  }
};

}  // namespace xzgate::facts
