#include "scanner/oci/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::oci {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

TEST(Platform, PrintsWhatItParsed) {
  for (const std::string text :
       {"linux/amd64", "linux/arm/v7", "windows/amd64", "linux/mips64le"}) {
    const auto platform = Platform::Parse(text);
    ASSERT_THAT(platform, IsOk());
    EXPECT_EQ(platform->ToString(), text);
  }
}

TEST(Platform, RejectsWhatIsNone) {
  for (const std::string text : {"", "linux", "linux/", "/amd64", "linux/arm/v7/x", "Linux/amd64",
                                 "linux/amd 64", "linux//v8"}) {
    EXPECT_THAT(Platform::Parse(text), ErrorIs(ErrorCode::kInvalidArgument)) << text;
  }
}

TEST(Platform, ShowsWhatIsNotKnown) {
  EXPECT_EQ(Platform{}.ToString(), "unknown/unknown");
  EXPECT_FALSE(Platform{}.IsLinux());
}

struct SatisfiesCase {
  std::string name;
  std::string has;
  std::string wanted;
  bool want;
};

class PlatformSatisfies : public ::testing::TestWithParam<SatisfiesCase> {};

TEST_P(PlatformSatisfies, AsTheTableSays) {
  const auto has = Platform::Parse(GetParam().has);
  const auto wanted = Platform::Parse(GetParam().wanted);
  ASSERT_THAT(has, IsOk());
  ASSERT_THAT(wanted, IsOk());
  EXPECT_EQ(has->Satisfies(*wanted), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PlatformSatisfies,
    ::testing::Values(SatisfiesCase{"Same", "linux/amd64", "linux/amd64", true},
                      SatisfiesCase{"OtherArchitecture", "linux/arm64", "linux/amd64", false},
                      SatisfiesCase{"OtherOs", "windows/amd64", "linux/amd64", false},
                      SatisfiesCase{"AnyVariant", "linux/arm/v6", "linux/arm", true},
                      SatisfiesCase{"OtherVariant", "linux/arm/v6", "linux/arm/v7", false},
                      SatisfiesCase{"Arm64IsV8", "linux/arm64", "linux/arm64/v8", true},
                      SatisfiesCase{"ArmIsV7", "linux/arm", "linux/arm/v7", true},
                      SatisfiesCase{"Amd64IsNotV3", "linux/amd64", "linux/amd64/v3", false}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace xzgate::oci
