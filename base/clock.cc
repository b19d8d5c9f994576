#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>

namespace xzgate {

SteadyTime SystemClock::Now() const {
  return std::chrono::steady_clock::now();
}

WallTime SystemClock::WallNow() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string ToRfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::chrono::milliseconds Deadline::Remaining(SteadyTime now) const {
  constexpr std::chrono::milliseconds kLongest{2'000'000'000};
  if (IsNever()) return kLongest;
  if (now >= when_) return std::chrono::milliseconds{0};
  // Rounded up: a caller that waits for what remains must not wake before the deadline.
  return std::min(std::chrono::ceil<std::chrono::milliseconds>(when_ - now), kLongest);
}

}  // namespace xzgate
