#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::layer {

enum class EntryType : std::uint8_t {
  kFile,
  kHardLink,  // target: the linked path, cleaned
  kSymlink,   // target: as written
  kDirectory,
  kOther,     // device, fifo, unknown
  kWhiteout,  // path: what is removed (".wh." already taken off)
  kOpaque,    // path: the directory whose lower content is hidden
};

// One name that a layer brings. Paths are cleaned lexically: no leading slash, no ".", no "..", no
// empty parts.
struct Entry {
  EntryType type = EntryType::kFile;
  std::string path;
  std::string target;

  bool operator==(const Entry&) const = default;
};

// The names of a layer in order, compressed as they come, so that millions of them cost little
// memory (a name costs some 8 bytes). Append, then Finish, then read; a finished log is
// thread-compatible.
class EntryLog {
 public:
  // Compressed bytes that a log holds at most: hostile names do not compress. What comes after is
  // counted and not kept, and ForEach ends with an error, so that a log that is not whole is never
  // taken for one that is.
  static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
  // A path or a target: tar's limit is far below (TarLimits::max_path_bytes).
  static constexpr std::size_t kMaxTextBytes = 64 * 1024;

  EntryLog();
  ~EntryLog();
  EntryLog(EntryLog&&) noexcept;
  EntryLog& operator=(EntryLog&&) noexcept;

  void Append(const Entry& entry);
  void Finish();

  std::uint64_t count() const;
  // Whether something could not be kept (kMaxBytes, kMaxTextBytes).
  bool is_truncated() const;
  // The compressed form, for the store; only of a finished log.
  const std::string& bytes() const;
  // Errors at ForEach when the bytes are damaged: kIntegrity.
  static EntryLog FromBytes(std::string bytes, std::uint64_t count);

  // Calls `visit` for each entry in order until it returns false. Errors: kIntegrity (damaged
  // bytes), kResourceExhausted (truncated).
  Result<void> ForEach(const std::function<bool(const Entry&)>& visit) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::layer
