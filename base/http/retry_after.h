#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace xzgate::http {

// The longest time that a Retry-After is taken for: "never" as a number that can be added to a
// time.
inline constexpr std::chrono::hours kLongestRetryAfter{24};

// How long a Retry-After (RFC 9110, section 10.2.3) asks to wait: seconds or an IMF-fixdate. Zero
// for a date gone by, at most kLongestRetryAfter; absent for anything else (negative, junk).
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, WallTime now);

// "Tue, 24 Nov 2026 10:00:00 GMT" (RFC 9110, section 5.6.7, IMF-fixdate); absent for other forms.
std::optional<WallTime> ParseHttpDate(std::string_view text);

}  // namespace xzgate::http
