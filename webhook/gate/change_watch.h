#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "scanner/store/store.h"

namespace xzgate::gate {

// Wakes those who wait for the store to change: one thread reads its change counter while anybody
// waits, and rests otherwise. Thread-safe; owns the thread.
class ChangeWatch {
 public:
  static constexpr std::chrono::milliseconds kPoll{5};

  explicit ChangeWatch(store::Store& store);
  ~ChangeWatch();
  ChangeWatch(const ChangeWatch&) = delete;
  ChangeWatch& operator=(const ChangeWatch&) = delete;

  // The number of changes seen; pass it to Wait so that none is missed between a look and the wait.
  std::uint64_t seen();
  // Blocks until something changed after `seen`, or the deadline; false for the deadline.
  bool Wait(std::uint64_t seen, Deadline deadline);

 private:
  void Run();

  store::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable wanted_;
  std::uint64_t changes_ = 0;  // guarded by mutex_, as are the next two
  int waiting_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace xzgate::gate
