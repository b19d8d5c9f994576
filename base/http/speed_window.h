#pragma once

#include <chrono>
#include <cstdint>

namespace xzgate::http {

// Tells whether a transfer is too slow. Only time spent waiting for the peer counts, so a slow
// reader is never held against it. Confined to one thread.
class SpeedWindow {
 public:
  // `min_bytes_per_second` 0: never too slow.
  SpeedWindow(std::uint64_t min_bytes_per_second, std::chrono::milliseconds span)
      : min_bytes_per_second_(min_bytes_per_second), span_(span) {}

  // Notes what one wait brought; true when a whole window has brought too little.
  bool IsTooSlow(std::uint64_t bytes, std::chrono::steady_clock::duration waited) {
    if (min_bytes_per_second_ == 0) return false;
    bytes_ += bytes;
    waited_ += waited;
    if (waited_ < span_) return false;
    const double seconds = std::chrono::duration<double>(waited_).count();
    const bool slow =
        static_cast<double>(bytes_) < static_cast<double>(min_bytes_per_second_) * seconds;
    bytes_ = 0;
    waited_ = {};
    return slow;
  }

 private:
  std::uint64_t min_bytes_per_second_;
  std::chrono::milliseconds span_;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::duration waited_{};
};

}  // namespace xzgate::http
