#include "scanner/signature/group.h"

#include <gtest/gtest.h>

namespace xzgate::signature {
namespace {

// Signers by number; authorities by letter.
struct MetCase {
  std::string name;
  Group group;
  Vouchers vouchers;
  bool want;
};

class IsMetTest : public ::testing::TestWithParam<MetCase> {};

TEST_P(IsMetTest, CountsSigners) {
  EXPECT_EQ(IsMet(GetParam().group, GetParam().vouchers), GetParam().want);
}

Group Any(std::vector<std::string> names) {
  return {.at_least = 1, .authorities = std::move(names)};
}
Group All(std::vector<std::string> names) {
  return {.at_least = names.size(), .authorities = std::move(names)};
}
Group Threshold(std::size_t number, std::vector<std::string> names,
                std::vector<Group> groups = {}) {
  return {.at_least = number,
          .authorities = std::move(names),
          .groups = std::move(groups),
          .by_different_signers = true};
}

INSTANTIATE_TEST_SUITE_P(
    Table, IsMetTest,
    ::testing::Values(
        MetCase{"Nobody", Threshold(2, {"a", "b"}), {}, false},
        MetCase{"OneOfTwo", Threshold(2, {"a", "b"}), {{"a", {1}}}, false},
        MetCase{"OneAuthorityWithTwoSigners", Threshold(2, {"a", "b"}), {{"a", {1, 2}}}, false},
        MetCase{"OneSignerForBoth", Threshold(2, {"a", "b"}), {{"a", {1}}, {"b", {1}}}, false},
        MetCase{"TwoSigners", Threshold(2, {"a", "b"}), {{"a", {1}}, {"b", {2}}}, true},
        // Whoever is taken for "a" first has to make room.
        MetCase{
            "TheNarrowOneComesSecond", Threshold(2, {"a", "b"}), {{"a", {1, 2}}, {"b", {1}}}, true},
        MetCase{
            "TheNarrowOneComesFirst", Threshold(2, {"a", "b"}), {{"a", {2}}, {"b", {1, 2}}}, true},
        MetCase{"AChainOfThem",
                Threshold(3, {"a", "b", "c"}),
                {{"a", {1, 2}}, {"b", {1, 3}}, {"c", {1}}},
                true},
        MetCase{"TwoSignersForThree",
                Threshold(3, {"a", "b", "c"}),
                {{"a", {1, 2}}, {"b", {1, 2}}, {"c", {1, 2}}},
                false},
        MetCase{"TwoSignersForTwoOfThree",
                Threshold(2, {"a", "b", "c"}),
                {{"a", {1, 2}}, {"b", {1, 2}}, {"c", {1, 2}}},
                true},
        MetCase{"ANameTwice", Threshold(2, {"a", "a"}), {{"a", {1, 2}}}, false},
        MetCase{
            "AnyInside", Threshold(2, {"a"}, {Any({"b", "c"})}), {{"a", {1}}, {"c", {2}}}, true},
        MetCase{"AnyInsideByTheSame",
                Threshold(2, {"a"}, {Any({"b", "c"})}),
                {{"a", {1}}, {"b", {1}}, {"c", {1}}},
                false},
        MetCase{"AllInside",
                Threshold(2, {"a"}, {All({"b", "c"})}),
                {{"a", {1}}, {"b", {2}}, {"c", {3}}},
                true},
        MetCase{"AllInsideByOne",
                Threshold(2, {"a"}, {All({"b", "c"})}),
                {{"a", {1}}, {"b", {2}}, {"c", {2}}},
                true},
        MetCase{"AllInsideWithTheSame",
                Threshold(2, {"a"}, {All({"b", "c"})}),
                {{"a", {1}}, {"b", {1}}, {"c", {3}}},
                false},
        MetCase{"TwoOfAllInside",
                Threshold(2, {}, {All({"a", "b"}), All({"c", "d"})}),
                {{"a", {1}}, {"b", {2}}, {"c", {3}}, {"d", {4}}},
                true},
        MetCase{"TwoOfAllInsideThatShare",
                Threshold(2, {}, {All({"a", "b"}), All({"c", "d"})}),
                {{"a", {1}}, {"b", {2}}, {"c", {2}}, {"d", {4}}},
                false},
        MetCase{"AThresholdInside",
                Threshold(2, {"a"}, {Threshold(2, {"b", "c"})}),
                {{"a", {1}}, {"b", {2}}, {"c", {2}}},
                false},
        MetCase{"AllByOneSigner", All({"a", "b"}), {{"a", {1}}, {"b", {1}}}, true},
        MetCase{"AnyByOneSigner", Any({"a", "b"}), {{"b", {1}}}, true},
        MetCase{"AThresholdOfOne", Threshold(1, {"a", "b"}), {{"b", {1}}}, true},
        MetCase{"AThresholdOfNothing", Threshold(0, {"a"}), {{"a", {1}}}, false}),
    [](const auto& test) { return test.param.name; });

TEST(Describe, SaysWhatCounts) {
  EXPECT_EQ(Describe(All({"a", "b"})), "all of (a, b)");
  EXPECT_EQ(Describe(Any({"a", "b"})), "any of (a, b)");
  EXPECT_EQ(Describe(Threshold(2, {"a", "b"})), "2 of (a, b) by different signers");
  EXPECT_EQ(Describe(Threshold(1, {"a", "b"})), "any of (a, b)");
}

}  // namespace
}  // namespace xzgate::signature
