#include "scanner/signature/expression_anchors.h"

#include <gtest/gtest.h>

namespace xzgate::signature {
namespace {

struct AnchorsCase {
  std::string name;
  std::string expression;
  Anchors want;
  std::string with_both;
};

class AnchorsTest : public ::testing::TestWithParam<AnchorsCase> {};

TEST_P(AnchorsTest, AreJudged) {
  EXPECT_EQ(AnchorsOf(GetParam().expression), GetParam().want);
}

TEST_P(AnchorsTest, CanBeAdded) {
  EXPECT_EQ(WithAnchors(GetParam().expression), GetParam().with_both);
  EXPECT_EQ(AnchorsOf(GetParam().with_both), Anchors::kBoth);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnchorsTest,
    ::testing::Values(
        AnchorsCase{"Empty", "", Anchors::kNone, "^$"},
        AnchorsCase{"None", "a.*b", Anchors::kNone, "^a.*b$"},
        AnchorsCase{"Both", "^a$", Anchors::kBoth, "^a$"},
        AnchorsCase{"BothByLetters", "\\Aa\\z", Anchors::kBoth, "^a$"},
        AnchorsCase{"BothAfterFlags", "(?i)^a$", Anchors::kBoth, "(?i)^a$"},
        AnchorsCase{"NoneAfterFlags", "(?is)a.*", Anchors::kNone, "(?is)^a.*$"},
        AnchorsCase{"Begin", "^a.*", Anchors::kSome, "^a.*$"},
        AnchorsCase{"End", ".*a$", Anchors::kSome, "^.*a$"},
        AnchorsCase{"EndIsEscaped", "^a\\$", Anchors::kSome, "^a\\$$"},
        AnchorsCase{"EndAfterEscapedBackslash", "^a\\\\$", Anchors::kBoth, "^a\\\\$"},
        AnchorsCase{"LetterAfterEscapedBackslash", "^a\\\\z", Anchors::kSome, "^a\\\\z$"},
        AnchorsCase{"Alternatives", "a|b", Anchors::kNone, "^(?:a|b)$"},
        AnchorsCase{"HalfOfEachAlternative", "^a|b$", Anchors::kSome, "^(?:a|b)$"},
        AnchorsCase{"AlternativesInAGroup", "^(a|b)$", Anchors::kBoth, "^(a|b)$"},
        AnchorsCase{"AlternativesAfterAGroup", "^(a)|(b)$", Anchors::kSome, "^(?:(a)|(b))$"},
        AnchorsCase{"BarIsEscaped", "^a\\|b$", Anchors::kBoth, "^a\\|b$"},
        AnchorsCase{"BarInAClass", "^[a|b]$", Anchors::kBoth, "^[a|b]$"},
        AnchorsCase{"BarInAClassThatBeginsWithABracket", "^[]|]$", Anchors::kBoth, "^[]|]$"},
        AnchorsCase{"BarInSuchANegatedClass", "^[^]|]$", Anchors::kBoth, "^[^]|]$"},
        AnchorsCase{"GroupInAClass", "^[(]|b$", Anchors::kSome, "^(?:[(]|b)$"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::signature
