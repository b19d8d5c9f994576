#include "base/http/speed_window.h"

#include <gtest/gtest.h>

namespace xzgate::http {
namespace {

using namespace std::chrono_literals;

TEST(SpeedWindowTest, JudgesOnlyWholeWindows) {
  SpeedWindow window(100, 30s);
  EXPECT_FALSE(window.IsTooSlow(0, 29s));
  EXPECT_TRUE(window.IsTooSlow(2999, 1s));
}

TEST(SpeedWindowTest, TakesTheMinimumItself) {
  SpeedWindow window(100, 30s);
  EXPECT_FALSE(window.IsTooSlow(3000, 30s));
}

TEST(SpeedWindowTest, StartsEachWindowAfresh) {
  SpeedWindow window(100, 30s);
  EXPECT_FALSE(window.IsTooSlow(1'000'000, 30s));
  EXPECT_TRUE(window.IsTooSlow(0, 30s));
}

TEST(SpeedWindowTest, HasNoMinimumAtZero) {
  SpeedWindow window(0, 30s);
  EXPECT_FALSE(window.IsTooSlow(0, 24h));
}

}  // namespace
}  // namespace xzgate::http
