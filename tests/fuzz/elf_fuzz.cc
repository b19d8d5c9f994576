// Any bytes behind ELF's magic are read without fault, and the same however the file is cut into
// calls. The first byte chooses how it is cut.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scanner/facts/elf_reader.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;

const Probes& FuzzProbes() {
  static const Probes probes = {.patterns = {{.name = "p", .bytes = "marker", .machine = 62},
                                             {.name = "q", .bytes = "mm", .machine = 183}},
                                .symbols = {"watched_version", "watched_crc"}};
  return probes;
}

ElfReading Read(Bytes bytes, const ElfLimits& limits, std::size_t piece) {
  ElfExtractor extractor("f", FuzzProbes(), limits);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    extractor.Feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  return extractor.Finish();
}

void Check(Bytes bytes, const ElfLimits& limits, std::size_t piece) {
  const ElfReading whole = Read(bytes, limits, bytes.size());
  const ElfReading pieces = Read(bytes, limits, piece);
  if (!(whole.file == pieces.file) || !(whole.incomplete == pieces.incomplete)) std::abort();
  if (whole.file.size != bytes.size() || whole.file.symbols.size() > 64) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = 1 + data[0] + (size > 2048 ? 64 : 0);
  const Bytes bytes(data + 1, size - 1);
  Check(bytes, {.head_bytes = 1 << 16}, piece);
  // A window so small that much passes by.
  Check(bytes, {.head_bytes = 256, .piece_bytes = 2048, .max_symbol_bytes = 512}, piece);
  return 0;
}
