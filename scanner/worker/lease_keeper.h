#pragma once

#include <atomic>
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
// a crash, and notices when admission joins the job meanwhile. Confined to its owner.
class LeaseKeeper {
 public:
  LeaseKeeper(store::Store& store, const Clock& clock, std::int64_t job, std::string worker,
              std::chrono::milliseconds lease);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // Set once admission waits for the job, within kLook; read by any thread.
  const std::atomic<bool>& raised() const { return raised_; }

 private:
  // How long a raised priority may go unnoticed: short beside the timeouts of admission.
  static constexpr std::chrono::milliseconds kLook{2'000};

  void Run();

  store::Store& store_;
  const Clock& clock_;
  const std::int64_t job_;
  const std::string worker_;
  const std::chrono::milliseconds lease_;
  std::atomic<bool> raised_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace xzgate::worker
