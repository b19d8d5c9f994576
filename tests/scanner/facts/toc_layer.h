#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto/digest.h"
#include "tests/scanner/facts/layer_blob.h"

namespace xzgate::facts {

inline constexpr const char* kStargzAnnotation = "containerd.io/snapshot/stargz/toc.digest";
inline constexpr const char* kChunkedAnnotation =
    "io.github.containers.zstd-chunked.manifest-checksum";

inline std::string Sha256(const std::string& text) {
  return "sha256:" + crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(text));
}

// An archive that is packed in two parts, cut inside the file "big", and the table that says what
// it holds.
struct TocArchive {
  std::string bytes;  // without an end marker
  std::size_t cut = 0;

  TocArchive() {
    testing::TarBuilder tar;
    tar.AddDirectory("d").AddFile("d/f", "content").AddSymlink("d/s", "f");
    tar.AddHardLink("d/h", "d/f").AddWhiteout("d/gone").AddFile("d/empty", "");
    cut = tar.bytes().size() + testing::TarBuilder::kBlock + 4;
    bytes = tar.AddFile("big", "aaaabbbb").bytes();
  }

  static std::string Table() {
    return R"({"version":1,"entries":[)"
           R"({"name":"d/","type":"dir","mode":16877,"xattrs":{"user.x":"eA=="}},)"
           R"({"name":"d/f","type":"reg","size":7,"offset":99,"digest":")" +
           Sha256("content") + R"(","chunkDigest":")" + Sha256("content") +
           R"("},)"
           R"({"name":"d/s","type":"symlink","linkName":"f"},)"
           R"({"name":"d/h","type":"hardlink","linkName":"./d/f"},)"
           R"({"name":"d/.wh.gone","type":"reg","digest":null},)"
           R"({"name":"d/empty","type":"reg"},)"
           R"({"name":"big","type":"reg","size":8,"digest":")" +
           Sha256("aaaabbbb") + R"(","chunkSize":4,"chunkDigest":")" + Sha256("aaaa") +
           R"("},)"
           R"({"name":"big","type":"chunk","chunkOffset":4,"chunkDigest":")" +
           Sha256("bbbb") + R"("}]})";
  }

  // The archive as eStargz keeps it, with its table as the last entry, announced.
  LayerBlob Estargz(const std::string& table) const {
    const std::string last = testing::TarBuilder().AddFile("stargz.index.json", table).Finish();
    LayerBlob blob(testing::GzipMembers(bytes, {cut}) + testing::Gzip(last));
    blob.descriptor.annotations = {{kStargzAnnotation, Sha256(table)}};
    return blob;
  }
  // As zstd:chunked keeps it: the table in a skippable frame behind the archive.
  LayerBlob ZstdChunked(const std::string& table) const {
    const std::string packed = testing::Zstd(table);
    LayerBlob blob(testing::ZstdFrames(bytes + std::string(1024, '\0'), {cut}) +
                   testing::ZstdSkippable(packed) + testing::ZstdSkippable("other data of a tool"));
    blob.descriptor.annotations = {{kChunkedAnnotation, Sha256(packed)}};
    return blob;
  }
};

}  // namespace xzgate::facts
