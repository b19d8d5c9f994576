#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "scanner/store/store.h"

namespace xzgate::gate {

// Wakes those who wait for the store to change, or for a registry call to end: one thread reads the
// store's change counter while anybody waits, and rests otherwise. Thread-safe; owns the thread,
// borrows the store.
class ChangeWatch {
 public:
  static constexpr std::chrono::milliseconds kPoll{5};

  explicit ChangeWatch(store::Store& store);
  ~ChangeWatch();
  ChangeWatch(const ChangeWatch&) = delete;
  ChangeWatch& operator=(const ChangeWatch&) = delete;

  // What was seen so far; pass it to Wait so that nothing is missed between a look and the wait.
  struct Seen {
    std::uint64_t changes = 0;   // of the store
    std::uint64_t landings = 0;  // of registry calls
    bool operator==(const Seen&) const = default;
  };
  Seen seen();
  // Blocks until something happened after `seen`, or the deadline; false for the deadline. A store
  // that fails counts as changed: who waits looks for itself, and sees the failure.
  bool Wait(const Seen& seen, Deadline deadline);
  // Tells that a registry call ended.
  void Landed();

 private:
  void Run();

  store::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable wanted_;
  Seen seen_;  // guarded by mutex_, as are the next two
  int waiting_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace xzgate::gate
