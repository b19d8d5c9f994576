#pragma once

#include <chrono>
#include <mutex>

#include "base/clock.h"

namespace xzgate::testing {

// A clock that stands still until a test moves it. Thread-safe.
class FakeClock final : public Clock {
 public:
  // Wall time starts at 2026-01-01T00:00:00Z, steady time at an hour after its epoch, unless told
  // otherwise.
  explicit FakeClock(WallTime wall = std::chrono::sys_days(std::chrono::January / 1 / 2026))
      : wall_(wall) {}

  SteadyTime Now() const override {
    const std::lock_guard lock(mutex_);
    return steady_;
  }
  WallTime WallNow() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }

  // Time goes by, on both clocks.
  void Advance(std::chrono::milliseconds span) {
    const std::lock_guard lock(mutex_);
    steady_ += span;
    wall_ += span;
  }

  // Somebody sets the wall clock; steady time does not notice.
  void SetWall(WallTime wall) {
    const std::lock_guard lock(mutex_);
    wall_ = wall;
  }

 private:
  mutable std::mutex mutex_;
  SteadyTime steady_{std::chrono::hours(1)};
  WallTime wall_;
};

}  // namespace xzgate::testing
