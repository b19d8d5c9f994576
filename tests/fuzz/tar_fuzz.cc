// Tar streams: how the stream comes in pieces changes nothing, paths are clean, limits hold, and an
// error is final. The input is a list of blocks whose checksums are put right, else the fuzzer
// would never get past the first.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "scanner/layer/tar_name.h"
#include "scanner/layer/tar_reader.h"

namespace {

using namespace xzgate;
using namespace xzgate::layer;

constexpr std::uint64_t kMaxHoles = 1 << 16;
constexpr std::size_t kBlock = 512;

struct Walked {
  std::vector<Entry> entries;
  std::string content;
  std::string error;
  std::uint64_t trailing = 0;
  bool operator==(const Walked&) const = default;
};

void CheckEntry(const TarEntry& entry, const TarLimits& limits) {
  const bool has_clean_path = CleanPath(entry.entry.path) == entry.entry.path;
  const bool is_link =
      entry.entry.type == EntryType::kHardLink || entry.entry.type == EntryType::kSymlink;
  if (!has_clean_path || entry.entry.path.size() > limits.max_path_bytes) std::abort();
  if (!is_link && !entry.entry.target.empty()) std::abort();
  if (entry.entry.type != EntryType::kFile && entry.size != 0) std::abort();
}

Walked Walk(const std::string& tar, std::size_t chunk, bool read) {
  const TarLimits limits = {.max_entries = 200,
                            .max_path_bytes = 300,
                            .max_pax_records = 20,
                            .max_sparse_regions = 30,
                            .max_hole_bytes = kMaxHoles};
  MemorySource source(tar, chunk);
  TarReader reader(source, limits);
  Walked walked;
  std::uint8_t buffer[1000];
  while (true) {
    const auto entry = reader.Next();
    if (!entry) {
      walked.error = entry.error().ToString();
      if (reader.Next().has_value() || reader.Read(buffer).has_value()) std::abort();
      return walked;
    }
    if (!*entry) break;
    CheckEntry(**entry, limits);
    walked.entries.push_back((*entry)->entry);
    std::uint64_t sum = 0;
    while (read && (*entry)->entry.type == EntryType::kFile) {
      const auto count = reader.Read(buffer);
      if (!count) {
        walked.error = count.error().ToString();
        return walked;
      }
      if (*count == 0) break;
      sum += *count;
      walked.content.append(reinterpret_cast<const char*>(buffer), *count);
    }
    if (sum > (*entry)->size) std::abort();
    if (read && sum != (*entry)->size && !(*entry)->after_end) std::abort();
  }
  walked.trailing = reader.trailing_bytes();
  return walked;
}

// Puts a right checksum into each block that has something in its place.
std::string WithChecksums(std::string tar) {
  for (std::size_t at = 0; at + kBlock <= tar.size(); at += kBlock) {
    if (tar[at + 154] != 0 || tar[at + 148] == 0) continue;
    std::memset(&tar[at + 148], ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) sum += static_cast<unsigned char>(tar[at + i]);
    for (std::size_t i = 6; i-- > 0; sum >>= 3)
      tar[at + 148 + i] = static_cast<char>('0' + (sum & 7));
    tar[at + 154] = 0;
  }
  return tar;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string raw(data + 1, data + size);
  for (const std::string& tar : {raw, WithChecksums(raw)}) {
    const Walked whole = Walk(tar, SIZE_MAX, true);
    if (whole != Walk(tar, 1 + data[0], true)) std::abort();
    const Walked skipped = Walk(tar, SIZE_MAX, false);
    if (whole.error.empty() && (!skipped.error.empty() || skipped.entries != whole.entries))
      std::abort();
    if (whole.content.size() > tar.size() + kMaxHoles) std::abort();
  }
  return 0;
}
