#include "scanner/facts/read_layer.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "scanner/facts/checked_blob.h"
#include "scanner/facts/layer_walk.h"
#include "scanner/facts/toc_announcement.h"
#include "scanner/facts/toc_check.h"
#include "scanner/layer/decompress.h"
#include "scanner/layer/tar_reader.h"
#include "scanner/layer/tar_stream.h"

namespace xzgate::facts {
namespace {

// Counts what a decompressor gives, and puts tar's end marker between what was packed and bytes
// that only follow it. Some runtimes (igzip and pigz, which containerd calls) drop such bytes, so
// that an entry in them, such as a whiteout, must not count as one of the layer.
class UnpackedSource final : public ByteSource {
 public:
  explicit UnpackedSource(layer::DecompressedSource& source) : source_(source) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (!held_.empty()) return Give(into);
    XZGATE_ASSIGN(const std::size_t count, source_.Read(into));
    if (ended_ || source_.trailing_bytes() == 0) {
      bytes_ += count;
      return count;
    }
    ended_ = true;
    held_.assign(layer::PaddingOf(bytes_) + 2 * layer::TarStream::kBlockBytes, '\0');
    held_ += AsText(Bytes(into).first(count));
    bytes_ += count;
    return Give(into);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::size_t Give(std::span<std::uint8_t> into) {
    const std::size_t count = std::min(held_.size(), into.size());
    std::memcpy(into.data(), held_.data(), count);
    held_.erase(0, count);
    return count;
  }

  layer::DecompressedSource& source_;
  std::string held_;  // the marker and the first of the bytes behind it
  std::uint64_t bytes_ = 0;
  bool ended_ = false;
};

// The compression that a media type promises; absent for a type that is no tar archive's.
std::optional<layer::Compression> Promised(std::string_view media_type) {
  if (!oci::IsTarLayer(media_type)) return std::nullopt;
  if (media_type.ends_with("gzip")) return layer::Compression::kGzip;
  if (media_type.ends_with("zstd")) return layer::Compression::kZstd;
  return layer::Compression::kNone;
}

Result<void> ReadContent(CheckedBlob& blob, const oci::Descriptor& layer, const Probes& probes,
                         const LayerLimits& limits, LayerFacts& facts) {
  const layer::DecompressLimits unpacking = {.max_output_bytes = limits.max_unpacked_bytes,
                                             .max_ratio = limits.max_ratio,
                                             .ratio_free_bytes = limits.ratio_free_bytes};
  std::optional<TocCheck> toc;
  if (const auto announced = FindTocAnnouncements(layer); !announced.empty()) {
    toc.emplace(announced);
    facts.toc = {.announced = TocKey(layer), .is_incomplete = true};  // until it is compared
  }
  XZGATE_ASSIGN(const auto stream,
                layer::DecompressedSource::Open(blob, unpacking, toc ? &*toc : nullptr));
  facts.compression = layer::ToString(stream->compression());
  UnpackedSource unpacked(*stream);
  layer::TarReader tar(unpacked, {.max_entries = limits.max_entries});
  LayerWalk walk(tar, probes, {.max_database_bytes = limits.max_database_bytes}, facts,
                 toc ? &*toc : nullptr);
  const auto promised = Promised(layer.media_type);
  if (promised && *promised != stream->compression()) {
    walk.AddNote("", "media type " + layer.media_type + ", but the content's compression is " +
                         facts.compression);
  }
  const Result<void> walked = walk.Run();
  facts.unpacked_bytes = unpacked.bytes();
  if (stream->trailing_bytes() > 0) {
    walk.AddNote("",
                 std::to_string(stream->trailing_bytes()) + " bytes behind the compressed content");
  }
  if (tar.trailing_bytes() > 0 && facts.entries.count() == 0) {
    // Zeros and then something: an archive without entries, or another format altogether (EROFS
    // begins with a kilobyte of zeros).
    walk.AddIncomplete("", std::to_string(tar.trailing_bytes()) +
                               " bytes behind the end of an archive without entries");
  } else if (tar.trailing_bytes() > 0) {
    walk.AddNote("", std::to_string(tar.trailing_bytes()) +
                         " bytes behind the end of the archive that are no archive");
  }
  if (walked && toc) {
    const std::string problem = toc->Finish();
    facts.toc.is_incomplete = !problem.empty();
    if (!problem.empty()) walk.AddIncomplete("", problem);
  }
  return walked;
}

}  // namespace

Result<LayerFacts> ReadLayer(ByteSource& blob, const oci::Descriptor& layer, const Probes& probes,
                             const LayerLimits& limits) {
  LayerFacts facts(layer.digest);
  CheckedBlob checked(blob, layer.digest, layer.size);
  const Result<void> content = ReadContent(checked, layer, probes, limits, facts);
  if (checked.failure()) return std::unexpected(*checked.failure());
  // Whatever happened inside: the digest of all bytes decides whether any of it is to be believed.
  XZGATE_RETURN_IF_ERROR(checked.Finish());
  if (!content) facts.incomplete.push_back({"", content.error().message()});
  facts.entries.Finish();
  if (facts.entries.is_truncated()) facts.incomplete.push_back({"", "more names than are kept"});
  facts.packed_bytes = checked.bytes();
  return facts;
}

}  // namespace xzgate::facts
