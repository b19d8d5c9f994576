#include "scanner/signature/expression_advice.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"

namespace xzgate::signature {
namespace {

using testing::ErrorIs;
using testing::IsOk;

struct TextCase {
  std::string name;
  std::string text;
  std::string want = {};
};

class DotsTest : public ::testing::TestWithParam<TextCase> {};
TEST_P(DotsTest, AreEscapedWhereNamesHaveThem) {
  EXPECT_EQ(WithDotsEscaped(GetParam().text), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, DotsTest,
    ::testing::Values(TextCase{"Host", "https://github.com/acme/.*",
                               "https://github[.]com/acme/.*"},
                      TextCase{"Folder", "/.github/w.yml", "/[.]github/w[.]yml"},
                      TextCase{"Escaped", "a\\.b", "a\\.b"}, TextCase{"InAClass", "a[.]b", "a[.]b"},
                      TextCase{"WithOperators", "a.+b.?c.{2}d.*e", "a.+b.?c.{2}d.*e"},
                      TextCase{"AtTheEnds", ".a.", ".a."}),
    [](const auto& each) { return each.param.name; });

class BelowTest : public ::testing::TestWithParam<TextCase> {};
TEST_P(BelowTest, EndsAtASlash) {
  EXPECT_EQ(EverythingBelow(GetParam().text), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, BelowTest,
    ::testing::Values(
        TextCase{"WithoutScheme", "github.com/acme", "https://github[.]com/acme/.*"},
        TextCase{"WithScheme", "https://github.com/acme/", "https://github[.]com/acme/.*"},
        TextCase{"Escaped", "https:\\/\\/github\\.com/acme/", "https://github[.]com/acme/.*"},
        TextCase{"OtherPunctuation", "https://a.test/b\\+c", "https://a[.]test/b\\+c/.*"},
        TextCase{"Mail", "me@acme.test", ""}, TextCase{"NoHost", "refs/heads", ""},
        TextCase{"NoPath", "https://issuer.test", ""}, TextCase{"Word", "acme", ""}),
    [](const auto& each) { return each.param.name; });

class NamesHost : public ::testing::TestWithParam<TextCase> {};
TEST_P(NamesHost, IsTaken) {
  EXPECT_THAT(CheckNamesHost(GetParam().text), IsOk());
}
INSTANTIATE_TEST_SUITE_P(
    Table, NamesHost,
    ::testing::Values(
        TextCase{"Path", "^https://github[.]com/acme/.*$"},
        TextCase{"UnescapedDot", "^https://github.com/acme/.*$"},
        TextCase{"Backslashes", "^https:\\/\\/github\\.com\\/acme/.*$"},
        TextCase{"NoPath", "^https://accounts[.]google[.]com$"},
        TextCase{"Port", "^https://localhost:[0-9]+/.*$"},
        TextCase{"NumberInIt", "^https://issuer[0-9][.]example$"},
        TextCase{"Subdomain", "^https://[^/]+[.]acme[.]example/.*$"},
        TextCase{"Subdomains", "^https://([a-z0-9-]+[.])*acme[.]example/.*$"},
        TextCase{"Suffix", "^https://git-[a-z]+-eu[.]acme[.]example/.*$"},
        TextCase{"AlternativeHosts", "^https://(?:github[.]com/acme|gitlab[.]com/acme)/.*$"},
        TextCase{"Alternatives", "^(?:https://a[.]test/.*|https://b[.]test/.*)$"},
        TextCase{"AlternativesOutside", "https://a[.]test/.*|.*@b[.]test"},
        TextCase{"EitherScheme", "^https?://a[.]test/.*$"},
        TextCase{"EitherSchemeAsGroup", "^http(s)?://(www[.])?a[.]test/.*$"},
        TextCase{"Flags", "(?i)^https://a[.]test/.*$"},
        TextCase{"FlagsOfAGroup", "^(?i:https://a[.]test)/.*$"},
        TextCase{"NamedGroup", "^https://(?P<host>a[.]test)/.*$"},
        TextCase{"Spiffe", "^spiffe://acme[.]test/ns/.*$"}, TextCase{"Mail", "^.*@acme[.]test$"},
        TextCase{"OneOfTheMails", "^(me|you)@acme[.]test$"},
        TextCase{"MailWithADot", "^first.last@acme[.]test$"}, TextCase{"UserName", "^builder-.*$"},
        TextCase{"AtBehindTheHost", "^https://a[.]test/.*@.*$"}),
    [](const auto& each) { return each.param.name; });

class LeavesHostOpen : public ::testing::TestWithParam<TextCase> {};
TEST_P(LeavesHostOpen, IsRefused) {
  EXPECT_THAT(CheckNamesHost(GetParam().text),
              ErrorIs(ErrorCode::kInvalidArgument, "leaves the host open"));
}
INSTANTIATE_TEST_SUITE_P(
    Table, LeavesHostOpen,
    ::testing::Values(
        TextCase{"SchemeOnly", "^https://.*$"}, TextCase{"HalfAScheme", "^http.*$"},
        TextCase{"NoScheme", "^.*/acme/.*$"},
        TextCase{"SomewhereInside", "^.*https://a[.]test/.*$"},
        TextCase{"NoEndOfTheHost", "^https://github[.]com.*$"},
        TextCase{"NoEndByClass", "^https://github[.]com[^ ]*$"},
        TextCase{"AnyHost", "^https://[^/]+/acme/.*$"}, TextCase{"AnyDomain", "^https://a[.].*$"},
        TextCase{"DomainInTheMiddle", "^https://.*[.]acme[.]test/.*$"},
        TextCase{"LongerName", "^https://[a-z]*acme[.]test/.*$"},
        TextCase{"OneAlternative", "^(?:https://a[.]test/.*|https://.*)$"},
        TextCase{"OneAlternativeHost", "^https://(?:a[.]test|.*)/.*$"},
        TextCase{"OptionalSlash", "^https://a[.]test/?.*$"},
        TextCase{"OptionalHost", "^https://(?:a[.]test/)?.*$"},
        TextCase{"RepeatedSlash", "^https://a/*.*$"}, TextCase{"Range", "^https://a[.]test[!-~]+$"},
        TextCase{"ClassOfEscapes", "^https://a[.]test[\\S]+$"},
        TextCase{"Escape", "^https://a[.]test\\S+$"}, TextCase{"AnyMail", "^.*@.*$"},
        TextCase{"MailGoesOn", "^me@acme[.]test.*$"}, TextCase{"MailOfAnyHost", "^me@[a-z]+$"},
        TextCase{"DotsForSlashes", "^https:...*$"},
        TextCase{"DotInTheScheme", "^.ttps://a[.]test/.*$"},
        TextCase{"AnyScheme", "^[a-z]+://a[.]test/.*$"},
        TextCase{"TooManyWays",
                 "^https://(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)[.]test/.*$"}),
    [](const auto& each) { return each.param.name; });

TEST(CheckNamesHostTest, EndsOnHostileExpressions) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "(";
  EXPECT_THAT(CheckNamesHost(deep), ErrorIs(ErrorCode::kInvalidArgument));
  for (const char* text : {"(", "[", "[^", "\\", "a{", "(?", "[[:", "|", "", "[]", "(?P<"})
    (void)CheckNamesHost(text);
}

}  // namespace
}  // namespace xzgate::signature
