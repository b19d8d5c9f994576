#include "base/json/value.h"

#include <limits>

namespace xzgate::json {
namespace {

TEST(ValueTest, KnowsItsType) {
  EXPECT_EQ(Value().TypeName(), "null");
  EXPECT_EQ(Value(true).TypeName(), "bool");
  EXPECT_EQ(Value(1).TypeName(), "number");
  EXPECT_EQ(Value(UINT64_MAX).TypeName(), "number");
  EXPECT_EQ(Value(1.5).TypeName(), "number");
  EXPECT_EQ(Value("a").TypeName(), "string");
  EXPECT_EQ(Value(Array{}).TypeName(), "array");
  EXPECT_EQ(Value(Object{}).TypeName(), "object");
}

TEST(ValueTest, ALiteralIsTextAndNotABool) {
  EXPECT_EQ(*Value("true").AsString(), "true");
}

TEST(ValueTest, WholeNumbersAreExactAtTheirBounds) {
  EXPECT_EQ(Value(INT64_MIN).AsInt(), INT64_MIN);
  EXPECT_EQ(Value(INT64_MIN).AsUint(), std::nullopt);
  EXPECT_EQ(Value(UINT64_MAX).AsUint(), UINT64_MAX);
  EXPECT_EQ(Value(UINT64_MAX).AsInt(), std::nullopt);
  EXPECT_EQ(Value(std::uint64_t{INT64_MAX}).AsInt(), INT64_MAX);
  EXPECT_EQ(Value(std::uint64_t{1} << 63).AsInt(), std::nullopt);
  EXPECT_EQ(Value(std::uint64_t{7}), Value(7));
}

TEST(ValueTest, AFractionIsNoWholeNumber) {
  EXPECT_EQ(Value(2.0).AsInt(), std::nullopt);
  EXPECT_EQ(Value(2.0).AsUint(), std::nullopt);
  EXPECT_EQ(Value(2).AsDouble(), 2.0);
  EXPECT_EQ(Value("2").AsDouble(), std::nullopt);
}

TEST(ValueTest, FindsMembersOfObjectsOnly) {
  const Value object(Object{{"a", 1}, {"b", "x"}});
  ASSERT_NE(object.Find("b"), nullptr);
  EXPECT_EQ(*object.Find("b"), Value("x"));
  EXPECT_EQ(object.Find("c"), nullptr);
  EXPECT_EQ(Value(Array{1}).Find("a"), nullptr);
}

}  // namespace
}  // namespace xzgate::json
