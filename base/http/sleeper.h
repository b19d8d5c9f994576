#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace xzgate::http {

// Waits. Implementations are thread-safe.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // True when the whole time went by, false when the program wants to stop.
  virtual bool Sleep(std::chrono::milliseconds time) = 0;
};

// Really waits, until Stop.
class ThreadSleeper final : public Sleeper {
 public:
  bool Sleep(std::chrono::milliseconds time) override {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, time, [this] { return stop_; });
  }
  // Ends every Sleep, also later ones.
  void Stop() {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    stopped_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
};

}  // namespace xzgate::http
