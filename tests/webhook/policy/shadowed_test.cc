#include "webhook/policy/shadowed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::policy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::xzgate::testing::IsOk;

std::string Document(const std::string& name, const std::string& spec) {
  return "---\napiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: " + name +
         "}\nspec: {" + spec + "}\n";
}

std::vector<std::string> NotesOf(const std::string& first, const std::string& second) {
  const auto set = PolicySet::Parse(
      {{"a.yaml", Document("first", first)}, {"b.yaml", Document("second", second)}});
  EXPECT_THAT(set, IsOk());
  return set ? set->notes() : std::vector<std::string>();
}

// Two ready policies for the same images: the second one's signatures are never asked for.
TEST(ShadowedTest, NamesBothDocuments) {
  EXPECT_THAT(NotesOf("images: [\"reg.example/shop/**\"], mode: audit",
                      "images: [\"reg.example/shop/**\"]"),
              ElementsAre(AllOf(HasSubstr("b.yaml:4:18: metadata.name: note: \"second\" never"),
                                HasSubstr("\"first\" (a.yaml:4:18: metadata.name)"))));
}

struct ShadowCase {
  std::string name;
  std::string first;
  std::string second;
  bool is_shadowed;
};

class ShadowedTable : public ::testing::TestWithParam<ShadowCase> {};

TEST_P(ShadowedTable, IsNoted) {
  EXPECT_EQ(!NotesOf(GetParam().first, GetParam().second).empty(), GetParam().is_shadowed);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ShadowedTable,
    ::testing::Values(ShadowCase{"BothCoverAll", "mode: audit", "mode: enforce", true},
                      ShadowCase{"AllByStar", "images: [\"*\"]", "", true},
                      ShadowCase{"WithinAll", "", "images: [\"reg.example/*\"]", true},
                      ShadowCase{"AllBehindSome", "images: [\"reg.example/*\"]", "", false},
                      ShadowCase{"EachOfSeveral", "images: [\"reg.example/**\", \"b.example/**\"]",
                                 "images: [\"b.example/x\", \"reg.example/y/*\"]", true},
                      ShadowCase{"OneIsLeft", "images: [\"reg.example/**\"]",
                                 "images: [\"reg.example/a\", \"c.example/a\"]", false},
                      ShadowCase{"OfOtherNamespaces", "namespaces: [\"prod-*\"]", "", false},
                      ShadowCase{"WithinNamespaces", "namespaces: [\"prod-*\", dev]",
                                 "namespaces: [prod-eu, dev]", true},
                      ShadowCase{"EveryNamespaceByStar", "namespaces: [\"*\"]", "", true},
                      ShadowCase{"OneNamespaceIsLeft", "namespaces: [\"prod-*\"]",
                                 "namespaces: [prod-eu, dev]", false}),
    [](const auto& test) { return test.param.name; });

TEST(ShadowedTest, AnExceptionBeforeTheRestIsNone) {
  EXPECT_THAT(NotesOf("images: [\"reg.example/shop/legacy\"]", "images: [\"reg.example/**\"]"),
              IsEmpty());
}

}  // namespace
}  // namespace xzgate::policy
