// What a leaf and those above it may be used for, asked through CheckPath.

#include "scanner/signature/certificate_usage.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/scanner/signature/certificate_path_fixture.h"
#include "tests/support/signing/test_tsa.h"

namespace xzgate::signature {
namespace {

using testing::ErrorIs;
using testing::IntermediateWish;
using testing::IsOk;
using testing::IssueWish;
using testing::kSignedAt;
using testing::TestAuthority;
using testing::TestTsa;

struct LeafCase {
  std::string name;
  IssueWish wish;
  std::string message = {};
};

class LeafAccepts : public ::testing::TestWithParam<LeafCase> {};
TEST_P(LeafAccepts, ForCodeSigning) {
  const TestAuthority authority = MakeIntermediate();
  EXPECT_THAT(Check(LeafBy(authority, GetParam().wish), AnchorOf(authority.Chain())), IsOk());
}
INSTANTIATE_TEST_SUITE_P(
    Table, LeafAccepts,
    ::testing::Values(LeafCase{"Default", {}},
                      LeafCase{"UsageCritical", {.extended_key_usage = "critical,codeSigning"}},
                      LeafCase{"OtherUsageToo", {.extended_key_usage = "codeSigning,serverAuth"}},
                      LeafCase{"NotAnAuthority", {.basic_constraints = "critical,CA:FALSE"}},
                      LeafCase{"OtherKeyUsageToo",
                               {.key_usage = "digitalSignature,nonRepudiation"}},
                      LeafCase{"NoKeyIdentifiers", {.key_identifiers = false}},
                      LeafCase{"UnknownExtension", {.extensions = {{"1.2.3.4", "x", false}}}},
                      LeafCase{"Sha512", {.hash = crypto::Algorithm::kSha512}}),
    [](const auto& each) { return each.param.name; });

class LeafRejects : public ::testing::TestWithParam<LeafCase> {};
TEST_P(LeafRejects, ForCodeSigning) {
  const TestAuthority authority = MakeIntermediate();
  EXPECT_THAT(Check(LeafBy(authority, GetParam().wish), AnchorOf(authority.Chain())),
              ErrorIs(ErrorCode::kIntegrity, GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    Table, LeafRejects,
    ::testing::Values(
        LeafCase{"NoExtendedUsage", {.extended_key_usage = ""}, "codeSigning"},
        LeafCase{"AnyExtendedUsage", {.extended_key_usage = "anyExtendedKeyUsage"}, "codeSigning"},
        LeafCase{"ServerAuth", {.extended_key_usage = "serverAuth"}, "codeSigning"},
        LeafCase{"TimeStamping", {.extended_key_usage = "critical,timeStamping"}, "codeSigning"},
        LeafCase{"NoKeyUsage", {.key_usage = ""}, "digitalSignature"},
        LeafCase{"OtherKeyUsage", {.key_usage = "critical,keyEncipherment"}, "digitalSignature"},
        LeafCase{"Authority",
                 {.key_usage = "digitalSignature,keyCertSign", .basic_constraints = "CA:TRUE"},
                 "that of an authority"},
        LeafCase{
            "AuthorityWithoutCertSign", {.basic_constraints = "CA:TRUE"}, "that of an authority"},
        LeafCase{"CertSignWithoutConstraints",
                 {.key_usage = "digitalSignature,keyCertSign"},
                 "that of an authority"},
        LeafCase{"UnknownCriticalExtension",
                 {.extensions = {{"1.2.3.4", "x", true}}},
                 "unhandled critical extension"},
        LeafCase{"ExtendedUsageTwice",
                 {.extensions = {{"2.5.29.37",
                                  std::string("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07"
                                              "\x03\x03",
                                              12),
                                  false}}},
                 "occurs twice"},
        LeafCase{"ExtendedUsageDamaged",
                 {.extended_key_usage = "", .extensions = {{"2.5.29.37", "x", false}}},
                 "damaged"},
        LeafCase{"SignedOverSha1", {.hash = crypto::Algorithm::kSha1}, "too weak"}),
    [](const auto& each) { return each.param.name; });

struct AuthorityCase {
  std::string name;
  std::function<void(IssueWish&)> change;
  std::string message = {};
};

class IntermediateRejects : public ::testing::TestWithParam<AuthorityCase> {};
TEST_P(IntermediateRejects, Wrong) {
  IssueWish wish = IntermediateWish("intermediate", "codeSigning");
  GetParam().change(wish);
  const TestAuthority authority = MakeIntermediate(wish);
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(authority.Chain())),
              ErrorIs(ErrorCode::kIntegrity, GetParam().message));
}
// The same where the wrong one is the anchor itself.
TEST_P(IntermediateRejects, WrongAsTheAnchor) {
  IssueWish wish = IntermediateWish("intermediate", "codeSigning");
  GetParam().change(wish);
  if (wish.hash == crypto::Algorithm::kSha1) return;  // nobody checks an anchor's own signature
  const TestAuthority authority = MakeIntermediate(wish);
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf({authority.der()})),
              ErrorIs(ErrorCode::kIntegrity));
}
INSTANTIATE_TEST_SUITE_P(
    Table, IntermediateRejects,
    ::testing::Values(
        AuthorityCase{"OtherExtendedUsage",
                      [](IssueWish& wish) { wish.extended_key_usage = "timeStamping"; },
                      "lacks codeSigning"},
        AuthorityCase{"AnyExtendedUsage",
                      [](IssueWish& wish) { wish.extended_key_usage = "anyExtendedKeyUsage"; },
                      "lacks codeSigning"},
        AuthorityCase{"NotAnAuthority",
                      [](IssueWish& wish) { wish.basic_constraints = "critical,CA:FALSE"; },
                      "invalid CA certificate"},
        AuthorityCase{"NoBasicConstraints", [](IssueWish& wish) { wish.basic_constraints = ""; }},
        AuthorityCase{"NoCertSign",
                      [](IssueWish& wish) { wish.key_usage = "critical,digitalSignature"; }},
        AuthorityCase{"UnknownCriticalExtension",
                      [](IssueWish& wish) { wish.extensions = {{"1.2.3.4", "x", true}}; },
                      "unhandled critical extension"},
        AuthorityCase{"ExpiredBeforeTheLeafSigned",
                      [](IssueWish& wish) { wish.not_after = kSignedAt - std::chrono::seconds(1); },
                      "\"CN=intermediate,O=xzgate test\" is valid from"},
        AuthorityCase{
            "NotYetValid",
            [](IssueWish& wish) { wish.not_before = kSignedAt + std::chrono::seconds(1); },
            "\"CN=intermediate,O=xzgate test\" is valid from"},
        AuthorityCase{"SignedOverSha1",
                      [](IssueWish& wish) { wish.hash = crypto::Algorithm::kSha1; }, "too weak"}),
    [](const auto& each) { return each.param.name; });

class TimeStampingLeaf : public ::testing::TestWithParam<std::pair<AuthorityCase, bool>> {};
TEST_P(TimeStampingLeaf, HasItsUsageAlone) {
  IssueWish wish = testing::TsaLeafWish("tsa");
  GetParam().first.change(wish);
  const TestTsa tsa = TestTsa::Create("tsa", wish, Key(2));
  const Anchor anchor = AnchorOf(tsa.Chain());
  const auto path = CheckPath(anchor.chain.front(), anchor, {}, Usage::kTimeStamping, kSignedAt);
  EXPECT_EQ(path.has_value(), GetParam().second);
}
const auto kNothing = [](IssueWish&) {};
INSTANTIATE_TEST_SUITE_P(
    Table, TimeStampingLeaf,
    ::testing::Values(
        std::pair(AuthorityCase{"Default", kNothing}, true),
        std::pair(AuthorityCase{"NoKeyUsage", [](IssueWish& wish) { wish.key_usage = ""; }}, true),
        std::pair(AuthorityCase{"NonRepudiation",
                                [](IssueWish& wish) { wish.key_usage = "nonRepudiation"; }},
                  true),
        std::pair(AuthorityCase{"NotCritical",
                                [](IssueWish& wish) { wish.extended_key_usage = "timeStamping"; }},
                  false),
        std::pair(AuthorityCase{"OtherUsageToo",
                                [](IssueWish& wish) {
                                  wish.extended_key_usage = "critical,timeStamping,codeSigning";
                                }},
                  false),
        std::pair(AuthorityCase{"CodeSigning",
                                [](IssueWish& wish) {
                                  wish.extended_key_usage = "critical,codeSigning";
                                }},
                  false),
        std::pair(AuthorityCase{"NoExtendedUsage",
                                [](IssueWish& wish) { wish.extended_key_usage = ""; }},
                  false),
        std::pair(AuthorityCase{"OtherKeyUsage",
                                [](IssueWish& wish) {
                                  wish.key_usage = "digitalSignature,keyEncipherment";
                                }},
                  false)),
    [](const auto& each) { return each.param.first.name; });

}  // namespace
}  // namespace xzgate::signature
