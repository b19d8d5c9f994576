#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "base/http/sleeper.h"
#include "tests/support/fake_clock.h"

namespace xzgate::testing {

// Moves a FakeClock instead of waiting. Thread-safe.
class FakeSleeper final : public http::Sleeper {
 public:
  explicit FakeSleeper(FakeClock& clock) : clock_(clock) {}

  bool Sleep(std::chrono::milliseconds time) override {
    std::function<void()> during;
    {
      const std::lock_guard lock(mutex_);
      slept_.push_back(time);
      during = during_;
    }
    if (during) during();
    clock_.Advance(time);
    const std::lock_guard lock(mutex_);
    return !stopped_;
  }

  std::vector<std::chrono::milliseconds> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }
  // Runs in each Sleep, before the clock moves.
  void During(std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    during_ = std::move(action);
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }

 private:
  FakeClock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::chrono::milliseconds> slept_;
  std::function<void()> during_;
  bool stopped_ = false;
};

}  // namespace xzgate::testing
