#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/oci/manifest.h"
#include "tests/support/result_matchers.h"

namespace xzgate::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const std::string kDiffId = "sha256:" + std::string(64, 'a');

TEST(ParseConfig, ReadsWhatWeUse) {
  const auto config = ParseConfig(
      R"({"architecture":"arm64","os":"linux","variant":"v8","created":"2024-03-29T00:00:00Z",
      "config":{"Env":["PATH=/bin","A=b"],"Labels":{"maintainer":"a","Maintainer":"b"}},
      "rootfs":{"type":"layers","diff_ids":[")" +
      kDiffId + R"("]},"history":[{"empty_layer":true}]})");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->platform.ToString(), "linux/arm64/v8");
  EXPECT_THAT(config->env, ElementsAre("PATH=/bin", "A=b"));
  EXPECT_THAT(config->diff_ids, ElementsAre(kDiffId));
}

TEST(ParseConfig, LeavesOutWhatIsMissing) {
  const auto config = ParseConfig(R"({"config":{"Env":null},"rootfs":null})");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->platform, Platform{});
  EXPECT_THAT(config->env, IsEmpty());
  EXPECT_THAT(config->diff_ids, IsEmpty());
}

std::string WithDiffIds(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i > 0 ? ",\"" : "\"") + kDiffId + "\"";
  return R"({"rootfs":{"diff_ids":[)" + list + "]}}";
}

TEST(ParseConfig, HoldsItsLimits) {
  EXPECT_THAT(ParseConfig(WithDiffIds(kMaxLayers)), IsOk());
  EXPECT_THAT(ParseConfig(WithDiffIds(kMaxLayers + 1)), ErrorIs(ErrorCode::kResourceExhausted));
  const std::string open = R"({"author":")";
  const std::string fits = open + std::string(kMaxConfigBytes - open.size() - 2, 'x') + "\"}";
  EXPECT_THAT(ParseConfig(fits), IsOk());
  EXPECT_THAT(ParseConfig(fits + " "), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(ParseConfig, RejectsDamage) {
  for (const std::string text :
       {"", "[]", "null", "{", R"({"os":1})", R"({"os":"linux","os":"windows"})",
        R"({"OS":"linux"})", R"({"config":[]})", R"({"config":{"Env":["a",1]}})",
        R"({"config":{"env":["a"]}})", R"({"rootfs":{"diff_ids":["sha256:aa"]}})",
        R"({"rootfs":{"diff_ids":{}}})", R"({"rootfs":{"Diff_IDs":[]}})", R"({"Rootfs":{}})",
        R"({} x)"}) {
    EXPECT_THAT(ParseConfig(text), ErrorIs(ErrorCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace xzgate::oci
