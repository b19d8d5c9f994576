#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "scanner/oci/reference.h"
#include "scanner/signature/report.h"

namespace xzgate::gate {

// The most recently used signature reports in memory, by image and requirement. The store may learn
// better at any time: memory hides that for kMemory after a report was read, of a denial only until
// it is time to look into it again; never for longer by steady time, however the wall clock is set,
// nor past what the report says of itself. Thread-safe.
class SignatureCache {
 public:
  static constexpr std::chrono::milliseconds kMemory{60'000};
  // Whatever is asked for: a report has some kilobytes.
  static constexpr std::size_t kMaxEntries = 10'000;

  // Keeps the `capacity` reports that were used last (at least one).
  explicit SignatureCache(std::size_t capacity);

  // Null when absent. Shared because eviction may come while a request still reads it.
  std::shared_ptr<const signature::Report> Find(const oci::PinnedReference& image,
                                                const std::string& requirement, SteadyTime now,
                                                WallTime wall_now);
  // Keeps what was read from the store at `now`, in place of what was kept under the same names.
  void Put(const oci::PinnedReference& image, const std::string& requirement,
           std::shared_ptr<const signature::Report> report, SteadyTime now, WallTime wall_now);

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const signature::Report> report;
    SteadyTime expires;
  };
  using Entries = std::list<Entry>;

  void Erase(Entries::iterator entry);

  const std::size_t capacity_;
  std::mutex mutex_;
  // Newest use first; the map points into the list. Both guarded by mutex_.
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_name_;
};

}  // namespace xzgate::gate
