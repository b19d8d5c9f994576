// Bytes of a log as a damaged store may give them: an error or entries, never more than were
// counted. And entries made from the input come back as they were.

#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "scanner/layer/entry_log.h"

namespace {

using namespace xzgate;
using namespace xzgate::layer;

void Replay(std::string bytes, std::uint64_t count) {
  std::uint64_t visits = 0;
  const auto result =
      EntryLog::FromBytes(std::move(bytes), count).ForEach([&visits](const Entry& entry) {
        if (entry.path.size() > EntryLog::kMaxTextBytes ||
            entry.target.size() > EntryLog::kMaxTextBytes)
          std::abort();
        ++visits;
        return true;
      });
  if (visits > count || (result && visits != count)) std::abort();
}

// The same records, but in a frame that zstd accepts: so the fuzzer reaches the records.
std::string Packed(const std::string& records) {
  std::string out(ZSTD_compressBound(records.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), records.data(), records.size(), 1));
  return out;
}

void RoundTrip(const std::uint8_t* data, std::size_t size) {
  std::vector<Entry> entries;
  EntryLog log;
  for (std::size_t at = 0; at + 2 < size;) {
    Entry entry{static_cast<EntryType>(data[at] % 7), "", ""};
    const std::size_t path = std::min<std::size_t>(data[at + 1] % 32, size - at - 2);
    entry.path.assign(data + at + 2, data + at + 2 + path);
    at += 2 + path;
    if (at < size && data[at] % 2 == 1) entry.target = entry.path + "t";
    entries.push_back(entry);
    log.Append(entry);
  }
  log.Finish();
  std::vector<Entry> back;
  const auto result = log.ForEach([&back](const Entry& entry) {
    back.push_back(entry);
    return true;
  });
  if (!result || back != entries) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string bytes(data + 1, data + size);
  Replay(bytes, data[0]);
  Replay(Packed(bytes), data[0]);
  RoundTrip(data, size);
  return 0;
}
