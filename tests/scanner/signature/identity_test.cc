#include "scanner/signature/identity.h"

#include "base/text.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_der.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {
namespace {

using crypto::Certificate;
using testing::AlternativeName;
using testing::ErrorIs;
using testing::FulcioExtension;
using testing::IsOk;
using testing::IssueWish;
using testing::KeyType;
using testing::kTestIssuer;
using testing::kTestSubject;
using testing::TestAuthority;
using testing::TestKey;
namespace der = testing::der;

using Kind = AlternativeName::Kind;

Result<CertificateIdentity> ReadFrom(const IssueWish& wish) {
  static const auto kRoot =
      TestAuthority::Root(testing::RootWish("root"), TestKey::Shared(KeyType::kP256));
  const auto leaf = kRoot.Issue(wish, TestKey::Shared(KeyType::kP256, 1));
  return ReadIdentity(*Certificate::FromDer(AsBytes(leaf.der)));
}

struct IdentityCase {
  std::string name;
  IssueWish wish;
  std::string subject = {};  // or the message
  std::string issuer = {};
};

IssueWish Fulcio(AlternativeName name) {
  return {.names = {std::move(name)},
          .extensions = {FulcioExtension(1, kTestIssuer), FulcioExtension(8, kTestIssuer)}};
}

IssueWish WithNames(std::vector<AlternativeName> names) {
  return {.names = std::move(names)};
}

IssueWish WithExtensions(std::vector<testing::RawExtension> extensions) {
  return {.names = {{Kind::kUri, kTestSubject}}, .extensions = std::move(extensions)};
}

IssueWish WithRawName(const std::string& value) {
  return {.extensions = {{"2.5.29.17", value, true}}};
}

class IdentityAccepts : public ::testing::TestWithParam<IdentityCase> {};
TEST_P(IdentityAccepts, Certificate) {
  const auto identity = ReadFrom(GetParam().wish);
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->subject, GetParam().subject);
  EXPECT_EQ(identity->issuer, GetParam().issuer);
}
INSTANTIATE_TEST_SUITE_P(
    Table, IdentityAccepts,
    ::testing::Values(
        IdentityCase{"Uri", Fulcio({Kind::kUri, kTestSubject}), kTestSubject, kTestIssuer},
        IdentityCase{"Email", Fulcio({Kind::kEmail, "me@acme.test"}), "me@acme.test", kTestIssuer},
        IdentityCase{"UserName", Fulcio({Kind::kUserName, "me!acme.test"}), "me!acme.test",
                     kTestIssuer},
        IdentityCase{"IssuerV1Only", WithExtensions({FulcioExtension(1, "http://dex.test")}),
                     kTestSubject, "http://dex.test"},
        IdentityCase{"IssuerV2Only", WithExtensions({FulcioExtension(8, "https://a.test")}),
                     kTestSubject, "https://a.test"},
        IdentityCase{"NoIssuer", WithExtensions({}), kTestSubject, ""},
        IdentityCase{"PrivateNotCritical",
                     {.common_name = "signer",
                      .names = {{Kind::kEmail, "me@acme.test"}},
                      .names_critical = false},
                     "me@acme.test",
                     ""},
        IdentityCase{"LongestSubject", WithNames({{Kind::kUri, std::string(2048, 'x')}}),
                     std::string(2048, 'x'), ""}),
    [](const auto& each) { return each.param.name; });

const std::string kOtherName = der::Tlv(
    0xA0, der::Oid("1.3.6.1.4.1.311.20.2.3") + der::Explicit(0, der::Utf8String("me")));  // UPN
const std::string kUserNameOid = der::Oid("1.3.6.1.4.1.57264.1.7");

class IdentityRejects : public ::testing::TestWithParam<IdentityCase> {};
TEST_P(IdentityRejects, Certificate) {
  EXPECT_THAT(ReadFrom(GetParam().wish), ErrorIs(ErrorCode::kInvalidArgument, GetParam().subject));
}
INSTANTIATE_TEST_SUITE_P(
    Names, IdentityRejects,
    ::testing::Values(
        IdentityCase{"None", {}, "no subject alternative name"},
        IdentityCase{"EmptyList", WithRawName(der::Sequence({})), "has 0"},
        IdentityCase{"Two", WithNames({{Kind::kUri, "https://a"}, {Kind::kUri, "https://b"}}),
                     "has 2"},
        IdentityCase{"TwoAlike", WithNames({{Kind::kUri, "https://a"}, {Kind::kUri, "https://a"}}),
                     "has 2"},
        IdentityCase{"TwoKinds", WithNames({{Kind::kUri, "https://a"}, {Kind::kEmail, "a@b"}}),
                     "has 2"},
        IdentityCase{
            "ExtensionTwice",
            {.names = {{Kind::kUri, "https://a"}},
             .extensions = {{"2.5.29.17", der::Sequence({der::Tlv(0x86, "https://b")}), true}}},
            "occurs twice"},
        IdentityCase{"Dns", WithNames({{Kind::kDns, "acme.test"}}), "neither an URI"},
        IdentityCase{"OtherOtherName", WithRawName(der::Sequence({kOtherName})),
                     "1.3.6.1.4.1.311.20.2.3"},
        IdentityCase{"UserNameNotUtf8String",
                     WithRawName(der::Sequence(
                         {der::Tlv(0xA0, kUserNameOid + der::Explicit(0, der::Tlv(0x16, "me")))})),
                     "subject alternative name"},
        IdentityCase{"UserNameInvalidUtf8", WithNames({{Kind::kUserName, "\xC3("}}), "subject"},
        IdentityCase{"Empty", WithNames({{Kind::kUri, ""}}), "is empty"},
        IdentityCase{"Nul",
                     WithNames({{Kind::kUri, kTestSubject + std::string(1, '\0') + ".evil.test"}}),
                     "NUL"},
        IdentityCase{"NulAtTheEnd", WithNames({{Kind::kEmail, std::string("a@b\0", 4)}}), "NUL"},
        IdentityCase{"UserNameNul", WithNames({{Kind::kUserName, std::string("a\0b", 3)}}), "NUL"},
        IdentityCase{"LineEnd", WithNames({{Kind::kEmail, "a@b\nc"}}), "control character"},
        IdentityCase{"Delete", WithNames({{Kind::kEmail, "a@b\x7F"}}), "control character"},
        IdentityCase{"NotAscii", WithNames({{Kind::kEmail, "\xC3\xA9@b"}}), "not ASCII"},
        IdentityCase{"TooLong", WithNames({{Kind::kUri, std::string(2049, 'x')}}),
                     "more than 2048 bytes"},
        IdentityCase{"BytesAfter", WithRawName(der::Sequence({der::Tlv(0x86, "https://a")}) + "x"),
                     "damaged"},
        IdentityCase{"Damaged", WithRawName("x"), "damaged"},
        IdentityCase{"NotCriticalWithEmptySubject",
                     {.names = {{Kind::kUri, kTestSubject}}, .names_critical = false},
                     "not critical"},
        IdentityCase{"NotCriticalWithSubjectByFulcio",
                     {.common_name = "signer",
                      .names = {{Kind::kUri, kTestSubject}},
                      .names_critical = false,
                      .extensions = {FulcioExtension(8, kTestIssuer)}},
                     "not critical"}),
    [](const auto& each) { return each.param.name; });
INSTANTIATE_TEST_SUITE_P(
    Extensions, IdentityRejects,
    ::testing::Values(
        IdentityCase{"TwoIssuers",
                     WithExtensions({FulcioExtension(1, "https://a.test"),
                                     FulcioExtension(8, "https://b.test")}),
                     "two issuers"},
        IdentityCase{"IssuerOnceEmpty",
                     WithExtensions({FulcioExtension(1, ""), FulcioExtension(8, kTestIssuer)}),
                     "two issuers"},
        IdentityCase{"IssuerEmpty", WithExtensions({FulcioExtension(8, "")}), "empty issuer"},
        IdentityCase{
            "IssuerV1Twice",
            WithExtensions({FulcioExtension(1, "https://a"), FulcioExtension(1, "https://a")}),
            "occurs twice"},
        IdentityCase{
            "IssuerV2Twice",
            WithExtensions({FulcioExtension(8, "https://a"), FulcioExtension(8, "https://b")}),
            "occurs twice"},
        IdentityCase{"IssuerNul",
                     WithExtensions({FulcioExtension(1, std::string("https://a\0b", 11))}), "NUL"},
        IdentityCase{"IssuerV2Nul",
                     WithExtensions({FulcioExtension(8, std::string("https://a\0b", 11))}), "NUL"},
        IdentityCase{
            "IssuerV2BytesAfter",
            WithExtensions({{"1.3.6.1.4.1.57264.1.8", der::Utf8String("https://a") + "x", false}}),
            "nothing after it"},
        IdentityCase{"IssuerV2Raw", WithExtensions({{"1.3.6.1.4.1.57264.1.8", "https://a", false}}),
                     "UTF8String"},
        IdentityCase{
            "IssuerV2Ia5",
            WithExtensions({{"1.3.6.1.4.1.57264.1.8", der::Tlv(0x16, "https://a"), false}}),
            "UTF8String"},
        IdentityCase{"IssuerV2LongLength",
                     WithExtensions({{"1.3.6.1.4.1.57264.1.8",
                                      "\x0C\x81\x03"
                                      "abc",
                                      false}}),
                     "UTF8String"},
        IdentityCase{"IssuerV2IndefiniteLength",
                     WithExtensions({{"1.3.6.1.4.1.57264.1.8",
                                      std::string("\x2C\x80\x0C\x01"
                                                  "a\0\0",
                                                  7),
                                      false}}),
                     "UTF8String"},
        IdentityCase{"IssuerV2Cut",
                     WithExtensions({{"1.3.6.1.4.1.57264.1.8",
                                      "\x0C\x05"
                                      "abc",
                                      false}}),
                     "UTF8String"},
        IdentityCase{
            "RepositoryTwice",
            WithExtensions({FulcioExtension(12, "https://a"), FulcioExtension(12, "https://a")}),
            "occurs twice"},
        IdentityCase{"RepositoryInvalidUtf8", WithExtensions({FulcioExtension(12, "\xFF")}),
                     "sourceRepositoryURI"},
        IdentityCase{"WorkflowNameNul", WithExtensions({FulcioExtension(4, std::string("a\0", 2))}),
                     "githubWorkflowName"},
        IdentityCase{"RepositoryTooLong",
                     WithExtensions({FulcioExtension(12, std::string(2049, 'x'))}),
                     "more than 2048 bytes"}),
    [](const auto& each) { return each.param.name; });

TEST(ReadIdentityTest, NamesEveryExtension) {
  std::vector<testing::RawExtension> extensions;
  for (int number = 23; number >= 1; --number) {
    if (number == 7) continue;
    const bool is_issuer = number == 1 || number == 8;
    extensions.push_back(
        FulcioExtension(number, is_issuer ? kTestIssuer : "value " + std::to_string(number)));
  }
  const auto identity = ReadFrom(WithExtensions(extensions));
  ASSERT_THAT(identity, IsOk());
  ASSERT_EQ(identity->extensions.size(), FulcioExtensions().size());
  for (std::size_t i = 0; i < identity->extensions.size(); ++i) {
    const auto& [name, oid] = FulcioExtensions()[i];
    EXPECT_EQ(identity->extensions[i].first, name);
    EXPECT_EQ(identity->extensions[i].second,
              "value " + std::string(oid.substr(oid.rfind('.') + 1)));
  }
}

struct MatchCase {
  std::string name;
  std::string expression;
  std::string text;
  bool matches;
};

class ExpressionMatches : public ::testing::TestWithParam<MatchCase> {};
TEST_P(ExpressionMatches, TheWhole) {
  const auto matcher = TextMatcher::Expression(GetParam().expression);
  ASSERT_THAT(matcher, IsOk());
  EXPECT_EQ(matcher->Matches(GetParam().text), GetParam().matches);
}
const std::string kPrefix = "https://github.com/acme/";
INSTANTIATE_TEST_SUITE_P(
    Table, ExpressionMatches,
    ::testing::Values(
        MatchCase{"Prefix", kPrefix + ".*", kTestSubject, true},
        // CVE-2026-22772
        MatchCase{"NotInTheMiddle", kPrefix + ".*", "https://evil.test/?" + kPrefix, false},
        MatchCase{"NotAtTheEnd", ".*@acme\\.test", "me@acme.test.evil.test", false},
        MatchCase{"AtTheEnd", ".*@acme\\.test", "me@acme.test", true},
        MatchCase{"Anchored", "^https://github\\.com/acme/.*$", kTestSubject, true},
        MatchCase{"AnchoredNotInTheMiddle", "^https://github\\.com/acme/.*$", "x" + kTestSubject,
                  false},
        MatchCase{"AlternativesAreOneWhole", "https://a/.*|https://b/.*", "x https://b/", false},
        MatchCase{"EitherAlternative", "https://a/.*|https://b/.*", "https://b/x", true},
        MatchCase{"NoLineEndByDot", kPrefix + ".*", kPrefix + "a\nb", false},
        MatchCase{"NoLineModeAround", "(?m)^" + kPrefix + "a$", "x\n" + kPrefix + "a", false},
        MatchCase{"NoFinalLineEnd", "^" + kPrefix + "a$", kPrefix + "a\n", false},
        MatchCase{"CaseCounts", kPrefix + ".*", "https://github.com/ACME/x", false},
        MatchCase{"UnlessFlagged", "(?i)^" + kPrefix + ".*$", "https://github.com/ACME/x", true},
        MatchCase{"NotEmpty", kPrefix + ".*", "", false},
        MatchCase{"NulIsNoEnd", kPrefix + "[a-z]+", kPrefix + "a" + std::string(1, '\0') + "b",
                  false},
        MatchCase{"LongestText", "x+", std::string(kMaxIdentityBytes, 'x'), true},
        MatchCase{"TooLongText", "x+", std::string(kMaxIdentityBytes + 1, 'x'), false},
        // A backtracking matcher would not end.
        MatchCase{"NoBacktracking", "(x+x+)+y", std::string(2000, 'x'), false}),
    [](const auto& each) { return each.param.name; });

struct ExpressionCase {
  std::string name;
  std::string expression;
  std::string message = {};
};

class ExpressionRejects : public ::testing::TestWithParam<ExpressionCase> {};
TEST_P(ExpressionRejects, WithWhatToWrite) {
  EXPECT_THAT(TextMatcher::Expression(GetParam().expression),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    Table, ExpressionRejects,
    ::testing::Values(
        ExpressionCase{"Empty", "", "empty expression"},
        ExpressionCase{"PlainPrefix", kPrefix, "for all below it \"https://github[.]com/acme/.*\""},
        // With ".*" right behind it "acme-evil" would do.
        ExpressionCase{"PlainWithoutScheme", "github.com/acme",
                       "for all below it \"https://github[.]com/acme/.*\""},
        ExpressionCase{"PlainEscaped", "https://github\\.com/acme/", "is a plain text"},
        ExpressionCase{"PlainEmail", "me@acme.test", "give it as an exact text"},
        ExpressionCase{"BeginOnly", "^https://github.com/acme/", "anchored at one end only"},
        ExpressionCase{"BeginOnlyWithStar", "^https://github.com/acme/.*",
                       "write \"^https://github[.]com/acme/.*$\""},
        ExpressionCase{"BeginOnlyWithoutScheme", "^github.com/acme",
                       "write \"^https://github[.]com/acme/.*$\""},
        ExpressionCase{"EndOnly", ".*@acme\\.test$", "anchored at one end only"},
        ExpressionCase{"EndEscaped", "^costs .* 5\\$", "anchored at one end only"},
        ExpressionCase{"BeginOnlyFlagged", "(?i)^https://github.com/acme/", "one end only"},
        ExpressionCase{"BeginOnlyLetter", "\\Ahttps://.*", "one end only"},
        ExpressionCase{"HalfOfEachAlternative", "^a.*|b.*$", "one end only"},
        ExpressionCase{"Everything", ".*", "matches everything"},
        ExpressionCase{"EverythingAnchored", "^.*$", "matches everything"},
        ExpressionCase{"EverythingNotEmpty", ".+", "matches everything"},
        ExpressionCase{"EverythingLazy", ".*?", "matches everything"},
        ExpressionCase{"EverythingGrouped", "(.*)", "matches everything"},
        ExpressionCase{"EverythingOrMore", "https://acme.test/.*|.*", "matches everything"},
        ExpressionCase{"EverythingByOptional", "(acme)?.*", "matches everything"},
        ExpressionCase{"EverythingWithoutSpace", "\\S+", "matches everything"},
        ExpressionCase{"EverythingNegated", "[^\\n]*", "matches everything"},
        ExpressionCase{"EverythingLines", "(?s).*", "matches everything"},
        ExpressionCase{"EverythingLong", ".{3,}", "matches everything"},
        ExpressionCase{"EverythingLettered", "[a-z].*", "matches everything"},
        ExpressionCase{"NoSyntax", "https://(acme", "is no RE2 expression"},
        ExpressionCase{"LoneBackslash", "acme.*\\", "is no RE2 expression"},
        ExpressionCase{"Backreference", "(a+)\\1", "is no RE2 expression"},
        ExpressionCase{"LookAhead", "(?=acme).*", "is no RE2 expression"},
        ExpressionCase{"InvalidUtf8", "acme\xFF.*", "is no RE2 expression"},
        ExpressionCase{"Nul", std::string("a\0b.*", 5), "no NUL"},
        ExpressionCase{"TooLong", std::string(kMaxIdentityBytes, 'x') + "+", "2048 bytes"},
        ExpressionCase{"TooMuchMemory", "((x{1,100}){1,10}y){1,10}.*", "is no RE2 expression"}),
    [](const auto& each) { return each.param.name; });

TEST(TextMatcherTest, MatchesAnExactTextAlone) {
  const auto matcher = TextMatcher::Exact("https://github.com/.*");
  ASSERT_THAT(matcher, IsOk());
  EXPECT_TRUE(matcher->Matches("https://github.com/.*"));
  for (const std::string& text :
       {std::string("https://github.com/x"), std::string(),
        std::string("https://github.com/.*\0", 22), std::string("https://github.com/.* ")}) {
    EXPECT_FALSE(matcher->Matches(text));
  }
}

TEST(TextMatcherTest, RefusesAnExactTextThatCannotBe) {
  EXPECT_THAT(TextMatcher::Exact(""), ErrorIs(ErrorCode::kInvalidArgument, "empty"));
  EXPECT_THAT(TextMatcher::Exact(std::string(kMaxIdentityBytes + 1, 'x')),
              ErrorIs(ErrorCode::kInvalidArgument, "2048"));
  EXPECT_THAT(TextMatcher::Exact(std::string("a\0", 2)),
              ErrorIs(ErrorCode::kInvalidArgument, "NUL"));
  EXPECT_THAT(TextMatcher::Exact(std::string(kMaxIdentityBytes, 'x')), IsOk());
}

// It names what is asked for in a stored report's key: different matchers differ, to the last byte.
TEST(TextMatcherTest, PrintsWithoutLoss) {
  const std::string stem(kMaxIdentityBytes - 3, 'x');
  EXPECT_EQ(TextMatcher::Exact("a.*")->ToString(), "\"a.*\"");
  EXPECT_EQ(TextMatcher::Expression("a.*")->ToString(), "a match of \"a.*\"");
  EXPECT_NE(TextMatcher::Expression(stem + "a.*")->ToString(),
            TextMatcher::Expression(stem + "b.*")->ToString());
  EXPECT_NE(TextMatcher::Exact("a\"")->ToString(), TextMatcher::Exact("a\\\"")->ToString());
}

class CheckIdentityTest : public ::testing::Test {
 protected:
  Result<void> Check() const { return CheckIdentity(identity_, rule_); }

  CertificateIdentity identity_ = {.subject = kTestSubject,
                                   .issuer = kTestIssuer,
                                   .extensions = {{"sourceRepositoryRef", "refs/heads/main"}}};
  IdentityRule rule_ = {.subject = *TextMatcher::Exact(kTestSubject),
                        .issuer = *TextMatcher::Exact(kTestIssuer),
                        .extensions = {}};
};

TEST_F(CheckIdentityTest, HoldsWhenAllAgree) {
  rule_.extensions = {{"sourceRepositoryRef", *TextMatcher::Expression("refs/(heads|tags)/.*")}};
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(CheckIdentityTest, WantsTheSubject) {
  identity_.subject += "x";
  EXPECT_THAT(Check(),
              ErrorIs(ErrorCode::kPermissionDenied,
                      "subject is " + Quote(kTestSubject + "x") + ", want " + Quote(kTestSubject)));
}

TEST_F(CheckIdentityTest, WantsTheIssuer) {
  for (const std::string& issuer : {kTestIssuer + "/", std::string(), std::string("https://x")}) {
    identity_.issuer = issuer;
    EXPECT_THAT(Check(), ErrorIs(ErrorCode::kPermissionDenied, "issuer is " + Quote(issuer)));
  }
}

TEST_F(CheckIdentityTest, WantsTheExtensionToBeThere) {
  rule_.extensions = {{"sourceRepositoryURI", *TextMatcher::Exact("https://github.com/acme/app")}};
  EXPECT_THAT(Check(),
              ErrorIs(ErrorCode::kPermissionDenied, "has no extension \"sourceRepositoryURI\""));
}

TEST_F(CheckIdentityTest, WantsTheExtensionToAgree) {
  rule_.extensions = {{"sourceRepositoryRef", *TextMatcher::Exact("refs/heads/release")}};
  EXPECT_THAT(Check(), ErrorIs(ErrorCode::kPermissionDenied,
                               "extension \"sourceRepositoryRef\" is \"refs/heads/main\""));
}

TEST_F(CheckIdentityTest, AsksForNoIssuerWhereTheRuleHasNone) {
  identity_.issuer = "";
  rule_.issuer.reset();
  EXPECT_THAT(Check(), IsOk());
}

}  // namespace
}  // namespace xzgate::signature
