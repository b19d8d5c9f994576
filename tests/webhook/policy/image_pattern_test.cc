#include "webhook/policy/image_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "webhook/policy/policy.h"

namespace xzgate::policy {
namespace {

struct PairCase {
  std::string name;
  std::string outer;
  std::string inner;
  bool covers;
  bool disjoint = false;
};

class PatternPairTest : public ::testing::TestWithParam<PairCase> {};

TEST_P(PatternPairTest, Covers) {
  EXPECT_EQ(CoversPattern(GetParam().outer, GetParam().inner), GetParam().covers);
}

TEST_P(PatternPairTest, IsDisjointBothWays) {
  EXPECT_EQ(AreDisjoint(GetParam().outer, GetParam().inner), GetParam().disjoint);
  EXPECT_EQ(AreDisjoint(GetParam().inner, GetParam().outer), GetParam().disjoint);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PatternPairTest,
    ::testing::Values(
        PairCase{"Equal", "reg.example/shop/**", "reg.example/shop/**", true},
        PairCase{"Everything", "**", "reg.example/shop/**", true},
        PairCase{"EverythingByStar", "*", "reg.example/shop/**", true},
        PairCase{"NotEverything", "reg.example/**", "*", false},
        PairCase{"EveryHost", "*/**", "reg.example/shop/**", true},
        PairCase{"AllOfAHost", "reg.example/**", "reg.example/shop/*", true},
        PairCase{"BelowThePrefix", "reg.example/shop/**", "reg.example/shop/a/**", true},
        PairCase{"AboveThePrefix", "reg.example/shop/a/**", "reg.example/shop/**", false},
        PairCase{"OneName", "reg.example/shop/*", "reg.example/shop/api", true},
        PairCase{"StarInStar", "reg.example/*/api", "reg.example/sh*/api", true},
        PairCase{"DeepInStar", "reg.example/*", "reg.example/**", false},
        PairCase{"StarInQuestion", "reg.example/?", "reg.example/*", false},
        PairCase{"SameHostByPort", "reg.example:443/**", "reg.example/shop/**", true},
        PairCase{"SameHub", "docker.io/library/*", "index.docker.io/library/nginx", true},
        PairCase{"Typo", "reg.example/shop/**", "reg.example/shopp/**", false, true},
        PairCase{"PrefixOfAName", "reg.example/shop**", "reg.example/shopp/**", true},
        PairCase{"NameAboveFolder", "reg.example/shop/**", "reg.example/shop", false, true},
        PairCase{"OtherHost", "reg.example/**", "other.example/**", false, true},
        PairCase{"HostThatIsAPrefix", "reg.example/**", "reg.example.evil.test/**", false, true},
        PairCase{"OtherDomain", "*.a.example/**", "*.b.example/**", false, true},
        PairCase{"PerhapsBoth", "*.example/shop/*", "reg.*/shop/api*", false},
        PairCase{"OtherPathOfAnyHost", "*/shop/**", "*/pay/**", false, true},
        PairCase{"OtherNameInAnyFolder", "reg.example/**/api", "reg.example/**/web", false, true}),
    [](const auto& test) { return test.param.name; });

// Whatever is said of two patterns holds for every image.
TEST(PatternPairTest, AgreesWithWhatPatternsCover) {
  const std::vector<std::string> patterns = {
      "*",           "a.x/**",   "a.x/*",   "a.x/?",  "a.x/b",  "a.x/b/**", "a.x/b*",
      "a.x/*/c",     "a.x/**/c", "a.x/b/*", "*.x/b",  "*/b/**", "a.x/b**",  "a.x/?*",
      "a.x:443/b/c", "a.*/**",   "a.x/b/c", "b.x/**", "?.x/**", "a.x/*b",   "a.x/**b"};
  std::vector<oci::Repository> images;
  for (const char* host : {"a.x", "b.x", "a.y", "a.x:443"}) {
    for (const char* path : {"b", "c", "bb", "b/c", "c/c", "b/b/c", "bc/b", "b/bb"})
      images.push_back({host, path});
  }
  for (const auto& outer : patterns) {
    for (const auto& inner : patterns) {
      for (const auto& image : images) {
        if (!CoversImage(inner, image)) continue;
        const bool covered = CoversImage(outer, image);
        EXPECT_TRUE(covered || !CoversPattern(outer, inner)) << outer << " over " << inner;
        EXPECT_FALSE(covered && AreDisjoint(outer, inner)) << outer << " beside " << inner;
      }
    }
  }
}

}  // namespace
}  // namespace xzgate::policy
