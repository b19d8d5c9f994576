#include "scanner/signature/requirement_check.h"

#include <gtest/gtest.h>

#include "tests/scanner/signature/verifier_fixture.h"

namespace xzgate::signature {
namespace {

using namespace testing;  // NOLINT: the vocabulary of the signer
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using Tlog = SigningWish::Tlog;

const std::string kDigest = kImage.ToString();
const std::string kProvenance = "https://slsa.dev/provenance/v1";

// a, b, c: by a key each; "ci": keyless.
std::vector<std::shared_ptr<const Authority>> Authorities() {
  std::vector<std::shared_ptr<const Authority>> all;
  for (const std::size_t i : {0U, 1U, 2U}) {
    all.push_back(std::make_shared<const Authority>(
        ByKey(Key(i), {}, std::string(1, static_cast<char>('a' + i)))));
  }
  all.push_back(std::make_shared<const Authority>(Keyless()));
  return all;
}

Candidate Of(Result<Material> material, std::string name = "referrer") {
  return {.place = Place::kReferrer,
          .manifest = oci::Digest::Of(AsBytes(name)),
          .layer = 0,
          .declared_type = "application/vnd.dev.sigstore.bundle.v0.3+json",
          .material = std::move(material)};
}
Candidate SignedBy(std::size_t key) {
  return Of(FromBundle(Sigstore().ImageBundle(kDigest, KeyWish(Key(key)))));
}
Candidate Attested(std::size_t key, json::Value predicate, const std::string& type = kProvenance) {
  return Of(FromBundle(Sigstore().DsseBundle(
      testing::Statement(kDigest, type, std::move(predicate)), KeyWish(Key(key)))));
}
// Keyless, at a time.
Candidate AttestedAt(WallTime when, json::Value predicate) {
  IssueWish leaf{.not_before = when - 60s, .not_after = when + 60s};
  leaf.names = {{AlternativeName::Kind::kUri, kTestSubject}};
  leaf.extensions = {FulcioExtension(8, kTestIssuer)};
  return Of(FromBundle(
      Sigstore().DsseBundle(testing::Statement(kDigest, kProvenance, std::move(predicate)),
                            {.leaf = leaf, .log = {.time = when}, .stamp = {.time = when}})));
}

Report Judge(const Requirement& requirement, std::vector<Candidate> candidates,
             std::vector<std::string> not_tried = {}, WallTime now = kNow) {
  return RequirementCheck::Judge(
      requirement, kImage, {.tried = std::move(candidates), .not_tried = std::move(not_tried)},
      "listing", now);
}

Requirement Wanting(Group group) {
  return {.authorities = Authorities(), .signatures = std::move(group)};
}
Requirement WantingAttestation(AttestationRule rule) {
  if (rule.predicate_type.empty()) rule.predicate_type = kProvenance;
  return {.authorities = Authorities(), .attestations = {std::move(rule)}};
}
Condition Equals(std::string pointer, std::string text) {
  return {
      .pointer = std::move(pointer), .kind = Condition::Kind::kOneOf, .texts = {std::move(text)}};
}

TEST(RequirementCheckTest, OneOfItsAuthoritiesIsEnough) {
  const Report report = Judge(Wanting({.authorities = {"a", "b"}}), {SignedBy(1)});
  EXPECT_EQ(report.outcome(), Outcome::kVerified);
  EXPECT_EQ(report.reason(), Reason::kNone);
  EXPECT_EQ(report.vouched_by(), std::vector<std::string>{"b"});
  EXPECT_EQ(report.valid_until(), kNow + Report::kVerifiedLife);
  EXPECT_EQ(report.listing(), "listing");
}

TEST(RequirementCheckTest, AnAuthorityThatIsNotAskedForIsNone) {
  const Report report = Judge(Wanting({.authorities = {"a", "b"}}), {SignedBy(2)});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kSignature);
  EXPECT_TRUE(report.vouched_by().empty());
}

TEST(RequirementCheckTest, ABadOneBeforeAGoodOneIsPassedOver) {
  const Report report = Judge(Wanting({.authorities = {"a"}}),
                              {Of(InvalidArgument("no bundle")), SignedBy(2), SignedBy(0)});
  EXPECT_EQ(report.outcome(), Outcome::kVerified);
  ASSERT_EQ(report.candidates().size(), 3U);
  EXPECT_EQ(report.candidates()[0].reason, Reason::kMalformed);
  EXPECT_EQ(report.candidates()[1].reason, Reason::kSignature);
  EXPECT_EQ(report.candidates()[2].reason, Reason::kNone);
}

TEST(RequirementCheckTest, Thresholds) {
  const Requirement two_of_three = Wanting({.at_least = 2, .authorities = {"a", "b", "c"}});
  EXPECT_EQ(Judge(two_of_three, {SignedBy(0), SignedBy(2)}).outcome(), Outcome::kVerified);
  const Report twice_the_same = Judge(two_of_three, {SignedBy(0), SignedBy(0)});
  EXPECT_EQ(twice_the_same.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(twice_the_same.reason(), Reason::kThreshold);
  const Requirement named_twice = Wanting({.at_least = 2, .authorities = {"a", "a"}});
  EXPECT_NE(Judge(named_twice, {SignedBy(0)}).outcome(), Outcome::kVerified);
}

TEST(RequirementCheckTest, NestedGroups) {
  const Requirement nested =
      Wanting({.at_least = 2, .authorities = {"a"}, .groups = {{.authorities = {"b", "c"}}}});
  EXPECT_EQ(Judge(nested, {SignedBy(0), SignedBy(2)}).outcome(), Outcome::kVerified);
  EXPECT_EQ(Judge(nested, {SignedBy(1), SignedBy(2)}).outcome(), Outcome::kWronglySigned);
}

TEST(RequirementCheckTest, GroupsThatAskForNothingAreNeverMet) {
  EXPECT_NE(Judge(Wanting({.at_least = 0}), {SignedBy(0)}).outcome(), Outcome::kVerified);
  EXPECT_NE(Judge(Wanting({.at_least = 0, .authorities = {"a"}}), {}).outcome(),
            Outcome::kVerified);
  EXPECT_NE(Judge(Wanting({.at_least = 1}), {SignedBy(0)}).outcome(), Outcome::kVerified);
  EXPECT_NE(Judge(Requirement{.authorities = Authorities()}, {SignedBy(0)}).outcome(),
            Outcome::kVerified);
}

TEST(RequirementCheckTest, NothingFoundIsUnsigned) {
  const Report report = Judge(Wanting({.authorities = {"a"}}), {});
  EXPECT_EQ(report.outcome(), Outcome::kUnsigned);
  EXPECT_EQ(report.reason(), Reason::kUnsigned);
  EXPECT_EQ(report.valid_until(), kNow + Report::kDenialLife);
}

TEST(RequirementCheckTest, WhatCouldNotBeFetchedIsUndecided) {
  const Requirement requirement = Wanting({.authorities = {"a"}});
  const Candidate lost = Of(Unavailable("connection refused"));
  const Report report = Judge(requirement, {lost, SignedBy(1)});
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kRegistry);
  EXPECT_THAT(report.detail(), ::testing::HasSubstr("connection refused"));
  EXPECT_EQ(Judge(requirement, {lost, SignedBy(0)}).outcome(), Outcome::kVerified);
}

TEST(RequirementCheckTest, WhatWasNotTriedIsNamed) {
  const Report report = Judge(Wanting({.authorities = {"a"}}), {SignedBy(1)}, {"referrer no. 51"});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kTooMany);
  EXPECT_EQ(report.not_tried(), std::vector<std::string>{"referrer no. 51"});
  EXPECT_EQ(Judge(Wanting({.authorities = {"a"}}), {}, {"x"}).reason(), Reason::kTooMany);
}

// policy-controller and cosign take any statement by the right signer for a signature
// (signatures.md 2.4).
TEST(RequirementCheckTest, AnAttestationIsNoSignature) {
  const Report report = Judge(Wanting({.authorities = {"a"}}), {Attested(0, json::Object{})});
  EXPECT_NE(report.outcome(), Outcome::kVerified);
  EXPECT_EQ(report.reason(), Reason::kUnsigned);
}

TEST(RequirementCheckTest, ASignatureIsNoAttestation) {
  const auto requirement = WantingAttestation({.by = {.authorities = {"a"}}});
  EXPECT_EQ(Judge(requirement, {SignedBy(0)}).reason(), Reason::kAttestation);
}

// CVE-2022-35929, CVE-2022-35930, CVE-2026-39395.
TEST(RequirementCheckTest, AnotherTypeIsNoAttestation) {
  const auto requirement = WantingAttestation({.by = {.authorities = {"a"}}});
  EXPECT_EQ(Judge(requirement, {Attested(0, json::Object{})}).outcome(), Outcome::kVerified);
  const Report report =
      Judge(requirement, {Attested(0, json::Object{}, "https://spdx.dev/Document")});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kAttestation);
  EXPECT_EQ(Judge(requirement, {Attested(0, json::Object{}, kProvenance + "/")}).reason(),
            Reason::kAttestation);
  EXPECT_EQ(Judge(requirement, {}).outcome(), Outcome::kUnsigned);
}

// kyverno#4668.
TEST(RequirementCheckTest, AnAttestationByAnotherAuthorityDoesNotCount) {
  auto requirement = WantingAttestation({.by = {.authorities = {"a"}}});
  requirement.signatures = Group{.authorities = {"b"}};
  const Report report = Judge(requirement, {SignedBy(1), Attested(1, json::Object{})});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kAttestation);
}

TEST(RequirementCheckTest, EveryPartHasToBeMet) {
  auto requirement = WantingAttestation({.by = {.authorities = {"a"}}});
  requirement.signatures = Group{.authorities = {"b"}};
  EXPECT_EQ(Judge(requirement, {SignedBy(1), Attested(0, json::Object{})}).outcome(),
            Outcome::kVerified);
  EXPECT_EQ(Judge(requirement, {Attested(0, json::Object{})}).outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(Judge(requirement, {SignedBy(1)}).reason(), Reason::kAttestation);
}

TEST(RequirementCheckTest, Conditions) {
  const auto requirement =
      WantingAttestation({.by = {.authorities = {"a"}}, .conditions = {Equals("/ok", "true")}});
  EXPECT_EQ(Judge(requirement, {Attested(0, json::Object{{"ok", true}})}).outcome(),
            Outcome::kVerified);
  const Report report = Judge(requirement, {Attested(0, json::Object{{"ok", false}})});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kCondition);
  EXPECT_THAT(report.detail(), ::testing::HasSubstr("/ok"));
}

TEST(RequirementCheckTest, TheNewestAttestationCounts) {
  const AttestationRule rule{.by = {.authorities = {"ci"}}, .conditions = {Equals("/ok", "true")}};
  const auto good = [](WallTime when) { return AttestedAt(when, json::Object{{"ok", true}}); };
  const auto bad = [](WallTime when) { return AttestedAt(when, json::Object{{"ok", false}}); };
  const WallTime later = kSignedAt + 24h;
  const auto newest = WantingAttestation(rule);
  EXPECT_EQ(Judge(newest, {bad(kSignedAt), good(later)}).outcome(), Outcome::kVerified);
  EXPECT_EQ(Judge(newest, {good(kSignedAt), bad(later)}).reason(), Reason::kCondition);
  EXPECT_EQ(Judge(newest, {good(later), bad(later)}).reason(), Reason::kCondition);
  auto all = rule;
  all.which = Which::kAll;
  EXPECT_EQ(Judge(WantingAttestation(all), {bad(kSignedAt), good(later)}).reason(),
            Reason::kCondition);
  auto any = rule;
  any.which = Which::kAny;
  EXPECT_EQ(Judge(WantingAttestation(any), {good(kSignedAt), bad(later)}).outcome(),
            Outcome::kVerified);
}

TEST(RequirementCheckTest, WithoutTimesAllOfThemCount) {
  const auto requirement =
      WantingAttestation({.by = {.authorities = {"a"}}, .conditions = {Equals("/ok", "true")}});
  EXPECT_EQ(Judge(requirement, {Attested(0, json::Object{{"ok", true}}),
                                Attested(0, json::Object{{"ok", false}})})
                .reason(),
            Reason::kCondition);
}

// Who may push can bury the newest "no", or claim any type for it.
TEST(RequirementCheckTest, WhatWasNotTriedMayBeANo) {
  const auto good = [] { return Attested(0, json::Object{{"ok", true}}); };
  AttestationRule rule{.by = {.authorities = {"a"}}, .conditions = {Equals("/ok", "true")}};
  for (const Which which : {Which::kNewest, Which::kAll}) {
    rule.which = which;
    EXPECT_EQ(Judge(WantingAttestation(rule), {good()}).outcome(), Outcome::kVerified);
    const Report report = Judge(WantingAttestation(rule), {good()}, {"referrer no. 51"});
    EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
    EXPECT_EQ(report.reason(), Reason::kTooMany);
    EXPECT_THAT(report.detail(), ::testing::HasSubstr("may say no"));
  }
  rule.which = Which::kAny;
  EXPECT_EQ(Judge(WantingAttestation(rule), {good()}, {"x"}).outcome(), Outcome::kVerified);
  rule.which = Which::kNewest;
  rule.conditions.clear();
  EXPECT_EQ(Judge(WantingAttestation(rule), {good()}, {"x"}).outcome(), Outcome::kVerified);
}

TEST(RequirementCheckTest, ASimpleSigningThatWasNotTriedIsNoNo) {
  const auto requirement =
      WantingAttestation({.by = {.authorities = {"a"}}, .conditions = {Equals("/ok", "true")}});
  const CandidateList list{.tried = {Attested(0, json::Object{{"ok", true}})},
                           .not_tried = {"sig tag, layer 3"},
                           .only_simple_not_tried = true};
  EXPECT_EQ(RequirementCheck::Judge(requirement, kImage, list, "listing", kNow).outcome(),
            Outcome::kVerified);
}

TEST(RequirementCheckTest, WhatCouldNotBeFetchedMayBeANo) {
  AttestationRule rule{.by = {.authorities = {"a"}}, .conditions = {Equals("/ok", "true")}};
  const auto candidates = [](Error error) {
    return std::vector{Attested(0, json::Object{{"ok", true}}), Of(std::unexpected(error))};
  };
  const Error lost(ErrorCode::kUnavailable, "connection refused");
  const Report report = Judge(WantingAttestation(rule), candidates(lost));
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kRegistry);
  EXPECT_THAT(report.detail(), ::testing::HasSubstr("connection refused"));
  const Report large =
      Judge(WantingAttestation(rule), candidates(Error(ErrorCode::kResourceExhausted, "20 MiB")));
  EXPECT_EQ(large.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(large.reason(), Reason::kTooMany);
  EXPECT_THAT(large.detail(), ::testing::HasSubstr("20 MiB"));
  const Error junk(ErrorCode::kInvalidArgument, "no bundle");
  EXPECT_EQ(Judge(WantingAttestation(rule), candidates(junk)).outcome(), Outcome::kVerified);
  rule.which = Which::kAny;
  EXPECT_EQ(Judge(WantingAttestation(rule), candidates(lost)).outcome(), Outcome::kVerified);
}

// Who may push can name what is not there.
TEST(RequirementCheckTest, WhatIsNotThereIsMalformed) {
  const Report report =
      Judge(Wanting({.authorities = {"a"}}), {Of(std::unexpected(NotFound("status 404")))});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kMalformed);
}

TEST(RequirementCheckTest, AReportEndsWithTheAgeThatItDependsOn) {
  const auto requirement = WantingAttestation(
      {.by = {.authorities = {"a"}},
       .conditions = {{.pointer = "/at", .kind = Condition::Kind::kYoungerThan, .age = 1h}}});
  const WallTime scanned = kNow - 20 * 60s;
  const auto candidate = [&] { return Attested(0, json::Object{{"at", ToRfc3339(scanned)}}); };
  const Report report = Judge(requirement, {candidate()});
  EXPECT_EQ(report.outcome(), Outcome::kVerified) << report.detail();
  EXPECT_EQ(report.valid_until(), scanned + 1h);
  EXPECT_EQ(Judge(requirement, {candidate()}, {}, scanned + 2h).reason(), Reason::kCondition);
}

TEST(RequirementCheckTest, AnExpiredTrustRootIsUndecided) {
  Authority authority = Keyless();
  authority.roots = {};
  const Requirement requirement{.authorities = {std::make_shared<const Authority>(authority)},
                                .signatures = Group{.authorities = {"ci"}}};
  const Report report = Judge(requirement, {Of(FromBundle(Sigstore().ImageBundle(kDigest)))});
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kTrustRoot);
}

TEST(RequirementCheckTest, TheClosestCandidateIsExplained) {
  Authority authority = Keyless({.identities = {Identity("somebody@else.test", kTestIssuer)}});
  const Requirement requirement{.authorities = {std::make_shared<const Authority>(authority)},
                                .signatures = Group{.authorities = {"ci"}}};
  const Report report = Judge(requirement, {Of(InvalidArgument("damaged")),
                                            Of(FromBundle(Sigstore().ImageBundle(kDigest)))});
  EXPECT_EQ(report.reason(), Reason::kIdentity);
  EXPECT_THAT(report.detail(), ::testing::HasSubstr(kTestSubject));
}

// "any" of a key and a workflow, and another key signed it.
TEST(RequirementCheckTest, TheClosestIsOfTheRightKind) {
  const auto mixed = Wanting({.authorities = {"ci", "b"}});
  const Report another_key = Judge(mixed, {SignedBy(2)});
  EXPECT_EQ(another_key.reason(), Reason::kSignature);
  EXPECT_THAT(another_key.detail(), ::testing::HasSubstr("by \"b\": signature"));
  Authority other_name = Keyless({.identities = {Identity("somebody@else.test", kTestIssuer)}});
  const Requirement requirement{
      .authorities = {Authorities()[1], std::make_shared<const Authority>(other_name)},
      .signatures = Group{.authorities = {"b", "ci"}}};
  EXPECT_EQ(Judge(requirement, {Of(FromBundle(Sigstore().ImageBundle(kDigest)))}).reason(),
            Reason::kIdentity);
  EXPECT_EQ(Judge(requirement, {Of(InvalidArgument("damaged")), SignedBy(2)}).reason(),
            Reason::kSignature);
}

// A trust root that is there is no progress, and one that expired is not what is wrong with another
// key's signature.
TEST(RequirementCheckTest, ATrustRootIsNotTheCauseOfAnotherKind) {
  Authority expired = Keyless();
  expired.roots = {};
  const Requirement requirement{
      .authorities = {std::make_shared<const Authority>(expired), Authorities()[1]},
      .signatures = Group{.authorities = {"ci", "b"}}};
  EXPECT_EQ(Judge(requirement, {SignedBy(2)}).reason(), Reason::kSignature);
  EXPECT_EQ(
      Judge(requirement, {SignedBy(2), Of(FromBundle(Sigstore().ImageBundle(kDigest)))}).outcome(),
      Outcome::kUndecided);
}

// Of one type are there, and made by another key: not "none is there".
TEST(RequirementCheckTest, AnAttestationByAnotherKeyIsASignatureByAnotherKey) {
  const auto requirement = WantingAttestation({.by = {.authorities = {"a"}}});
  const Report report = Judge(requirement, {SignedBy(2), Attested(2, json::Object{})});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kSignature);
  EXPECT_EQ(Judge(requirement, {SignedBy(0), Attested(2, json::Object{})}).reason(),
            Reason::kSignature);
  EXPECT_EQ(
      Judge(requirement, {SignedBy(2), Attested(2, json::Object{}, "https://spdx.dev/x")}).reason(),
      Reason::kAttestation);
}

// What a hostile repository may make us compute and keep is bounded.
TEST(RequirementCheckTest, AttemptsAndWhatIsToldOfThemHaveALimit) {
  Requirement requirement;
  Group group;
  for (int i = 0; i < 64; ++i) {
    group.authorities.push_back("a" + std::to_string(i));
    requirement.authorities.push_back(
        std::make_shared<const Authority>(ByKey(Key(0), {}, group.authorities.back())));
  }
  requirement.signatures = group;
  const std::vector<Candidate> ten(10, SignedBy(1));
  auto eleven = ten;
  eleven.push_back(SignedBy(0));  // the good one
  const Report report = Judge(requirement, eleven);
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kTooMany);
  EXPECT_EQ(report.not_tried().size(), 1U);
  EXPECT_EQ(report.candidates().size(), 256U);
  const Report children = RequirementCheck::JudgeChildren(report, {report, report});
  EXPECT_EQ(children.candidates().size(), 256U);
  const std::vector<Candidate> nine(9, SignedBy(1));
  auto the_tenth = nine;
  the_tenth.push_back(SignedBy(0));
  EXPECT_EQ(Judge(requirement, the_tenth).outcome(), Outcome::kVerified);
}

TEST(RequirementCheckTest, EveryChildHasToBeVerified) {
  const Requirement requirement = Wanting({.authorities = {"a"}});
  const Report own = Judge(requirement, {});
  const Report good = Judge(requirement, {SignedBy(0)});
  const Report bad = Judge(requirement, {SignedBy(1)});
  EXPECT_EQ(RequirementCheck::JudgeChildren(own, {good, good}).outcome(), Outcome::kVerified);
  const Report report = RequirementCheck::JudgeChildren(own, {good, bad});
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kSignature);
}

}  // namespace
}  // namespace xzgate::signature
