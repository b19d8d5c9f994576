#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scanner/layer/entry_log.h"

namespace xzgate::layer {

inline constexpr int kEntryLogWindowLog = 19;    // a reader needs 512 KiB, never more
inline constexpr int kEntryLogHasTarget = 0x10;  // beside the type in a record's first byte

// Reads the records of an EntryLog's bytes one by one. Confined to one thread; borrows the bytes.
class EntryLogReader {
 public:
  explicit EntryLogReader(std::string_view bytes);
  ~EntryLogReader();
  EntryLogReader(const EntryLogReader&) = delete;
  EntryLogReader& operator=(const EntryLogReader&) = delete;

  // Fills `entry` (which must be the same object each time: its path is the next one's front);
  // false at the end. Errors: kIntegrity.
  Result<bool> Next(Entry& entry);

 private:
  struct Decoder;

  Result<bool> HasMore();
  Result<std::uint64_t> Number();
  Result<void> Text(std::string& into, std::size_t keep);

  std::unique_ptr<Decoder> decoder_;
  std::string window_;
  std::size_t at_ = 0;
};

}  // namespace xzgate::layer
