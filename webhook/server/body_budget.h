#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace xzgate::server {

// Bounds the bytes that all request bodies together may hold (hardening.md, 4.5 rule 5).
// Thread-safe; outlives its shares.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  bool TryTake(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > max_bytes_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void Give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  const std::size_t max_bytes_;
  std::atomic<std::size_t> used_{0};
};

// What one body took of the budget; gives it back when destroyed, on any thread. Move-only;
// thread-compatible.
class BodyShare {
 public:
  BodyShare() = default;
  explicit BodyShare(BodyBudget* budget) : budget_(budget) {}
  ~BodyShare() { Release(); }
  BodyShare(BodyShare&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyShare& operator=(BodyShare&& other) noexcept {
    Release();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }

  // Raises the share to `bytes` in all; false (and no change) when the budget has no room. Without
  // a budget always true.
  bool GrowTo(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (budget_ != nullptr && !budget_->TryTake(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  void Release() {
    if (budget_ != nullptr) budget_->Give(bytes_);
  }

  BodyBudget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace xzgate::server
