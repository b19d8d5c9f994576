#include "base/rfc3339.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "tests/support/result_matchers.h"

namespace xzgate {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

struct AcceptCase {
  std::string name;
  std::string text;
  std::string want;  // as ToRfc3339 writes it
};

class Rfc3339Accepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(Rfc3339Accepts, AsTheMomentItIs) {
  const auto time = ParseRfc3339(GetParam().text);
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(ToRfc3339(*time), GetParam().want);
}

const AcceptCase kAccepted[] = {
    {"Plain", "2026-11-24T09:51:48Z", "2026-11-24T09:51:48.000Z"},
    {"OneDigit", "2026-11-24T09:51:48.5Z", "2026-11-24T09:51:48.500Z"},
    {"Milliseconds", "2022-12-31T23:59:59.999Z", "2022-12-31T23:59:59.999Z"},
    {"Microseconds", "2022-12-31T23:59:59.999000Z", "2022-12-31T23:59:59.999Z"},
    {"NanosecondsAreCutOff", "2022-12-31T23:59:59.999999999Z", "2022-12-31T23:59:59.999Z"},
    {"Epoch", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
    {"BeforeTheEpochWithFraction", "1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"},
    {"LeapDay", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
    {"LeapDayOf2000", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
    {"Ahead", "2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"},
    {"Behind", "2025-12-31T20:00:00-04:30", "2026-01-01T00:30:00.000Z"},
    {"UnknownOffset", "2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.000Z"},
    {"LastYear", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"},
};

INSTANTIATE_TEST_SUITE_P(Times, Rfc3339Accepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  std::string text;
};

class Rfc3339Rejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(Rfc3339Rejects, AsInvalid) {
  EXPECT_THAT(ParseRfc3339(GetParam().text), ErrorIs(ErrorCode::kInvalidArgument));
}

const RejectCase kRejected[] = {
    {"Empty", ""},
    {"OnlyADate", "2026-11-24"},
    {"NoZone", "2026-11-24T09:51:48"},
    {"LowerCaseT", "2026-11-24t09:51:48Z"},
    {"LowerCaseZ", "2026-11-24T09:51:48z"},
    {"SpaceForT", "2026-11-24 09:51:48Z"},
    {"SpaceBefore", " 2026-11-24T09:51:48Z"},
    {"SpaceAfter", "2026-11-24T09:51:48Z "},
    {"NewlineAfter", "2026-11-24T09:51:48Z\n"},
    {"NoFractionAfterPoint", "2026-11-24T09:51:48.Z"},
    {"TenDigits", "2026-11-24T09:51:48.1234567890Z"},
    {"CommaForPoint", "2026-11-24T09:51:48,5Z"},
    {"SecondSixty", "2016-12-31T23:59:60Z"},
    {"MinuteSixty", "2026-11-24T09:60:00Z"},
    {"HourTwentyFour", "2026-11-24T24:00:00Z"},
    {"MonthZero", "2026-00-24T00:00:00Z"},
    {"MonthThirteen", "2026-13-24T00:00:00Z"},
    {"DayZero", "2026-11-00T00:00:00Z"},
    {"NovemberThirtyFirst", "2026-11-31T00:00:00Z"},
    {"NoLeapDay", "2026-02-29T00:00:00Z"},
    {"NoLeapDayIn1900", "1900-02-29T00:00:00Z"},
    {"YearZero", "0000-01-01T00:00:00Z"},
    {"FiveDigitYear", "10000-01-01T00:00:00Z"},
    {"Sign", "-026-01-01T00:00:00Z"},
    {"PlusInAField", "2026-+1-01T00:00:00Z"},
    {"OffsetWithoutColon", "2026-11-24T09:51:48+0100"},
    {"OffsetTooFar", "2026-11-24T09:51:48+24:00"},
    {"OffsetAndZ", "2026-11-24T09:51:48+01:00Z"},
    {"NulByte", std::string("2026-11-24T09:51:48Z\0", 21)},
};

INSTANTIATE_TEST_SUITE_P(Times, Rfc3339Rejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

TEST(Rfc3339, SaysWhatWasFound) {
  EXPECT_THAT(ParseRfc3339("yesterday").error().message(), ::testing::HasSubstr("\"yesterday\""));
}

}  // namespace
}  // namespace xzgate
