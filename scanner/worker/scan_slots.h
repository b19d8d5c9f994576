#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/store/queue.h"

namespace xzgate::worker {

// How many scans may run at once.
struct SlotLimits {
  int threads = 2;   // young scans; one more for those that admission waits for
  int per_host = 2;  // young scans of one registry
};

// Who may scan now. A scan counts against the limits only while it is young: one that takes long (a
// slow registry, a huge layer, an image made for that) makes room for the next, up to kFactor times
// as many; beyond that the longest one gives way, so that a few images can hold up nobody for long.
// Thread-safe; borrows the clock.
class ScanSlots {
 public:
  static constexpr std::chrono::milliseconds kYoung{3'000};
  static constexpr std::chrono::milliseconds kOverdue{60'000};
  static constexpr int kFactor = 3;

  ScanSlots(SlotLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // All scans at once, and threads to run them on.
  static int MaxScans(SlotLimits limits) { return limits.threads * kFactor + 1; }

  // What may be leased now; absent when nothing may.
  struct Opening {
    store::Priority least_urgent = store::Priority::kRescan;
    std::set<std::string> full_hosts;
  };
  std::optional<Opening> FindOpening();

  // A place, held until it is destroyed; null when somebody took the last one since FindOpening.
  // It must not outlive the slots.
  class Place {
   public:
    Place(ScanSlots& slots, std::string host, SteadyTime since);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // Set when the scan has to end for others.
    const std::atomic<bool>& give_way() const { return give_way_; }

   private:
    friend class ScanSlots;
    ScanSlots& slots_;
    const std::string host_;
    const SteadyTime since_;
    std::atomic<bool> give_way_ = false;
  };
  std::unique_ptr<Place> Enter(const std::string& host, store::Priority priority);

  // Where every place is taken and others wait: the scan that runs longest gives way if it has run
  // for kOverdue.
  void StopOverdue();

 private:
  int CountYoung(const std::string* host) const;  // of all hosts when null
  int CountAll(const std::string& host) const;
  bool IsHostFull(const std::string& host) const;
  std::optional<store::Priority> LeastUrgent() const;

  const SlotLimits limits_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<Place*> places_;  // guarded by mutex_
};

}  // namespace xzgate::worker
