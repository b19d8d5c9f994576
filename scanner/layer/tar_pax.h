#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scanner/layer/tar_reader.h"

namespace xzgate::layer {

// The records of a pax extended header that we use; an empty value is as good as none (POSIX.1
// pax). A value.
struct PaxFields {
  std::string path;
  std::string linkpath;
  std::optional<std::uint64_t> size;

  // GNU tar's sparse formats 0.0, 0.1 and 1.0 (its manual, appendix "Storing Sparse Files").
  std::string sparse_major;
  std::string sparse_minor;
  std::string sparse_name;
  std::string sparse_map;  // "offset,length,offset,length"; 0.0's single records are joined into it
  std::optional<std::uint64_t> sparse_size;
  std::optional<std::uint64_t> sparse_blocks;  // how many regions the map has

  bool HasNothing() const;
};

// Reads the body of an 'x' or 'g' entry: "LENGTH KEY=VALUE\n" again and again. The last of equal
// keys wins. Errors: kIntegrity (a malformed record, a NUL in a name, a size that is no number),
// kResourceExhausted (limits.max_pax_records), kUnsupported (attributes that redirect content).
Result<PaxFields> ParsePax(std::string_view body, const TarLimits& limits);

}  // namespace xzgate::layer
