#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "scanner/rules/report.h"

namespace xzgate::gate {

// The most recently used reports in memory, so that admission reads no file for them. Every verdict
// but `unknown` stands for as long as its rules do. An `unknown` may be mended in the store at any
// time by a scan that does better: memory hides that for kUnknownLife after the store was read, and
// no longer, however often it is asked for. Thread-safe.
class ReportCache {
 public:
  static constexpr std::chrono::seconds kUnknownLife{30};

  // Keeps the `capacity` reports that were used last (at least one).
  explicit ReportCache(std::size_t capacity) : capacity_(capacity) {}

  // Null when absent. The report is shared because eviction may come while a request still reads
  // it.
  std::shared_ptr<const rules::Report> Find(const std::string& digest, SteadyTime now);
  // Keeps what was read from the store at `now`, in place of what was kept of the same digest.
  void Put(std::shared_ptr<const rules::Report> report, SteadyTime now);

 private:
  struct Entry {
    std::shared_ptr<const rules::Report> report;
    SteadyTime expires;
  };

  const std::size_t capacity_;
  std::mutex mutex_;
  // Newest use first; the map points into the list. Both guarded by mutex_.
  std::list<Entry> entries_;
  std::unordered_map<std::string, std::list<Entry>::iterator> by_digest_;
};

}  // namespace xzgate::gate
