// Any bytes as a layer under their own digest: never an error. Whether the layer is complete, and
// if so its facts, do not depend on how the blob is cut into reads (how far a damaged stream
// inflates does). The first byte chooses how.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "scanner/facts/read_layer.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;

LayerFacts Read(const std::string& blob, std::size_t chunk) {
  const oci::Descriptor layer{.media_type = "application/vnd.oci.image.layer.v1.tar+gzip",
                              .digest = oci::Digest::Of(AsBytes(blob)),
                              .size = blob.size(),
                              .platform = {},
                              .artifact_type = {},
                              .annotations = {}};
  const Probes probes = {.patterns = {{.name = "p", .bytes = "marker", .machine = 62}},
                         .symbols = {"watched_version"}};
  MemorySource source(blob, chunk);
  auto facts = ReadLayer(
      source, layer, probes,
      {.max_unpacked_bytes = 1 << 22, .max_entries = 1000, .max_database_bytes = 1 << 16});
  if (!facts) std::abort();
  return std::move(*facts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string blob(reinterpret_cast<const char*>(data + 1), size - 1);
  const LayerFacts whole = Read(blob, SIZE_MAX);
  const LayerFacts pieces = Read(blob, std::size_t{1} + data[0]);
  if (whole.incomplete.empty() != pieces.incomplete.empty()) std::abort();
  if (whole.incomplete.empty() && EncodeFacts(whole) != EncodeFacts(pieces)) std::abort();
  return 0;
}
