#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::facts {

// One object of a table's "entries" (stargz-snapshotter docs/estargz.md, "TOCEntry"; zstd:chunked
// has the same fields). What is absent or null is empty or 0, as for the runtimes.
struct TocRow {
  std::string type;
  std::string name;
  std::string link;
  std::string digest;
  std::string chunk_digest;
  std::uint64_t size = 0;
  std::uint64_t chunk_offset = 0;
  std::uint64_t chunk_size = 0;
};

// Reads a table of contents as it streams by and shows each row. Memory: one row and one token.
// Errors: kInvalidArgument (no such document, a key that differs from one of ours in case only, or
// twice, a wrong type: what two readers could read in two ways), kResourceExhausted (more than
// `max_bytes`), errors of the source.
Result<void> ReadTocRows(ByteSource& json, std::size_t max_bytes,
                         const std::function<void(const TocRow&)>& visit);

}  // namespace xzgate::facts
