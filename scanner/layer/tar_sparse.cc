#include "scanner/layer/tar_sparse.h"

#include <optional>
#include <string>

#include "base/text.h"
#include "scanner/layer/tar_header.h"

namespace xzgate::layer {

namespace {

// GNU tar, struct oldgnu_header and struct sparse_header.
constexpr std::size_t kRegionBytes = 24;
constexpr std::size_t kNumberBytes = 12;
constexpr std::size_t kHeaderRegionsAt = 386;
constexpr std::size_t kHeaderRegions = 4;
constexpr std::size_t kHeaderExtendedAt = 482;
constexpr std::size_t kHeaderRealSizeAt = 483;
constexpr std::size_t kExtensionRegions = 21;
constexpr std::size_t kExtensionExtendedAt = 504;

// Format 1.0: a number and its line feed never need more.
constexpr std::size_t kMaxLineBytes = 24;

std::unexpected<Error> TooMany(const TarLimits& limits) {
  return ResourceExhausted("sparse file: more than " + std::to_string(limits.max_sparse_regions) +
                           " regions");
}

Result<std::uint64_t> Number(std::string_view text) {
  const auto value = ParseUint(text);
  if (value && static_cast<std::int64_t>(*value) >= 0) return *value;
  return Integrity("sparse file: " + Quote(text, 64) + " in the map, want a decimal number");
}

// Lines of numbers from the blocks in front of the content.
class LineReader {
 public:
  LineReader(TarStream& stream, std::uint64_t& stored) : stream_(stream), stored_(stored) {}

  Result<std::uint64_t> Next() {
    std::string line;
    while (true) {
      if (at_ == block_.size()) XZGATE_RETURN_IF_ERROR(NextBlock());
      const char c = block_[at_++];
      if (c == '\n') return Number(line);
      line += c;
      if (line.size() > kMaxLineBytes) return Number(line);
    }
  }

 private:
  Result<void> NextBlock() {
    if (stored_ < TarStream::kBlockBytes) return Integrity("sparse file: the map is cut short");
    XZGATE_ASSIGN(const Bytes block, stream_.NextBlock());
    if (block.size() < TarStream::kBlockBytes) return Integrity("tar: the stream ends in a map");
    stored_ -= TarStream::kBlockBytes;
    block_ = AsText(block);
    at_ = 0;
    return {};
  }

  TarStream& stream_;
  std::uint64_t& stored_;
  std::string block_;
  std::size_t at_ = 0;
};

// Adds up to `count` regions from the front of `table`; an empty slot ends the list.
Result<void> AddRegions(Bytes table, std::size_t count, SparseMap& map, const TarLimits& limits) {
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes slot = table.subspan(i * kRegionBytes, kRegionBytes);
    if (slot[0] == 0) break;
    if (map.size() == limits.max_sparse_regions) return TooMany(limits);
    SparseRegion region;
    XZGATE_ASSIGN(region.offset, ParseTarNumber(slot.first(kNumberBytes), "sparse offset"));
    XZGATE_ASSIGN(region.length, ParseTarNumber(slot.subspan(kNumberBytes), "sparse length"));
    map.push_back(region);
  }
  return {};
}

}  // namespace

Result<SparseMap> ParseSparseText(std::string_view text, const TarLimits& limits) {
  SparseMap map;
  const auto numbers = text.empty() ? std::vector<std::string_view>() : Split(text, ',');
  if (numbers.size() % 2 != 0) return Integrity("sparse file: an odd count of numbers in the map");
  if (numbers.size() / 2 > limits.max_sparse_regions) return TooMany(limits);
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    SparseRegion region;
    XZGATE_ASSIGN(region.offset, Number(numbers[i]));
    XZGATE_ASSIGN(region.length, Number(numbers[i + 1]));
    map.push_back(region);
  }
  return map;
}

Result<SparseMap> ReadSparseBlocks(TarStream& stream, std::uint64_t& stored,
                                   const TarLimits& limits) {
  LineReader lines(stream, stored);
  XZGATE_ASSIGN(const std::uint64_t count, lines.Next());
  if (count > limits.max_sparse_regions) return TooMany(limits);
  SparseMap map;
  for (std::uint64_t i = 0; i < count; ++i) {
    SparseRegion region;
    XZGATE_ASSIGN(region.offset, lines.Next());
    XZGATE_ASSIGN(region.length, lines.Next());
    map.push_back(region);
  }
  return map;
}

Result<SparseMap> ReadOldGnuSparse(Bytes header, TarStream& stream, std::uint64_t& size,
                                   const TarLimits& limits) {
  XZGATE_ASSIGN(size, ParseTarNumber(header.subspan(kHeaderRealSizeAt, kNumberBytes), "real size"));
  SparseMap map;
  bool extended = header[kHeaderExtendedAt] != 0;
  XZGATE_RETURN_IF_ERROR(AddRegions(header.subspan(kHeaderRegionsAt), kHeaderRegions, map, limits));
  // An extension block may be empty, so the blocks are counted too.
  for (std::size_t blocks = 0; extended; ++blocks) {
    if (blocks > limits.max_sparse_regions) return TooMany(limits);
    XZGATE_ASSIGN(const Bytes block, stream.NextBlock());
    if (block.size() < TarStream::kBlockBytes) return Integrity("tar: the stream ends in a map");
    extended = block[kExtensionExtendedAt] != 0;
    XZGATE_RETURN_IF_ERROR(AddRegions(block, kExtensionRegions, map, limits));
  }
  return map;
}

Result<void> CheckSparseMap(const SparseMap& map, std::uint64_t size, std::uint64_t stored) {
  std::uint64_t end = 0;
  std::uint64_t sum = 0;
  for (const SparseRegion& region : map) {
    if (region.offset < end || region.offset > size || region.length > size - region.offset) {
      return Integrity("sparse file: region " + std::to_string(region.offset) + "+" +
                       std::to_string(region.length) + " overlaps or leaves the file");
    }
    end = region.offset + region.length;
    sum += region.length;
  }
  if (sum == stored) return {};
  return Integrity("sparse file: the map names " + std::to_string(sum) + " bytes, stored are " +
                   std::to_string(stored));
}

}  // namespace xzgate::layer
