#include "scanner/registry/host_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::hours;
using ::std::chrono::milliseconds;
using ::std::chrono::seconds;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::IsOk;

struct WindowCase {
  std::string name;
  int status;
  std::optional<std::string> retry_after;
  milliseconds want;
};

class HostWindowsTable : public ::testing::TestWithParam<WindowCase> {};

TEST_P(HostWindowsTable, TakesNote) {
  const FakeClock clock;
  HostWindows windows(clock);
  http::Response response{.status = GetParam().status,
                          .headers = {},
                          .url = *http::Url::Parse("https://reg.example/"),
                          .body = nullptr};
  if (GetParam().retry_after) response.headers.Add("retry-after", *GetParam().retry_after);
  windows.Note("reg.example", response);
  EXPECT_EQ(windows.BusyFor("reg.example"), GetParam().want);
  EXPECT_EQ(windows.BusyFor("other.example"), milliseconds(0));
}

// FakeClock starts at 2026-01-01T00:00:00Z.
INSTANTIATE_TEST_SUITE_P(
    Table, HostWindowsTable,
    ::testing::Values(WindowCase{"Seconds", 429, "90", seconds(90)},
                      WindowCase{"Date", 503, "Thu, 01 Jan 2026 00:02:00 GMT", seconds(120)},
                      WindowCase{"PastDate", 503, "Wed, 31 Dec 2025 23:59:00 GMT", seconds(0)},
                      WindowCase{"Huge", 429, "99999999999999999999", hours(1)},
                      WindowCase{"JustAboveTheCap", 429, "3601", hours(1)},
                      WindowCase{"Negative", 429, "-5", HostWindows::kBareWindow},
                      WindowCase{"Junk503", 503, "soon", seconds(0)},
                      WindowCase{"Bare429", 429, std::nullopt, HostWindows::kBareWindow},
                      WindowCase{"Bare503", 503, std::nullopt, seconds(0)},
                      WindowCase{"Zero", 429, "0", seconds(0)},
                      WindowCase{"OtherStatus", 500, "90", seconds(0)},
                      WindowCase{"Ok", 200, "90", seconds(0)}),
    [](const auto& param) { return param.param.name; });

TEST(HostWindows, RemembersSoManyHostsAndTheirWindowsFirst) {
  FakeClock clock;
  HostWindows windows(clock);
  const http::Response response{.status = 429,
                                .headers = {{"Retry-After", "60"}},
                                .url = *http::Url::Parse("https://reg.example/"),
                                .body = nullptr};
  for (std::size_t i = 0; i < HostWindows::kMaxHosts; ++i) {
    windows.Note("host" + std::to_string(i), response);
  }
  const std::string last = "host" + std::to_string(HostWindows::kMaxHosts - 1);
  EXPECT_EQ(windows.BusyFor(last), seconds(60));
  windows.Note("late.example", response);
  EXPECT_EQ(windows.BusyFor("late.example"), seconds(0));
  clock.Advance(seconds(30));
  windows.Note(last, response);  // it has its place
  EXPECT_EQ(windows.BusyFor(last), seconds(60));
  clock.Advance(seconds(30));  // all others are over
  windows.Note("late.example", response);
  EXPECT_EQ(windows.BusyFor("late.example"), seconds(60));
  EXPECT_EQ(windows.BusyHosts().size(), 2U);
}

TEST(HostWindows, EndsInTimeAndNeverShrinks) {
  FakeClock clock;
  HostWindows windows(clock);
  http::Response response{.status = 429,
                          .headers = {{"Retry-After", "60"}},
                          .url = *http::Url::Parse("https://reg.example/"),
                          .body = nullptr};
  windows.Note("reg.example", response);
  response.headers = {{"Retry-After", "5"}};
  windows.Note("reg.example", response);
  EXPECT_THAT(windows.Check("reg.example"),
              ErrorIs(ErrorCode::kUnavailable,
                      R"("reg.example": asked to wait until 2026-01-01T00:01:00)"));
  clock.Advance(seconds(59));
  EXPECT_EQ(windows.BusyFor("reg.example"), seconds(1));
  clock.Advance(seconds(1));
  EXPECT_THAT(windows.Check("reg.example"), IsOk());
}

}  // namespace
}  // namespace xzgate::registry
