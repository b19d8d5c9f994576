#include "base/yaml/units.h"

namespace xzgate::yaml {
namespace {

TEST(DurationTest, ReadsEveryUnitAndPrintsTheShortest) {
  EXPECT_EQ(ParseDuration("250ms"), 250);
  EXPECT_EQ(ParseDuration("90s"), 90'000);
  EXPECT_EQ(ParseDuration("5m"), 300'000);
  EXPECT_EQ(ParseDuration("2h"), 7'200'000);
  EXPECT_EQ(ParseDuration("1d"), 86'400'000);
  EXPECT_EQ(ParseDuration("0s"), 0);
  for (const char* text : {"250ms", "90s", "5m", "2h", "1d", "25h", "1001ms", "0ms"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
}

TEST(DurationTest, RejectsEverythingElse) {
  for (const char* text : {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5h", "5S", "5sec",
                           "1h30m", "99999999999999999999s", "106751991168d"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(DurationTest, StopsAt63Bits) {
  EXPECT_EQ(ParseDuration("9223372036854775807ms"), INT64_MAX);
  EXPECT_EQ(ParseDuration("9223372036854775808ms"), std::nullopt);
}

TEST(BytesTest, ReadsEveryUnitAndPrintsTheShortest) {
  EXPECT_EQ(ParseBytes("4096"), 4096U);
  EXPECT_EQ(ParseBytes("64KiB"), 64U << 10);
  EXPECT_EQ(ParseBytes("7MiB"), 7U << 20);
  EXPECT_EQ(ParseBytes("1GiB"), 1U << 30);
  for (const char* text : {"0", "1", "1025", "64KiB", "7MiB", "1GiB"}) {
    EXPECT_EQ(FormatBytes(*ParseBytes(text)), text);
  }
}

TEST(BytesTest, RejectsEverythingElse) {
  for (const char* text : {"", "KiB", "1KB", "1K", "1 MiB", "-1", "1.5MiB", "1mib", "1B",
                           "18446744073709551616", "17179869184GiB"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace xzgate::yaml
