#include "base/clock.h"

#include "tests/support/fake_clock.h"

namespace xzgate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeClock;

TEST(Rfc3339Test, IsUtcWithMilliseconds) {
  EXPECT_EQ(ToRfc3339(WallTime(milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(ToRfc3339(WallTime(milliseconds(1'709'210'096'007))), "2024-02-29T12:34:56.007Z");
  EXPECT_EQ(ToRfc3339(WallTime(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(DeadlineTest, PassesAtItsMomentAndNotBefore) {
  const FakeClock clock;
  const SteadyTime now = clock.Now();
  const Deadline deadline = Deadline::After(now, milliseconds(10));
  EXPECT_FALSE(deadline.HasPassed(now + milliseconds(9)));
  EXPECT_TRUE(deadline.HasPassed(now + milliseconds(10)));
}

TEST(DeadlineTest, RemainingIsRoundedUpAndNeverNegative) {
  const SteadyTime now = FakeClock().Now();
  const Deadline deadline = Deadline::After(now, milliseconds(10));
  EXPECT_EQ(deadline.Remaining(now), milliseconds(10));
  EXPECT_EQ(deadline.Remaining(now + std::chrono::microseconds(9'999)), milliseconds(1));
  EXPECT_EQ(deadline.Remaining(now + seconds(5)), milliseconds(0));
}

TEST(DeadlineTest, NeverDoesNotPassAndFitsAnInt) {
  const Deadline never = Deadline::Never();
  EXPECT_TRUE(never.IsNever());
  EXPECT_FALSE(never.HasPassed(SteadyTime(std::chrono::hours(1'000'000))));
  EXPECT_LE(never.Remaining(SteadyTime()).count(), INT32_MAX);
  EXPECT_GT(never.Remaining(SteadyTime()), std::chrono::hours(500));
}

TEST(DeadlineTest, MinIsTheEarlier) {
  const SteadyTime now = FakeClock().Now();
  const Deadline soon = Deadline::After(now, seconds(1));
  const Deadline late = Deadline::After(now, seconds(2));
  EXPECT_EQ(soon.Min(late), soon);
  EXPECT_EQ(late.Min(soon), soon);
  EXPECT_EQ(late.Min(Deadline::Never()), late);
}

TEST(FakeClockTest, MovesOnlyWhenTold) {
  FakeClock clock;
  const SteadyTime steady = clock.Now();
  const WallTime wall = clock.WallNow();
  EXPECT_EQ(ToRfc3339(wall), "2026-01-01T00:00:00.000Z");
  clock.Advance(seconds(3));
  EXPECT_EQ(clock.Now() - steady, seconds(3));
  EXPECT_EQ(clock.WallNow() - wall, seconds(3));
  clock.SetWall(wall - seconds(60));
  EXPECT_EQ(clock.WallNow(), wall - seconds(60));
  EXPECT_EQ(clock.Now() - steady, seconds(3));
}

TEST(SystemClockTest, SteadyTimeDoesNotGoBack) {
  const SystemClock clock;
  const SteadyTime first = clock.Now();
  EXPECT_GE(clock.Now(), first);
  EXPECT_GT(clock.WallNow(), WallTime(std::chrono::sys_days(std::chrono::January / 1 / 2024)));
}

}  // namespace
}  // namespace xzgate
