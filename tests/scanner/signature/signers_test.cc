// A threshold counts persons: authorities whose identities overlap are not met by one of them.

#include "scanner/signature/signers.h"

#include <gmock/gmock.h>

#include "scanner/signature/requirement_check.h"
#include "tests/scanner/signature/verifier_fixture.h"

namespace xzgate::signature {
namespace {

using namespace testing;  // NOLINT: the vocabulary of the signer

const std::string kLead = "lead@acme.test";
const std::string kDev = "dev@acme.test";
const std::string kProvenance = "https://slsa.dev/provenance/v1";

const TestAuthority& OwnCa() {
  static const TestAuthority root = TestAuthority::Root(RootWish("Acme Root"));
  return root;
}

// "anyone" at acme.test, and the "lead"; "key" and "corp": the same key alone, and in a
// certificate.
std::vector<std::shared_ptr<const Authority>> Authorities() {
  const auto keyless = [](const std::string& name, TextMatcher subject) {
    return Keyless({.identities = {{.subject = std::move(subject),
                                    .issuer = *TextMatcher::Exact(kTestIssuer),
                                    .extensions = {}}}},
                   name);
  };
  const CertificateAuthority own{
      .roots = {*crypto::Certificate::FromDer(AsBytes(OwnCa().der()))},
      .identities = {{.subject = *TextMatcher::Exact(kLead), .issuer = {}, .extensions = {}}}};
  std::vector<std::shared_ptr<const Authority>> all;
  for (Authority each : {keyless("anyone", *TextMatcher::Expression("^.*@acme[.]test$")),
                         keyless("lead", *TextMatcher::Exact(kLead)), ByKey(Key(5), {}, "key"),
                         Authority{.name = "corp", .kind = own, .roots = {}, .annotations = {}}}) {
    all.push_back(std::make_shared<const Authority>(std::move(each)));
  }
  return all;
}

SigningWish By(const std::string& email, std::size_t leaf_key = 0) {
  return {.leaf_key = Key(leaf_key), .name = {AlternativeName::Kind::kEmail, email}};
}
// A private certificate over Key(5): the key signs as itself, too.
SigningWish ByCorp() {
  IssueWish leaf{.not_before = kNow - std::chrono::hours(1),
                 .not_after = kNow + std::chrono::hours(1)};
  leaf.names = {{AlternativeName::Kind::kEmail, kLead}};
  return {.certificate = OwnCa().Issue(leaf, Key(5)),
          .tlog = SigningWish::Tlog::kNone,
          .timestamp = false};
}

Candidate Of(const json::Value& bundle) {
  return {.place = Place::kReferrer,
          .manifest = kImage,
          .layer = 0,
          .declared_type = "application/vnd.dev.sigstore.bundle.v0.3+json",
          .material = FromBundle(bundle)};
}
Candidate Signed(const SigningWish& wish) {
  return Of(Sigstore().ImageBundle(kImage.ToString(), wish));
}
Candidate Attested(const SigningWish& wish) {
  return Of(Sigstore().DsseBundle(testing::Statement(kImage.ToString(), kProvenance), wish));
}

Group Two(std::vector<std::string> names) {
  return {.at_least = 2, .authorities = std::move(names), .by_different_signers = true};
}

Report Judge(Group group, std::vector<Candidate> candidates) {
  const Requirement requirement{.authorities = Authorities(), .signatures = std::move(group)};
  return RequirementCheck::Judge(requirement, kImage,
                                 {.tried = std::move(candidates), .not_tried = {}}, "", kNow);
}
Report JudgeAttested(Which which, std::vector<Candidate> candidates) {
  const AttestationRule rule{
      .predicate_type = kProvenance, .by = Two({"anyone", "lead"}), .which = which};
  const Requirement requirement{.authorities = Authorities(), .attestations = {rule}};
  return RequirementCheck::Judge(requirement, kImage,
                                 {.tried = std::move(candidates), .not_tried = {}}, "", kNow);
}

TEST(SignersTest, OneSignatureCountsOnce) {
  const Report report = Judge(Two({"anyone", "lead"}), {Signed(By(kLead))});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kThreshold);
  EXPECT_THAT(report.detail(), ::testing::HasSubstr("2 of (anyone, lead) by different signers"));
}

TEST(SignersTest, OnePersonCountsOnceHoweverOftenItSigns) {
  EXPECT_EQ(Judge(Two({"anyone", "lead"}), {Signed(By(kLead, 0)), Signed(By(kLead, 1))}).reason(),
            Reason::kThreshold);
}

TEST(SignersTest, TwoPersonsAreTwo) {
  for (const auto& [first, second] : {std::pair{kLead, kDev}, {kDev, kLead}}) {
    const Report report =
        Judge(Two({"anyone", "lead"}), {Signed(By(first, 0)), Signed(By(second, 1))});
    EXPECT_EQ(report.outcome(), Outcome::kVerified) << report.detail();
    EXPECT_THAT(report.vouched_by(), ::testing::ElementsAre("anyone", "lead"));
  }
  // Neither of them is the lead.
  EXPECT_EQ(
      Judge(Two({"anyone", "lead"}), {Signed(By(kDev, 0)), Signed(By("x@acme.test", 1))}).reason(),
      Reason::kThreshold);
}

// One key is one signer, whether it comes with a certificate or without.
TEST(SignersTest, AKeyAndItsCertificateAreOne) {
  EXPECT_EQ(Judge({.authorities = {"key"}}, {Signed(ByCorp())}).outcome(), Outcome::kVerified);
  EXPECT_EQ(Judge({.authorities = {"corp"}}, {Signed(ByCorp())}).outcome(), Outcome::kVerified);
  EXPECT_EQ(Judge(Two({"key", "corp"}), {Signed(ByCorp())}).reason(), Reason::kThreshold);
  EXPECT_EQ(Judge(Two({"key", "corp"}), {Signed(ByCorp()), Signed(KeyWish(Key(5)))}).reason(),
            Reason::kThreshold);
  EXPECT_EQ(Judge(Two({"key", "lead"}), {Signed(KeyWish(Key(5))), Signed(By(kLead))}).outcome(),
            Outcome::kVerified);
}

TEST(SignersTest, AllAndAnyAskForAuthoritiesAlone) {
  EXPECT_EQ(
      Judge({.at_least = 2, .authorities = {"anyone", "lead"}}, {Signed(By(kLead))}).outcome(),
      Outcome::kVerified);
  EXPECT_EQ(Judge({.authorities = {"anyone", "lead"}}, {Signed(By(kLead))}).outcome(),
            Outcome::kVerified);
}

TEST(SignersTest, AttestationsAreCountedAlike) {
  for (const Which which : {Which::kNewest, Which::kAll, Which::kAny}) {
    EXPECT_EQ(JudgeAttested(which, {Attested(By(kLead))}).reason(), Reason::kThreshold);
    EXPECT_EQ(JudgeAttested(which, {Attested(By(kLead, 0)), Attested(By(kDev, 1))}).outcome(),
              Outcome::kVerified);
  }
}

}  // namespace
}  // namespace xzgate::signature
