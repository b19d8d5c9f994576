#include "scanner/facts/probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xzgate::facts {
namespace {

using ::testing::Not;
using ::testing::StartsWith;

Probes Some() {
  return {.patterns = {{.name = "p", .bytes = "ab", .machine = 62}}, .symbols = {"s"}};
}

TEST(ProbesTest, TheVersionNamesExtractorsAndProbes) {
  EXPECT_EQ(Some().Version(), Some().Version());
  EXPECT_THAT(Some().Version(), StartsWith("2-"));
}

TEST(ProbesTest, EveryFieldCounts) {
  std::vector<Probes> others(5, Some());
  others[0].patterns[0].name = "q";
  others[1].patterns[0].bytes = "ac";
  others[2].patterns[0].machine = 3;
  others[3].symbols = {"s", ""};
  others[4] = {.patterns = {{.name = "pa", .bytes = "b", .machine = 62}}, .symbols = {"s"}};
  for (const Probes& other : others) EXPECT_NE(other.Version(), Some().Version());
}

}  // namespace
}  // namespace xzgate::facts
