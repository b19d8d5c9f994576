#include "scanner/signature/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json/reader.h"
#include "tests/support/result_matchers.h"

namespace xzgate::signature {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using Kind = Condition::Kind;

constexpr std::chrono::hours kWeek{7 * 24};
const WallTime kSigned{std::chrono::sys_days{std::chrono::year{2026} / 3 / 10}};
const WallTime kNow = kSigned + std::chrono::hours{24};

const char* const kPredicate = R"({
  "builder": {"id": "https://builder.example/v1", "version": 3, "hosted": true, "none": null},
  "a/b": {"m~n": "escaped", "01": "zero"},
  "scan": {"finished": "2026-03-09T23:59:59Z", "later": "2026-03-10T00:00:01Z",
           "old": "2026-03-03T00:00:00+00:00", "wordy": "yesterday"},
  "empty": [], "nothing": null, "text": "CVE-2024-3094",
  "ids": ["CVE-2024-0001", "CVE-2024-3094"],
  "results": [
    {"class": "os", "vulns": [{"id": "CVE-2024-0001", "score": 5.5}, {"id": "CVE-2023-1", "score": 7}]},
    {"class": "lang"},
    {"class": "app", "vulns": null}
  ],
  "partly": [{"id": "CVE-2024-0001", "score": 1}, {"title": "neither id nor score"}],
  "renamed": [{"ID": "CVE-2024-3094"}],
  "map": {"one": {"n": 1}, "two": {"n": 2}}
})";

json::Value Predicate() {
  auto value = json::Parse(kPredicate, json::Limits{}, "predicate");
  return value ? *value : json::Value();
}

Condition Make(Kind kind, std::string pointer) {
  Condition condition;
  condition.pointer = std::move(pointer);
  condition.kind = kind;
  condition.age = kWeek;
  return condition;
}

Condition Texts(Kind kind, std::string pointer, std::vector<std::string> texts) {
  Condition condition = Make(kind, std::move(pointer));
  condition.texts = std::move(texts);
  return condition;
}

Condition Expressions(Kind kind, std::string pointer, const std::string& expression) {
  Condition condition = Make(kind, std::move(pointer));
  condition.expressions.push_back(TextMatcher::Expression(expression).value());
  return condition;
}

Condition Number(Kind kind, std::string pointer, double number) {
  Condition condition = Make(kind, std::move(pointer));
  condition.number = number;
  return condition;
}

struct Case {
  std::string name;
  Condition condition;
};

Result<Held> Check(const Condition& condition) {
  return CheckCondition(condition, Predicate(), kSigned, kNow);
}

class ConditionHolds : public ::testing::TestWithParam<Case> {};

TEST_P(ConditionHolds, OnThePredicate) {
  EXPECT_THAT(Check(GetParam().condition), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    All, ConditionHolds,
    ::testing::Values(
        Case{"PresentText", Make(Kind::kPresent, "/builder/id")},
        Case{"PresentWhole", Make(Kind::kPresent, "")},
        Case{"PresentEmptyList", Make(Kind::kPresent, "/empty")},
        Case{"PresentUnderStar", Make(Kind::kPresent, "/results/*/vulns/*/id")},
        Case{"EqualText", Texts(Kind::kOneOf, "/builder/id", {"https://builder.example/v1"})},
        Case{"EqualNumber", Texts(Kind::kOneOf, "/builder/version", {"3"})},
        Case{"EqualBool", Texts(Kind::kOneOf, "/builder/hosted", {"true"})},
        Case{"OneOfSeveral", Texts(Kind::kOneOf, "/builder/version", {"2", "3"})},
        Case{"OneOfUnderStar", Texts(Kind::kOneOf, "/ids/*", {"CVE-2024-3094"})},
        Case{"ByIndex", Texts(Kind::kOneOf, "/ids/1", {"CVE-2024-3094"})},
        Case{"EscapedNames", Texts(Kind::kOneOf, "/a~1b/m~0n", {"escaped"})},
        Case{"DigitsNameAMember", Texts(Kind::kOneOf, "/a~1b/01", {"zero"})},
        Case{"StarOverMembers", Texts(Kind::kOneOf, "/map/*/n", {"2"})},
        Case{"MatchesWhole",
             Expressions(Kind::kMatches, "/builder/id", "^https://builder[.]example/v[0-9]+$")},
        Case{"NoneInNestedLists", Texts(Kind::kNone, "/results/*/vulns/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfAnEmptyList", Texts(Kind::kNone, "/empty/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfOneValue", Texts(Kind::kNone, "/builder/id", {"https://evil.example"})},
        Case{"NoneMatches", Expressions(Kind::kNone, "/ids/*", "^CVE-2025-.*$")},
        Case{"AtMostAtTheBound", Number(Kind::kAtMost, "/results/*/vulns/*/score", 7)},
        Case{"AtMostOfNothing", Number(Kind::kAtMost, "/empty/*/score", 7)},
        Case{"AtLeastAtTheBound", Number(Kind::kAtLeast, "/builder/version", 3)},
        Case{"AtLeastUnderStar", Number(Kind::kAtLeast, "/map/*/n", 1)},
        Case{"YoungerThan", Make(Kind::kYoungerThan, "/scan/finished")}),
    [](const auto& test) { return test.param.name; });

class ConditionFails : public ::testing::TestWithParam<Case> {};

TEST_P(ConditionFails, OnThePredicate) {
  EXPECT_THAT(Check(GetParam().condition), ErrorIs(ErrorCode::kPermissionDenied));
}

INSTANTIATE_TEST_SUITE_P(
    All, ConditionFails,
    ::testing::Values(
        Case{"NoneWhereAnElementHasNoId", Texts(Kind::kNone, "/partly/*/id", {"CVE-2024-3094"})},
        Case{"AtMostWhereAnElementHasNoScore", Number(Kind::kAtMost, "/partly/*/score", 7)},
        Case{"PresentMissing", Make(Kind::kPresent, "/builder/name")},
        Case{"PresentNull", Make(Kind::kPresent, "/builder/none")},
        Case{"PresentInAnEmptyList", Make(Kind::kPresent, "/empty/*")},
        Case{"NamesInAnotherCase", Make(Kind::kPresent, "/Builder/id")},
        Case{"EqualOtherText", Texts(Kind::kOneOf, "/builder/id", {"https://builder.example/v11"})},
        Case{"EqualIsNoPrefix", Texts(Kind::kOneOf, "/builder/id", {"https://builder.example"})},
        Case{"EqualOtherCase", Texts(Kind::kOneOf, "/text", {"cve-2024-3094"})},
        Case{"EqualNull", Texts(Kind::kOneOf, "/builder/none", {"null"})},
        Case{"EqualAnObject", Texts(Kind::kOneOf, "/builder", {"object", ""})},
        Case{"EqualNothing", Texts(Kind::kOneOf, "/empty/*", {""})},
        Case{"IndexBeyondTheEnd", Texts(Kind::kOneOf, "/ids/2", {"CVE-2024-3094"})},
        Case{"IndexWithLeadingZero", Texts(Kind::kOneOf, "/ids/01", {"CVE-2024-3094"})},
        Case{"IndexBehindTheLast", Make(Kind::kPresent, "/ids/-")},
        Case{"NegativeIndex", Make(Kind::kPresent, "/ids/-1")},
        Case{"StepIntoAText", Make(Kind::kPresent, "/text/0")},
        Case{"MatchesAPartOnly",
             Expressions(Kind::kMatches, "/builder/id", "^https://builder[.]example/$")},
        Case{"NoneFindsOne", Texts(Kind::kNone, "/ids/*", {"CVE-2024-3094"})},
        Case{"NoneFindsOneDeep", Texts(Kind::kNone, "/results/*/vulns/*/id", {"CVE-2023-1"})},
        Case{"NoneMatchesOne", Expressions(Kind::kNone, "/ids/*", "^CVE-.*-3094$")},
        Case{"NoneOfAMissingList", Texts(Kind::kNone, "/vulnerabilities/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfANullList", Texts(Kind::kNone, "/nothing/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfATextForAList", Texts(Kind::kNone, "/text/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfRenamedMembers", Texts(Kind::kNone, "/renamed/*/id", {"CVE-2024-3094"})},
        Case{"NoneOfAMissingValue", Texts(Kind::kNone, "/cve", {"CVE-2024-3094"})},
        // The list itself equals nothing: forgotten "/*" must not pass.
        Case{"NoneOfTheListItself", Texts(Kind::kNone, "/ids", {"CVE-2024-3094"})},
        Case{"NoneOfTheElementsThemselves", Texts(Kind::kNone, "/renamed/*", {"CVE-2024-3094"})},
        Case{"ATextWhereAListStandsBehindAStar", Texts(Kind::kNone, "/results/*/class/*", {"x"})},
        Case{"AtMostExceededByOne", Number(Kind::kAtMost, "/results/*/vulns/*/score", 6.9)},
        Case{"AtMostOfAText", Number(Kind::kAtMost, "/text", 7)},
        Case{"AtMostOfNull", Number(Kind::kAtMost, "/builder/none", 7)},
        Case{"AtLeastMissedByOne", Number(Kind::kAtLeast, "/map/*/n", 2)},
        Case{"AtLeastOfNothing", Number(Kind::kAtLeast, "/empty/*/n", 0)},
        Case{"TooOld", Make(Kind::kYoungerThan, "/scan/old")},
        Case{"AfterTheSignature", Make(Kind::kYoungerThan, "/scan/later")},
        Case{"NoTime", Make(Kind::kYoungerThan, "/scan/wordy")},
        Case{"ANumberIsNoTime", Make(Kind::kYoungerThan, "/builder/version")},
        Case{"NoTimesAtAll", Make(Kind::kYoungerThan, "/empty/*")}),
    [](const auto& test) { return test.param.name; });

TEST(CheckCondition, SaysWhatWasWantedAndFound) {
  const auto checked = Check(Texts(Kind::kOneOf, "/builder/id", {"https://other.example"}));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message(),
            "want /builder/id equal to \"https://other.example\", found "
            "\"https://builder.example/v1\"");
}

TEST(CheckCondition, ShowsLittleOfManyValues) {
  json::Array many(1000, json::Value(std::string(5000, 'x')));
  const auto checked =
      CheckCondition(Texts(Kind::kOneOf, "/*", {"a"}), json::Value(many), {}, kNow);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("997 more"));
  EXPECT_LT(checked.error().message().size(), 400U);
}

TEST(CheckCondition, HidesControlsOfThePredicate) {
  const json::Value predicate = json::Object{{"a", "x\n\x1b[2J"}};
  const auto checked = CheckCondition(Texts(Kind::kOneOf, "/a", {"y"}), predicate, {}, kNow);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\n"))));
}

// What an expression cannot search is not taken for free of what it looks for.
TEST(CheckCondition, PaddingHidesNothingFromNoneMatch) {
  const Condition condition = Expressions(Kind::kNone, "/*", "^.*CVE-2024-3094.*$");
  const auto check = [&condition](const std::string& text) {
    return CheckCondition(condition, json::Value(json::Array{text}), {}, kNow);
  };
  EXPECT_THAT(check(std::string(kMaxIdentityBytes, ' ')), IsOk());
  EXPECT_THAT(check("CVE-2024-3094" + std::string(kMaxIdentityBytes, ' ')),
              ErrorIs(ErrorCode::kPermissionDenied));
  EXPECT_THAT(check("a\nCVE-2024-3094"), ErrorIs(ErrorCode::kPermissionDenied));
  // Texts are compared whatever they hold.
  EXPECT_THAT(CheckCondition(Texts(Kind::kNone, "/*", {"b"}),
                             json::Value(json::Array{"a\n" + std::string(5000, 'x')}), {}, kNow),
              IsOk());
}

TEST(CheckCondition, ReachesSoManyValuesAndNoMore) {
  json::Array most(kMaxSelected, json::Value("a"));
  EXPECT_THAT(CheckCondition(Texts(Kind::kNone, "/*", {"b"}), json::Value(most), {}, kNow), IsOk());
  most.emplace_back("a");
  EXPECT_THAT(CheckCondition(Texts(Kind::kNone, "/*", {"b"}), json::Value(most), {}, kNow),
              ErrorIs(ErrorCode::kResourceExhausted));
}

// The age bounds how long what was concluded may be believed; nothing else does.
TEST(CheckCondition, SaysHowLongAnAgeHolds) {
  const WallTime finished = kSigned - std::chrono::seconds{1};
  const auto aged = Check(Make(Kind::kYoungerThan, "/scan/finished"));
  ASSERT_THAT(aged, IsOk());
  EXPECT_EQ(aged->until, finished + kWeek);
  const auto other = Check(Make(Kind::kPresent, "/builder"));
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(other->until, std::nullopt);
}

TEST(CheckCondition, AnAgeEndsAtItsLastMillisecond) {
  const Condition condition = Make(Kind::kYoungerThan, "/scan/finished");
  const WallTime last = kSigned - std::chrono::seconds{1} + kWeek;
  EXPECT_THAT(CheckCondition(condition, Predicate(), kSigned, last), IsOk());
  EXPECT_THAT(CheckCondition(condition, Predicate(), kSigned, last + std::chrono::milliseconds{1}),
              ErrorIs(ErrorCode::kPermissionDenied));
}

// Without a trusted time our own clock bounds it, and whose clock wrote it may be a minute ahead.
TEST(CheckCondition, WithoutATrustedTimeNothingIsFromTheFuture) {
  const Condition condition = Make(Kind::kYoungerThan, "/scan/later");
  const WallTime later = kSigned + std::chrono::seconds{1};
  EXPECT_THAT(CheckCondition(condition, Predicate(), {}, later - std::chrono::minutes{1}), IsOk());
  EXPECT_THAT(CheckCondition(condition, Predicate(), {},
                             later - std::chrono::minutes{1} - std::chrono::milliseconds{1}),
              ErrorIs(ErrorCode::kPermissionDenied));
}

struct PointerCase {
  std::string name;
  std::string pointer;
};

class PointerAccepts : public ::testing::TestWithParam<PointerCase> {};

TEST_P(PointerAccepts, TheText) {
  EXPECT_THAT(CheckPointer(GetParam().pointer), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    All, PointerAccepts,
    ::testing::Values(PointerCase{"Whole", ""}, PointerCase{"EmptyName", "/"},
                      PointerCase{"Star", "/a/*/b"}, PointerCase{"Escapes", "/a~0~1"},
                      PointerCase{"Longest", "/" + std::string(kMaxPointerBytes - 1, 'a')}),
    [](const auto& test) { return test.param.name; });

class PointerRejects : public ::testing::TestWithParam<PointerCase> {};

TEST_P(PointerRejects, TheText) {
  EXPECT_THAT(CheckPointer(GetParam().pointer), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Select(GetParam().pointer, Predicate()), ErrorIs(ErrorCode::kInvalidArgument));
}

std::string Segments(std::size_t count) {
  std::string pointer;
  for (std::size_t i = 0; i < count; ++i) pointer += "/a";
  return pointer;
}

INSTANTIATE_TEST_SUITE_P(
    All, PointerRejects,
    ::testing::Values(PointerCase{"NoSlash", "builder"}, PointerCase{"JsonPath", "$.builder"},
                      PointerCase{"LoneTilde", "/a~"}, PointerCase{"UnknownEscape", "/a~2"},
                      PointerCase{"TooLong", "/" + std::string(kMaxPointerBytes, 'a')},
                      PointerCase{"TooManySegments", Segments(kMaxPointerSegments + 1)}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::signature
