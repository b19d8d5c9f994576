#include "base/http/retry_after.h"

#include <gtest/gtest.h>

namespace xzgate::http {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow = std::chrono::sys_days(std::chrono::November / 24 / 2026) + 10h;

TEST(RetryAfterTest, ReadsSecondsAndDates) {
  EXPECT_EQ(ParseRetryAfter("0", kNow), 0ms);
  EXPECT_EQ(ParseRetryAfter(" 60 ", kNow), 60s);
  EXPECT_EQ(ParseRetryAfter("Tue, 24 Nov 2026 10:00:30 GMT", kNow), 30s);
  EXPECT_EQ(ParseRetryAfter("Tue, 24 Nov 2026 09:00:00 GMT", kNow), 0ms);
}

TEST(RetryAfterTest, BoundsLongTimes) {
  EXPECT_EQ(ParseRetryAfter("86400", kNow), 24h);
  EXPECT_EQ(ParseRetryAfter("86401", kNow), 24h);
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999", kNow), 24h);
  EXPECT_EQ(ParseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", kNow), 24h);
}

TEST(RetryAfterTest, IgnoresJunk) {
  for (const char* text : {"", "-1", "+1", "1.5", "1s", "soon", "0x10", "Tue, 24 Nov 2026 10:00:30",
                           "nan", "Tue, 24 Nov 2026 25:00:00 GMT", "Tue, 31 Feb 2026 10:00:00 GMT",
                           "Tue, 24 Xxx 2026 10:00:00 GMT", "Tue, +4 Nov 2026 10:00:00 GMT"}) {
    EXPECT_FALSE(ParseRetryAfter(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace xzgate::http
