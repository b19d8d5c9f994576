#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::layer {

// What we use of a tar header block. A value.
struct TarHeader {
  char type = '0';
  std::string name;  // ustar's prefix already in front
  std::string link;
  std::uint64_t size = 0;
  bool is_gnu = false;  // magic "ustar  ": old GNU, whose 'S' entries carry a map in the header
};

// The functions below take one whole block (TarStream::kBlockBytes). Pure; thread-safe.

bool IsZeroBlock(Bytes block);

// Whether the checksum field holds the sum of the bytes, taken as unsigned or (old Sun and BSD
// tars) as signed.
bool HasTarChecksum(Bytes block);

// Errors: kIntegrity for a size that is no number.
Result<TarHeader> ParseTarHeader(Bytes block);

// A number field: octal text with spaces and NULs around it, or base-256 (first bit set). At most
// 63 bits. Errors: kIntegrity for anything else and for a negative number, naming `what`.
Result<std::uint64_t> ParseTarNumber(Bytes field, std::string_view what);

// A text field: up to its first NUL or its end.
std::string_view ParseTarText(Bytes field);

}  // namespace xzgate::layer
