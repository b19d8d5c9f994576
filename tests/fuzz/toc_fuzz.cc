// A table of contents that may be any bytes, announced for an archive of two entries: as eStargz
// and as zstd:chunked keep it, it is judged alike, however the blob is cut into reads. A table that
// agrees names the same entries. The first byte chooses how the blob is cut.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scanner/facts/read_layer.h"
#include "scanner/facts/toc_rows.h"
#include "tests/support/compress.h"
#include "tests/support/tar_builder.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;
using xzgate::testing::TarBuilder;

std::string Sha256(std::string_view text) {
  return "sha256:" + crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(text));
}

// Whether the layer is complete.
bool Accepts(const std::string& blob, const std::string& annotation, const std::string& digest,
             std::size_t chunk) {
  const oci::Descriptor layer{.media_type = {},
                              .digest = oci::Digest::Of(AsBytes(blob)),
                              .size = blob.size(),
                              .platform = {},
                              .artifact_type = {},
                              .annotations = {{annotation, digest}}};
  MemorySource source(blob, chunk);
  const auto facts = ReadLayer(source, layer, {}, {});
  if (!facts) std::abort();
  // Nothing but the table can be wrong.
  if (facts->incomplete.empty() == facts->toc.is_incomplete) std::abort();
  return facts->incomplete.empty();
}

std::size_t CountFiles(const std::string& table) {
  std::size_t files = 0;
  MemorySource source(table);
  if (!ReadTocRows(source, table.size(),
                   [&files](const TocRow& row) { files += row.type == "reg"; }))
    std::abort();
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t chunk = std::size_t{1} + data[0];
  const std::string table(AsText({data + 1, size - 1}));
  const std::string archive = TarBuilder().AddFile("a", "text").AddDirectory("d").bytes();
  const std::string estargz =
      xzgate::testing::Gzip(archive + TarBuilder().AddFile("stargz.index.json", table).Finish(), 1);
  const std::string packed = xzgate::testing::Zstd(table, 1);
  const std::string chunked = xzgate::testing::Zstd(archive + std::string(1024, '\0'), 1) +
                              xzgate::testing::ZstdSkippable(packed);
  const bool accepted =
      Accepts(estargz, "containerd.io/snapshot/stargz/toc.digest", Sha256(table), SIZE_MAX);
  for (const std::size_t cut : {chunk, SIZE_MAX}) {
    if (Accepts(estargz, "containerd.io/snapshot/stargz/toc.digest", Sha256(table), cut) !=
        accepted)
      std::abort();
    if (Accepts(chunked, "io.github.containers.zstd-chunked.manifest-checksum", Sha256(packed),
                cut) != accepted)
      std::abort();
  }
  if (accepted && CountFiles(table) != 1) std::abort();
  return 0;
}
