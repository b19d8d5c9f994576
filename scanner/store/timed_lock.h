#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace xzgate::store {

// A lock that is waited for only so long. Thread-safe. (std::timed_mutex, in a form that every
// thread sanitizer understands.)
class TimedLock {
 public:
  // Owns the lock from construction to destruction, if it was free within `patience`. Confined to
  // one thread; borrows the lock.
  class Hold {
   public:
    Hold(TimedLock& lock, std::chrono::milliseconds patience)
        : lock_(lock), held_(lock.Acquire(patience)) {}
    ~Hold() {
      if (held_) lock_.Release();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    bool held() const { return held_; }

   private:
    TimedLock& lock_;
    const bool held_;
  };

 private:
  bool Acquire(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, patience, [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }
  void Release() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  bool taken_ = false;  // guarded by mutex_
};

}  // namespace xzgate::store
