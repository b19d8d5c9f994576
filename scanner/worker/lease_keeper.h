#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "scanner/store/store.h"

namespace xzgate::worker {

// Extends a job's lease from a thread of its own while alive, so that a long scan is not taken for
// a crash. Confined to its owner.
class LeaseKeeper {
 public:
  LeaseKeeper(store::Store& store, const Clock& clock, std::int64_t job, std::string worker,
              std::chrono::milliseconds lease);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

 private:
  void Run();

  store::Store& store_;
  const Clock& clock_;
  const std::int64_t job_;
  const std::string worker_;
  const std::chrono::milliseconds lease_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace xzgate::worker
