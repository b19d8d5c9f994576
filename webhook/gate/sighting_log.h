#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log/logger.h"
#include "scanner/store/store.h"

namespace xzgate::gate {

// Writes down who asked for which image, many at a time: a transaction for each request would cost
// the server more than its answer. What a kill loses is a moment's sightings; what cannot be
// written is kept for the next try. Bounded: beyond kMaxPending new ones are dropped until the next
// write, counted and logged. Thread-safe; owns its thread, borrows `logger` and what `write` uses.
class SightingLog {
 public:
  static constexpr std::chrono::milliseconds kPeriod{200};  // from the first one to the write
  static constexpr std::size_t kMaxPending = 8192;          // images by workload

  // Writes all of them or none, and blocks for the store's bound (250 ms for a lock) at most.
  using Write = std::function<Result<void>(std::span<const store::Sighting>)>;

  SightingLog(Write write, log::Logger& logger, std::chrono::milliseconds period = kPeriod);
  // Writes what is pending, by one try: a store that is locked delays the end by its bound alone.
  ~SightingLog();
  SightingLog(const SightingLog&) = delete;
  SightingLog& operator=(const SightingLog&) = delete;

  // Takes them to be written; the latest of one image and workload holds. Never blocks on the
  // store.
  void Add(std::vector<store::Sighting> sightings);

 private:
  using Key = std::pair<std::string, std::string>;  // image, workload

  // One write and what came of it.
  struct Round {
    std::vector<store::Sighting> batch;
    std::uint64_t dropped = 0;  // before it, since the last one
    Result<void> written;
  };

  void Run();
  bool PutBack(Round& round);
  void Tell(const Round& round);

  const Write write_;
  log::Logger& logger_;
  const std::chrono::milliseconds period_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<Key, store::Sighting> pending_;
  std::uint64_t dropped_ = 0;  // since the last write
  bool stopping_ = false;
  // Of the thread alone: what was said last, and drops since that was said.
  bool said_failing_ = false;
  std::uint64_t dropped_in_all_ = 0;
  std::thread thread_;
};

}  // namespace xzgate::gate
