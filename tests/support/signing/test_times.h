#pragma once

#include <chrono>

#include "base/clock.h"

namespace xzgate::testing {

inline WallTime Utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0,
                    int second = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// The times of the Sigstore in memory, unless a test wants others. Authorities and logs are trusted
// from kTrustStart on; a leaf lives for ten minutes around kSignedAt; the test looks at kNow.
inline const WallTime kTrustStart = Utc(2025, 1, 1);
inline const WallTime kAuthorityEnd = Utc(2035, 1, 1);
inline const WallTime kLeafStart = Utc(2026, 6, 1);
inline const WallTime kSignedAt = Utc(2026, 6, 1, 0, 1);
inline const WallTime kLeafEnd = Utc(2026, 6, 1, 0, 10);
inline const WallTime kNow = Utc(2026, 11, 1);

}  // namespace xzgate::testing
