#include "scanner/worker/signature_schedule.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace xzgate::worker {
namespace {

using signature::Outcome;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kNow = std::chrono::sys_days(std::chrono::January / 1 / 2026);
constexpr milliseconds kOne{1};

// A state that was made `age` ago.
store::SignatureState State(Outcome outcome, milliseconds age, milliseconds life) {
  return {
      .requirement = "f", .outcome = outcome, .made = kNow - age, .valid_until = kNow - age + life};
}
store::SignatureState Verified(milliseconds age, milliseconds life = hours(24)) {
  return State(Outcome::kVerified, age, life);
}
store::SignatureState Unsigned(milliseconds age) {
  return State(Outcome::kUnsigned, age, minutes(1));
}

TEST(FindState, GoesByTheRequirement) {
  const std::vector<store::SignatureState> states = {Verified(hours(0))};
  EXPECT_EQ(FindState(states, "f"), states.data());
  EXPECT_EQ(FindState(states, "g"), nullptr);
}

struct MustCase {
  std::string name;
  std::optional<store::SignatureState> state;
  bool must;
};

class MustVerifyTest : public ::testing::TestWithParam<MustCase> {};

TEST_P(MustVerifyTest, WhenWhatIsStoredWillNotDo) {
  const auto& state = GetParam().state;
  EXPECT_EQ(MustVerify(state ? &*state : nullptr, kNow), GetParam().must);
}

INSTANTIATE_TEST_SUITE_P(
    All, MustVerifyTest,
    ::testing::Values(MustCase{"Nothing", std::nullopt, true},
                      MustCase{"FreshVerified", Verified(milliseconds(0)), false},
                      MustCase{"VerifiedBeforeRenewal", Verified(hours(23) - kOne), false},
                      MustCase{"VerifiedAtRenewal", Verified(hours(23)), true},
                      MustCase{"ShortLivedBeforeRenewal", Verified(minutes(3) - kOne, minutes(4)),
                               false},
                      MustCase{"ShortLivedAtRenewal", Verified(minutes(3), minutes(4)), true},
                      MustCase{"VerifiedThatEnded", Verified(hours(24)), true},
                      MustCase{"VerifiedOfAnotherClock", Verified(-hours(1)), true},
                      MustCase{"FreshDenial", Unsigned(seconds(5) - kOne), false},
                      MustCase{"StaleDenial", Unsigned(seconds(5)), true},
                      MustCase{"DenialThatEnded", Unsigned(minutes(1)), true}),
    [](const auto& test) { return test.param.name; });

struct ScheduleCase {
  std::string name;
  std::optional<store::SignatureState> state;
  milliseconds unseen;  // since somebody asked for the image
  bool scheduled;
};

class ScheduleTest : public ::testing::TestWithParam<ScheduleCase> {};

TEST_P(ScheduleTest, LooksAgainInTime) {
  const auto& state = GetParam().state;
  EXPECT_EQ(IsScheduled(state ? &*state : nullptr, kNow - GetParam().unseen, kNow),
            GetParam().scheduled);
}

INSTANTIATE_TEST_SUITE_P(
    All, ScheduleTest,
    ::testing::Values(
        ScheduleCase{"Nothing", std::nullopt, hours(1), true},
        ScheduleCase{"FreshVerified", Verified(hours(1)), hours(1), false},
        ScheduleCase{"VerifiedBeforeItsEnd", Verified(hours(23)), hours(1), true},
        ScheduleCase{"DenialOfAMinute", Unsigned(minutes(1)), minutes(0), false},
        ScheduleCase{"DenialBeforeTenMinutes", Unsigned(minutes(10) - kOne), minutes(10), false},
        ScheduleCase{"DenialOfTenMinutes", Unsigned(minutes(10)), minutes(10), true},
        ScheduleCase{"DenialThatFewAskFor", Unsigned(hours(2) - kOne), hours(4), false},
        ScheduleCase{"DenialThatFewAskForInTime", Unsigned(hours(2)), hours(4), true},
        ScheduleCase{"DenialOfAnotherClock", Unsigned(-hours(1)), minutes(0), true}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::worker
