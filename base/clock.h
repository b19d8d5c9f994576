#pragma once

#include <chrono>
#include <string>

namespace xzgate {

// Steady time measures durations and deadlines; wall time is for records and expiry
// (hardening.md, 8.6: clock jumps).
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// Tells the time. Only the top of the program constructs the real one. Implementations are
// thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  SteadyTime Now() const override;
  WallTime WallNow() const override;
};

// "2026-11-24T09:51:48.123Z", the form of logs and reports (RFC 3339).
std::string ToRfc3339(WallTime time);

// The moment at which a caller stops waiting. A value; `now` always comes in, so that tests need no
// clock.
class Deadline {
 public:
  static Deadline At(SteadyTime when) { return Deadline(when); }
  static Deadline After(SteadyTime now, std::chrono::milliseconds span) {
    return Deadline(now + span);
  }
  static Deadline Never() { return Deadline(SteadyTime::max()); }

  bool IsNever() const { return when_ == SteadyTime::max(); }
  bool HasPassed(SteadyTime now) const { return now >= when_; }

  // Time left, never negative; a very long time (about 24 days) for Never, so that it fits an int
  // of milliseconds.
  std::chrono::milliseconds Remaining(SteadyTime now) const;

  // The earlier of the two.
  Deadline Min(Deadline other) const { return Deadline(when_ < other.when_ ? when_ : other.when_); }

  SteadyTime when() const { return when_; }
  auto operator<=>(const Deadline&) const = default;

 private:
  explicit Deadline(SteadyTime when) : when_(when) {}
  SteadyTime when_;
};

}  // namespace xzgate
