#include "scanner/signature/requirement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_key.h"
#include "tests/support/signing/test_root.h"

namespace xzgate::signature {
namespace {

using ::testing::MatchesRegex;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::TestAuthority;
using ::xzgate::testing::TestKey;

crypto::PublicKey Key(std::size_t number) {
  return *crypto::PublicKey::FromPem(TestKey::Shared(KeyType::kP256, number).PublicPem());
}

crypto::Certificate Certificate(std::size_t number) {
  static const TestAuthority kAuthorities[] = {
      TestAuthority::Root(xzgate::testing::RootWish("one")),
      TestAuthority::Root(xzgate::testing::RootWish("two"))};
  return *crypto::Certificate::FromPem(kAuthorities[number].Pem());
}

std::shared_ptr<const TrustedRoot> Root(std::size_t number) {
  xzgate::testing::RootDocument document;
  const auto& key = TestKey::Shared(KeyType::kP256, number);
  document.tlogs.push_back(
      xzgate::testing::LogEntryOfRoot("https://log.example", key, std::string(32, 'i')));
  return std::make_shared<const TrustedRoot>(*TrustedRoot::Parse(document.Text(), "root"));
}

TextMatcher Exact(const std::string& text) {
  return TextMatcher::Exact(text).value();
}

IdentityRule Identity() {
  return {.subject = Exact("https://ci.example/build"),
          .issuer = Exact("https://issuer.example"),
          .extensions = {{"runnerEnvironment", Exact("hosted")}}};
}

Authority KeyHolder() {
  Authority authority;
  authority.name = "key";
  authority.kind = KeyAuthority{.keys = {Key(0)}};
  authority.roots = {Root(0)};
  authority.annotations = {{"env", "prod"}};
  return authority;
}

Authority Keyless() {
  Authority authority;
  authority.name = "keyless";
  authority.kind = KeylessAuthority{.identities = {Identity()}};
  return authority;
}

Authority Private() {
  Authority authority;
  authority.name = "ca";
  authority.kind = CertificateAuthority{
      .roots = {Certificate(0)}, .intermediates = {}, .identities = {Identity()}};
  return authority;
}

Condition Age() {
  Condition condition;
  condition.pointer = "/time";
  condition.kind = Condition::Kind::kYoungerThan;
  condition.age = std::chrono::hours{1};
  return condition;
}

// Everything that a requirement can say, in the open so that one field can be changed.
struct Parts {
  Authority key = KeyHolder();
  Authority keyless = Keyless();
  Authority ca = Private();
  Requirement rest;

  KeyAuthority& keys() { return std::get<KeyAuthority>(key.kind); }
  KeylessAuthority& identity() { return std::get<KeylessAuthority>(keyless.kind); }
  CertificateAuthority& certificates() { return std::get<CertificateAuthority>(ca.kind); }
  AttestationRule& attestation() { return rest.attestations[0]; }
  Condition& condition() { return rest.attestations[0].conditions[0]; }

  Requirement Built() const {
    Requirement built = rest;
    for (const Authority& authority : {key, keyless, ca})
      built.authorities.push_back(std::make_shared<const Authority>(authority));
    return built;
  }
};

Parts Whole() {
  Parts parts;
  parts.rest.name = "policy";
  parts.rest.signatures =
      Group{.at_least = 2,
            .authorities = {"key", "keyless"},
            .groups = {Group{.at_least = 1, .authorities = {"ca"}, .groups = {}}}};
  parts.rest.attestations = {
      AttestationRule{.predicate_type = "https://slsa.dev/provenance/v1",
                      .by = Group{.at_least = 1, .authorities = {"keyless"}, .groups = {}},
                      .conditions = {Age()}}};
  return parts;
}

struct Change {
  std::string name;
  std::function<void(Parts&)> apply;
};

class FingerprintChanges : public ::testing::TestWithParam<Change> {};

TEST_P(FingerprintChanges, WithTheField) {
  Parts changed = Whole();
  GetParam().apply(changed);
  EXPECT_NE(changed.Built().Fingerprint(), Whole().Built().Fingerprint());
}

const Change kChanges[] = {
    {"Name", [](Parts& p) { p.rest.name = "other"; }},
    {"AuthorityName", [](Parts& p) { p.key.name = "kay"; }},
    {"AuthorityKind", [](Parts& p) { p.key.kind = p.keyless.kind; }},
    {"Key", [](Parts& p) { p.keys().keys = {Key(1)}; }},
    {"OneMoreKey", [](Parts& p) { p.keys().keys.push_back(Key(1)); }},
    {"KeyTlog", [](Parts& p) { p.keys().require_tlog = true; }},
    {"KeyTimestamp", [](Parts& p) { p.keys().require_timestamp = true; }},
    {"KeyStart", [](Parts& p) { p.keys().valid.start += std::chrono::milliseconds{1}; }},
    {"KeyEnd", [](Parts& p) { p.keys().valid.end = WallTime{}; }},
    {"TrustedRoot", [](Parts& p) { p.key.roots = {Root(1)}; }},
    {"OneMoreTrustedRoot", [](Parts& p) { p.key.roots.push_back(Root(1)); }},
    {"NoTrustedRoot", [](Parts& p) { p.key.roots.clear(); }},
    {"AnnotationKey", [](Parts& p) { p.key.annotations[0].first = "end"; }},
    {"AnnotationValue", [](Parts& p) { p.key.annotations[0].second = "production"; }},
    {"AnnotationsSplitElsewhere", [](Parts& p) { p.key.annotations = {{"envp", "rod"}}; }},
    {"NoAnnotation", [](Parts& p) { p.key.annotations.clear(); }},
    {"Subject", [](Parts& p) { p.identity().identities[0].subject = Exact("https://x.example"); }},
    {"SubjectAsExpression",
     [](Parts& p) {
       p.identity().identities[0].subject =
           TextMatcher::Expression("^https://ci[.]example/build$").value();
     }},
    {"Issuer", [](Parts& p) { p.identity().identities[0].issuer = Exact("https://x.example"); }},
    {"NoIssuer", [](Parts& p) { p.identity().identities[0].issuer.reset(); }},
    {"ExtensionName", [](Parts& p) { p.identity().identities[0].extensions[0].first = "x"; }},
    {"ExtensionValue",
     [](Parts& p) { p.identity().identities[0].extensions[0].second = Exact("self"); }},
    {"NoExtension", [](Parts& p) { p.identity().identities[0].extensions.clear(); }},
    {"OneMoreIdentity", [](Parts& p) { p.identity().identities.push_back(Identity()); }},
    {"TlogThreshold", [](Parts& p) { p.identity().tlog_threshold = 2; }},
    {"TimestampThreshold", [](Parts& p) { p.identity().timestamp_threshold = 2; }},
    {"SctThreshold", [](Parts& p) { p.identity().sct_threshold = 2; }},
    {"RootCertificate", [](Parts& p) { p.certificates().roots = {Certificate(1)}; }},
    {"IntermediateForRoot",
     [](Parts& p) { std::swap(p.certificates().roots, p.certificates().intermediates); }},
    {"Intermediate", [](Parts& p) { p.certificates().intermediates = {Certificate(1)}; }},
    {"CertificateTimestamp", [](Parts& p) { p.certificates().require_timestamp = true; }},
    {"PrivateIdentity",
     [](Parts& p) { p.certificates().identities[0].subject = Exact("https://x.example"); }},
    {"NoSignatures", [](Parts& p) { p.rest.signatures.reset(); }},
    {"AtLeast", [](Parts& p) { p.rest.signatures->at_least = 1; }},
    {"DifferentSigners", [](Parts& p) { p.rest.signatures->by_different_signers = true; }},
    {"GroupMember", [](Parts& p) { p.rest.signatures->authorities.pop_back(); }},
    {"InnerGroup", [](Parts& p) { p.rest.signatures->groups[0].authorities = {"key"}; }},
    {"InnerGroupFlattened",
     [](Parts& p) {
       p.rest.signatures->groups.clear();
       p.rest.signatures->authorities.emplace_back("ca");
     }},
    {"NoAttestation", [](Parts& p) { p.rest.attestations.clear(); }},
    {"PredicateType", [](Parts& p) { p.attestation().predicate_type = "https://x.example"; }},
    {"AttestedBy", [](Parts& p) { p.attestation().by.authorities = {"key"}; }},
    {"Which", [](Parts& p) { p.attestation().which = Which::kAny; }},
    {"NoCondition", [](Parts& p) { p.attestation().conditions.clear(); }},
    {"Pointer", [](Parts& p) { p.condition().pointer = "/tame"; }},
    {"ConditionKind", [](Parts& p) { p.condition().kind = Condition::Kind::kPresent; }},
    {"ConditionTexts", [](Parts& p) { p.condition().texts = {"a"}; }},
    {"ConditionExpressions",
     [](Parts& p) { p.condition().expressions = {TextMatcher::Expression("^a.c$").value()}; }},
    {"ConditionNumber", [](Parts& p) { p.condition().number = 1e-9; }},
    {"ConditionAge", [](Parts& p) { p.condition().age += std::chrono::milliseconds{1}; }},
    {"SignatureRepository",
     [](Parts& p) { p.rest.signature_repository = oci::Repository{"reg.example", "signatures"}; }},
    {"VerifyChildren", [](Parts& p) { p.rest.verify_children = true; }},
};

INSTANTIATE_TEST_SUITE_P(All, FingerprintChanges, ::testing::ValuesIn(kChanges),
                         [](const auto& test) { return test.param.name; });

TEST(Requirement, EachChangeHasItsOwnFingerprint) {
  std::set<std::string> seen = {Whole().Built().Fingerprint()};
  for (const Change& change : kChanges) {
    Parts parts = Whole();
    change.apply(parts);
    EXPECT_TRUE(seen.insert(parts.Built().Fingerprint()).second) << change.name;
  }
}

// Another process that reads the same policy must find the same reports.
TEST(Requirement, FingerprintIsOfTheContentAlone) {
  EXPECT_EQ(Whole().Built().Fingerprint(), Whole().Built().Fingerprint());
  EXPECT_THAT(Whole().Built().Fingerprint(), MatchesRegex("[0-9a-f]{64}"));
}

// Identities may be long; what differs at their end differs.
TEST(Requirement, FingerprintReadsLongTextsToTheirEnd) {
  const std::string start = "https://ci.example/" + std::string(1000, 'x');
  Parts one = Whole();
  Parts two = Whole();
  one.identity().identities[0].subject = Exact(start + "1");
  two.identity().identities[0].subject = Exact(start + "2");
  EXPECT_NE(one.Built().Fingerprint(), two.Built().Fingerprint());
}

// Texts that look like the form of another kind of matcher stay apart from it.
TEST(Requirement, FingerprintTellsMatchersApart) {
  Parts one = Whole();
  Parts two = Whole();
  const TextMatcher expression = TextMatcher::Expression("^a.c$").value();
  one.identity().identities[0].subject = expression;
  two.identity().identities[0].subject = Exact(expression.ToString());
  EXPECT_NE(one.Built().Fingerprint(), two.Built().Fingerprint());
}

TEST(Requirement, FindsAuthoritiesByTheirExactNames) {
  const Requirement requirement = Whole().Built();
  ASSERT_NE(requirement.FindAuthority("ca"), nullptr);
  EXPECT_EQ(requirement.FindAuthority("ca")->name, "ca");
  EXPECT_EQ(requirement.FindAuthority("CA"), nullptr);
  EXPECT_EQ(requirement.FindAuthority(""), nullptr);
}

TEST(Requirement, ASealCarriesItsFingerprint) {
  const SealedRequirement sealed = Seal(Whole().Built());
  EXPECT_EQ(sealed.fingerprint, Whole().Built().Fingerprint());
  EXPECT_EQ(sealed.requirement->name, "policy");
}

}  // namespace
}  // namespace xzgate::signature
