#include "webhook/kube/server_clock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace xzgate::kube {
namespace {

constexpr WallTime kTheirs =
    std::chrono::sys_days(std::chrono::November / 24 / 2026) + std::chrono::hours(10);

TEST(ServerClockTest, IsOurOwnUntilTheyTellTheirs) {
  const testing::FakeClock clock;
  ServerClock server(clock);
  EXPECT_EQ(server.Now(), clock.WallNow());
  server.Note("yesterday");
  EXPECT_EQ(server.Now(), clock.WallNow());
}

TEST(ServerClockTest, GoesOnFromTheirs) {
  testing::FakeClock clock;
  ServerClock server(clock);
  server.Note("Tue, 24 Nov 2026 10:00:00 GMT");
  EXPECT_EQ(server.Now(), kTheirs);
  clock.Advance(std::chrono::seconds(90));
  EXPECT_EQ(server.Now(), kTheirs + std::chrono::seconds(90));
  server.Note("Tue, 24 Nov 2026 10:01:00 GMT");
  EXPECT_EQ(server.Now(), kTheirs + std::chrono::seconds(60));
}

}  // namespace
}  // namespace xzgate::kube
