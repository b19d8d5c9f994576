#include "scanner/registry/challenge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

// The challenges in one line: `scheme(name=value,name=value) scheme:token68`.
std::string Print(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& challenge : challenges) {
    text += (text.empty() ? "" : " ") + challenge.scheme;
    if (!challenge.token68.empty()) text += ":" + challenge.token68;
    if (challenge.params.empty()) continue;
    std::string list;
    for (const auto& [name, value] : challenge.params)
      list += (list.empty() ? "" : "|") + name + "=" + value;
    text += "(" + list + ")";
  }
  return text;
}

struct AcceptCase {
  std::string name;
  std::string header;
  std::string want;
};

class ChallengeAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(ChallengeAccepts, AsTheTableSays) {
  const auto challenges = ParseChallenges(GetParam().header);
  ASSERT_THAT(challenges, IsOk());
  EXPECT_EQ(Print(*challenges), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChallengeAccepts,
    ::testing::Values(
        AcceptCase{
            "Bearer",
            R"(Bearer realm="https://auth.example/token",service="reg.example",scope="repository:a/b:pull,push")",
            "bearer(realm=https://auth.example/token|service=reg.example|scope=repository:a/"
            "b:pull,push)"},
        AcceptCase{"Basic", R"(Basic realm="Registry Realm")", "basic(realm=Registry Realm)"},
        AcceptCase{"SpacesAroundEquals", R"(BEARER Realm = "x" ,  Service= y)",
                   "bearer(realm=x|service=y)"},
        AcceptCase{"Two", R"(Basic realm="a", Bearer realm="b",service=c)",
                   "basic(realm=a) bearer(realm=b|service=c)"},
        AcceptCase{"SchemeAlone", "Negotiate", "negotiate"},
        AcceptCase{"SchemeAloneThenAnother", R"(Negotiate, Basic realm="a")",
                   "negotiate basic(realm=a)"},
        AcceptCase{"Token68", R"(Negotiate a87421000492aa874209af8bc028==, Basic realm=a)",
                   "negotiate:a87421000492aa874209af8bc028== basic(realm=a)"},
        AcceptCase{"Escapes", R"(Basic realm="a\"b\\c")", R"(basic(realm=a"b\c))"},
        AcceptCase{"EmptyElements", R"(, ,Basic realm="a",,charset="UTF-8", )",
                   "basic(realm=a|charset=UTF-8)"},
        AcceptCase{"EmptyQuoted", R"(Bearer realm="",service="")", "bearer(realm=|service=)"},
        AcceptCase{"Nothing", "", ""}),
    [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  std::string header;
  ErrorCode want = ErrorCode::kInvalidArgument;
};

class ChallengeRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ChallengeRejects, WithTheRightCode) {
  EXPECT_THAT(ParseChallenges(GetParam().header), ErrorIs(GetParam().want));
}

std::string Params(std::size_t count) {
  std::string text = "Bearer a0=x";
  for (std::size_t i = 1; i < count; ++i) text += ",a" + std::to_string(i) + "=x";
  return text;
}

std::string Schemes(std::size_t count) {
  std::string text = "Basic";
  for (std::size_t i = 1; i < count; ++i) text += ",Basic";
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChallengeRejects,
    ::testing::Values(
        RejectCase{"OpenQuote", R"(Bearer realm="x)"},
        RejectCase{"OpenEscape", "Bearer realm=\"x\\"},
        RejectCase{"NoValue", "Bearer realm= ,service=x"},
        RejectCase{"NoComma", R"(Bearer realm="x" service="y")"},
        RejectCase{"Twice", R"(Bearer realm="x",Realm="y")"},
        RejectCase{"Control", "Bearer realm=\"x\x01\""},
        RejectCase{"NewlineInQuotes", "Bearer realm=\"x\n\""}, RejectCase{"NoScheme", "=x"},
        RejectCase{"Unicode", "B\xC3\xA9"},
        RejectCase{"TooManyParams", Params(kMaxChallengeParams + 1), ErrorCode::kResourceExhausted},
        RejectCase{"TooManyChallenges", Schemes(kMaxChallenges + 1), ErrorCode::kResourceExhausted},
        RejectCase{"TooLong", "Basic realm=" + std::string(kMaxChallengeBytes, 'x'),
                   ErrorCode::kResourceExhausted}),
    [](const auto& param) { return param.param.name; });

TEST(ParseChallenges, TakesAsManyAsItsLimitsAllow) {
  EXPECT_THAT(ParseChallenges(Params(kMaxChallengeParams)), IsOk());
  const auto schemes = ParseChallenges(Schemes(kMaxChallenges));
  ASSERT_THAT(schemes, IsOk());
  EXPECT_THAT(*schemes, SizeIs(kMaxChallenges));
}

}  // namespace
}  // namespace xzgate::registry
