#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/layer/tar_reader.h"
#include "scanner/layer/tar_stream.h"

namespace xzgate::layer {

// Where a sparse file has bytes of its own; the rest are holes. The regions' bytes are stored one
// after the other.
struct SparseRegion {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
using SparseMap = std::vector<SparseRegion>;

// All three readers: kIntegrity for what is no map, kResourceExhausted for more than
// limits.max_sparse_regions.

// pax formats 0.0 and 0.1: "offset,length,offset,length".
Result<SparseMap> ParseSparseText(std::string_view text, const TarLimits& limits);

// pax format 1.0: lines of decimal numbers in front of the content, filled up to a block. `stored`
// loses what was read.
Result<SparseMap> ReadSparseBlocks(TarStream& stream, std::uint64_t& stored,
                                   const TarLimits& limits);

// Old GNU ('S'): in the header, goes on in extension blocks, which are read from the stream. `size`
// gets the file's real size.
Result<SparseMap> ReadOldGnuSparse(Bytes header, TarStream& stream, std::uint64_t& size,
                                   const TarLimits& limits);

// Whether the regions are in order, apart, within `size`, and as long as the `stored` bytes
// (kIntegrity if not).
Result<void> CheckSparseMap(const SparseMap& map, std::uint64_t size, std::uint64_t stored);

}  // namespace xzgate::layer
