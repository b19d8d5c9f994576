// What signatures do to a decision, and how people read it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json/reader.h"
#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"
#include "webhook/policy/decision.h"

namespace xzgate::policy {
namespace {

using signature::Outcome;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using V = rules::Verdict;

const std::string kDigest = "sha256:" + std::string(64, 'a');

// As the store gives it: only the verifier and the store make a verified one.
signature::Report Report(const std::string& outcome, const std::string& reason = "none",
                         const std::string& detail = "some detail",
                         const std::vector<std::string>& vouched_by = {}) {
  json::Array names(vouched_by.begin(), vouched_by.end());
  const json::Value value = json::Object{{"schema", "xzgate.dev/signature-report/v1"},
                                         {"outcome", outcome},
                                         {"reason", reason},
                                         {"detail", detail},
                                         {"vouched_by", names},
                                         {"candidates", json::Array{}},
                                         {"not_tried", json::Array{}},
                                         {"listing", ""},
                                         {"made", "2026-11-24T00:00:00Z"},
                                         {"valid_until", "2026-11-25T00:00:00Z"}};
  return signature::ReportCodec::FromJson(value).value();
}

signature::Report Verified(const std::vector<std::string>& by = {"release-key"}) {
  return Report("verified", "none", "vouched for", by);
}

rules::Report Content(V verdict) {
  rules::Report report = rules::UnknownReport(kDigest, rules::Cause::kNone, "", "CVE@1");
  report.verdict = verdict;
  rules::PlatformReport platform;
  platform.verdict = verdict;
  platform.evidence = {{.id = "E1",
                        .kind = "payload_signature",
                        .summary = "payload signature in liblzma.so",
                        .path = "liblzma.so",
                        .layer = 1,
                        .layer_digest = "sha256:" + std::string(64, 'b'),
                        .historical = false}};
  report.platforms.push_back(platform);
  return report;
}

JudgedUse Use(std::vector<signature::Report> signatures, V verdict = V::kClean) {
  JudgedUse judged{.use = {.kind = admission::UseKind::kContainer,
                           .name = "api",
                           .field = "spec.containers[0].image",
                           .reference = "reg.example/shop/api:1",
                           .pull_policy = "",
                           .unchanged = false},
                   .reference = oci::Reference::Parse("reg.example/shop/api:1").value(),
                   .pinned = {},
                   .problem = {},
                   .problem_code = {},
                   .report = Content(verdict),
                   .scan_state = "queued",
                   .signatures = std::move(signatures)};
  judged.pinned.emplace(judged.reference->repository(), *oci::Digest::Parse(kDigest));
  return judged;
}

admission::Request PodRequest() {
  admission::Request request;
  request.uid = "u-1";
  request.resource = "pods";
  request.namespace_name = "shop";
  return request;
}

const std::string kAuthorities =
    "  authorities:\n"
    "    - {name: release-key, key: {file: release.pub}, annotations: {env: prod}}\n"
    "    - {name: other-key, key: {file: other.pub}}\n"
    "    - name: our-ci\n"
    "      keyless: {identities: [{issuer: https://issuer.example, subject: "
    "https://ci.example/acme/app}]}\n";

PolicySet Policy(const std::string& lines) {
  auto set = ParseSpec(lines);
  EXPECT_TRUE(set) << set.error().message();
  return set.value_or(PolicySet());
}

PolicySet OneKey(const std::string& more = "", const std::string& outside = "") {
  return Policy(kAuthorities + "  signatures: {require: [{any: [release-key]}]" + more + "}\n" +
                outside);
}

PolicySet TwoEntries() {
  return Policy(kAuthorities +
                "  signatures: {require: [{any: [release-key]}, {any: [our-ci]}]}\n");
}

UseDecision Decided(JudgedUse use, const PolicySet& set) {
  return Decide(PodRequest(), {std::move(use)}, set).uses.at(0);
}

std::string Message(JudgedUse use, const PolicySet& set) {
  return ToResponse(PodRequest(), Decide(PodRequest(), {std::move(use)}, set)).message;
}

struct Case {
  std::string name;
  signature::Report report;
  Outcome outcome;
  Action want;
  std::string code;
  std::string reason;
};

class SignatureOutcome : public ::testing::TestWithParam<Case> {};

TEST_P(SignatureOutcome, LeadsToItsDefault) {
  const Case& c = GetParam();
  const UseDecision use = Decided(Use({c.report}), OneKey());
  EXPECT_EQ(use.action, c.want);
  EXPECT_EQ(use.signatures, c.outcome);
  EXPECT_EQ(use.reason_code, c.code);
  EXPECT_EQ(use.reason, c.reason);
}

INSTANTIATE_TEST_SUITE_P(
    All, SignatureOutcome,
    ::testing::Values(Case{"Verified", Verified(), Outcome::kVerified, Action::kAllow, "XZ021",
                           "clean"},
                      Case{"Unsigned", Report("unsigned", "unsigned"), Outcome::kUnsigned,
                           Action::kDeny, "SG001", "unsigned"},
                      Case{"AnotherIdentity", Report("wrongly_signed", "identity"),
                           Outcome::kWronglySigned, Action::kDeny, "SG005", "identity"},
                      Case{"RegistryDown", Report("undecided", "registry"), Outcome::kUndecided,
                           Action::kDeny, "SG014", "registry"},
                      Case{"TrustRootEnded", Report("undecided", "trust_root"), Outcome::kUndecided,
                           Action::kDeny, "SG010", "trust_root"},
                      // What says that nothing is required says nothing where something is.
                      Case{"NotRequiredIsNoProof", signature::Report::NotRequired(),
                           Outcome::kUndecided, Action::kDeny, "SG018", "signature_pending"}),
    [](const auto& test) { return test.param.name; });

TEST(DecideSignatures, WithoutARequirementNothingIsAsked) {
  const UseDecision use = Decided(Use({}), PolicySet());
  EXPECT_EQ(use.action, Action::kAllow);
  EXPECT_EQ(use.signatures, Outcome::kNotRequired);
}

TEST(DecideSignatures, AReportThatIsMissingIsPending) {
  const UseDecision use = Decided(Use({}), OneKey());
  EXPECT_EQ(use.action, Action::kDeny);
  EXPECT_EQ(use.reason_code, "SG018");
}

TEST(DecideSignatures, EveryEntryMustBeMet) {
  EXPECT_EQ(Decided(Use({Verified(), Verified({"our-ci"})}), TwoEntries()).action, Action::kAllow);
  EXPECT_EQ(Decided(Use({Verified(), Report("unsigned", "unsigned")}), TwoEntries()).reason_code,
            "SG001");
  EXPECT_EQ(Decided(Use({Report("unsigned", "unsigned"), Verified()}), TwoEntries()).reason_code,
            "SG001");
  EXPECT_EQ(Decided(Use({Verified()}), TwoEntries()).reason_code, "SG018");
}

// "Retry in a moment" would send people astray while another entry is known not to be met.
TEST(DecideSignatures, WhatIsKnownComesBeforeWhatMayChange) {
  const UseDecision use = Decided(
      Use({Report("undecided", "registry"), Report("wrongly_signed", "signature")}), TwoEntries());
  EXPECT_EQ(use.signatures, Outcome::kWronglySigned);
  EXPECT_EQ(use.reason_code, "SG003");
}

TEST(DecideSignatures, OutcomesAreThePolicys) {
  const PolicySet set = OneKey(
      "", "  outcomes: {signatures: {unsigned: warn, wrongly_signed: allow, undecided: warn}}\n");
  EXPECT_EQ(Decided(Use({Report("unsigned", "unsigned")}), set).action, Action::kWarn);
  EXPECT_EQ(Decided(Use({Report("wrongly_signed", "claims")}), set).action, Action::kAllow);
  EXPECT_EQ(Decided(Use({Report("undecided", "registry")}), set).action, Action::kWarn);
  EXPECT_EQ(Decided(Use({Report("wrongly_signed", "claims")}), set).signatures,
            Outcome::kWronglySigned);
}

// An outcome that is let in must not hide another entry's that is not.
TEST(DecideSignatures, TheWorseActionCountsAmongEntries) {
  const PolicySet set = Policy(kAuthorities +
                               "  signatures: {require: [{any: [release-key]}, {any: [our-ci]}]}\n"
                               "  outcomes: {signatures: {wrongly_signed: allow}}\n");
  const UseDecision use =
      Decided(Use({Report("wrongly_signed", "claims"), Report("undecided", "registry")}), set);
  EXPECT_EQ(use.action, Action::kDeny);
  EXPECT_EQ(use.reason_code, "SG014");
}

TEST(DecideSignatures, DefaultRequireReversesWhatNothingCovers) {
  const std::string entry =
      "  signatures: {default: WORD, require: [{any: [release-key], images: "
      "[\"other.example/**\"]}]}\n";
  std::string required = entry;
  required.replace(required.find("WORD"), 4, "require");
  std::string not_required = entry;
  not_required.replace(not_required.find("WORD"), 4, "notRequired");
  const UseDecision denied = Decided(Use({}), Policy(kAuthorities + required));
  EXPECT_EQ(denied.action, Action::kDeny);
  EXPECT_EQ(denied.reason_code, "SG017");
  EXPECT_EQ(denied.signatures, Outcome::kUndecided);
  const UseDecision allowed = Decided(Use({}), Policy(kAuthorities + not_required));
  EXPECT_EQ(allowed.action, Action::kAllow);
  EXPECT_EQ(allowed.signatures, Outcome::kNotRequired);
}

TEST(DecideSignatures, TheWorseOfContentAndSignaturesHolds) {
  const UseDecision content = Decided(Use({Verified()}, V::kAffected), OneKey());
  EXPECT_EQ(content.action, Action::kDeny);
  EXPECT_EQ(content.reason_code, "XZ001");
  EXPECT_FALSE(content.outvoted);
  const PolicySet lenient = OneKey("", "  outcomes: {affected_version: warn}\n");
  EXPECT_EQ(
      Decided(Use({Report("unsigned", "unsigned")}, V::kAffectedVersion), lenient).reason_code,
      "SG001");
}

TEST(DecideSignatures, OfEqualsContentIsNamedFirstAndBothAreSaid) {
  const JudgedUse use = Use({Report("unsigned", "unsigned", "nothing signs it")}, V::kAffected);
  EXPECT_EQ(Decided(use, OneKey()).reason_code, "XZ001");
  EXPECT_THAT(Message(use, OneKey()),
              AllOf(HasSubstr("[XZ001 affected]"), HasSubstr("also [SG001 unsigned]: nothing")));
}

TEST(DecideSignatures, NoSignatureOutvotesUnlessThePolicyNamesTheVerdict) {
  for (const V verdict : {V::kAffected, V::kSuspicious, V::kAffectedVersion})
    EXPECT_EQ(Decided(Use({Verified()}, verdict), OneKey()).action, Action::kDeny);
  const PolicySet set = OneKey(", outvote: [affected_version]");
  const UseDecision use = Decided(Use({Verified()}, V::kAffectedVersion), set);
  EXPECT_EQ(use.action, Action::kWarn);
  EXPECT_TRUE(use.outvoted);
  EXPECT_EQ(use.reason_code, "XZ003");
  EXPECT_EQ(Decided(Use({Verified()}, V::kSuspicious), set).action, Action::kDeny);
  EXPECT_EQ(Decided(Use({Verified()}, V::kAffected), set).action, Action::kDeny);
}

TEST(DecideSignatures, OnlyVerifiedSignaturesOutvote) {
  const PolicySet set =
      OneKey(", outvote: [affected]",
             "  outcomes: {signatures: {wrongly_signed: allow, undecided: allow}}\n");
  EXPECT_EQ(Decided(Use({Verified()}, V::kAffected), set).action, Action::kWarn);
  EXPECT_EQ(Decided(Use({Report("wrongly_signed", "claims")}, V::kAffected), set).action,
            Action::kDeny);
  EXPECT_EQ(Decided(Use({}, V::kAffected), set).action, Action::kDeny);
  // Covered by no entry: nobody vouches.
  const PolicySet elsewhere =
      Policy(kAuthorities +
             "  signatures: {outvote: [affected], require: [{any: [release-key], images: "
             "[\"other.example/**\"]}]}\n");
  EXPECT_EQ(Decided(Use({}, V::kAffected), elsewhere).action, Action::kDeny);
}

TEST(DecideSignatures, WhatWasNotReadIsNotOutvoted) {
  for (const V verdict : {V::kAffected, V::kSuspicious, V::kAffectedVersion}) {
    JudgedUse use = Use({Verified()}, verdict);
    use.report.platforms[0].has_unread = true;
    EXPECT_EQ(Decided(use, OneKey(", outvote: [affected, suspicious, affected_version]")).action,
              Action::kDeny);
  }
}

TEST(DecideSignatures, UnchangedUsesMirrorPodsAndModesAreAsForContent) {
  const signature::Report bad = Report("unsigned", "unsigned");
  JudgedUse unchanged = Use({bad});
  unchanged.use.unchanged = true;
  EXPECT_EQ(Decided(unchanged, OneKey()).action, Action::kWarn);
  admission::Request mirror = PodRequest();
  mirror.is_mirror_pod = true;
  mirror.user = "system:node:n1";
  EXPECT_EQ(Decide(mirror, {Use({bad})}, OneKey()).action, Action::kWarn);
  const Decision audited = Decide(PodRequest(), {Use({bad})}, OneKey("", "  mode: audit\n"));
  EXPECT_EQ(audited.action, Action::kAllow);
  EXPECT_TRUE(audited.would_block);
  EXPECT_EQ(audited.reason_code, "SG001");
  EXPECT_EQ(Decide(PodRequest(), {Use({bad})}, OneKey("", "  mode: warn\n")).action, Action::kWarn);
}

TEST(DecideSignatures, AnInvalidReferenceStaysWhatItIs) {
  JudgedUse use = Use({});
  use.reference.reset();
  use.pinned.reset();
  const UseDecision decided = Decided(use, OneKey());
  EXPECT_EQ(decided.reason_code, "PL002");
  EXPECT_EQ(decided.signatures, Outcome::kUndecided);
}

TEST(SignatureWording, SaysWhatIsMissingWhoWouldDoAndHow) {
  const std::string message = Message(
      Use({Report("unsigned", "unsigned",
                  "a signature by release-key is wanted; nothing was found that signs it")}),
      OneKey());
  EXPECT_THAT(
      message,
      AllOf(HasSubstr("denied [SG001 unsigned]"),
            HasSubstr("policy \"p\", signatures.require[0]: a signature by release-key is wanted"),
            HasSubstr("release-key: ECDSA P-256 key "),
            HasSubstr("fix: as release-key: cosign sign --key KEY --use-signing-config=false "
                      "--tlog-upload=false -a env=prod reg.example/shop/api@" +
                      kDigest)));
  EXPECT_LT(message.size(), 1000U);
}

TEST(SignatureWording, NamesTheIdentityThatIsWanted) {
  const std::string message =
      Message(Use({Verified(), Report("wrongly_signed", "identity")}), TwoEntries());
  EXPECT_THAT(message, AllOf(HasSubstr("[SG005 identity]"),
                             HasSubstr("our-ci: subject \"https://ci.example/acme/app\", issuer "
                                       "\"https://issuer.example\""),
                             HasSubstr("fix: as our-ci: cosign sign reg.example/shop/api@"),
                             Not(HasSubstr("release-key: "))));
}

// Workflow and branch stand at the end of an expression.
TEST(SignatureWording, ShowsAnExpressionWholeOrBothOfItsEnds) {
  const auto said = [](const std::string& subject, const std::string& detail) {
    const PolicySet set = Policy(
        "  authorities:\n    - name: wf\n      keyless: {identities: [{issuer: "
        "https://issuer.example, subjectRegExp: \"" +
        subject + "\"}]}\n  signatures: {require: [{any: [wf]}]}\n");
    return Message(Use({Report("wrongly_signed", "identity", detail)}), set);
  };
  const std::string front = "^https://github[.]com/acme/[a-z0-9-]+/";
  const std::string back = "[.]github/workflows/release[.]yml@refs/heads/main$";
  EXPECT_THAT(said(front + back, "another"), HasSubstr("wf: subject matches \"" + front + back +
                                                       "\", issuer \"https://issuer.example\"\n"));
  const std::string longer = said(front + std::string(600, 'x') + back, std::string(400, 'd'));
  EXPECT_THAT(longer, AllOf(HasSubstr("wf: subject matches \"^https://github"),
                            HasSubstr("refs/heads/main$\", issuer \"https://issuer.example\"\n"),
                            HasSubstr("cosign sign")));
  EXPECT_LT(longer.size(), 1000U);
}

TEST(SignatureWording, NamesTheEntryThatIsNotMet) {
  EXPECT_THAT(Message(Use({Verified(), Report("wrongly_signed", "identity")}), TwoEntries()),
              HasSubstr("policy \"p\", signatures.require[1]: "));
  const PolicySet set = Policy(kAuthorities +
                               "  attestations: [{type: spdxjson, any: [our-ci]}, {type: vuln, "
                               "any: [our-ci]}]\n");
  EXPECT_THAT(Message(Use({Verified(), Report("wrongly_signed", "attestation")}), set),
              HasSubstr("policy \"p\", attestations[1] (vuln): "));
}

TEST(SignatureWording, AsksForAnAttestationByItsType) {
  const PolicySet set = Policy(kAuthorities + "  attestations: [{type: vuln, any: [our-ci]}]\n");
  EXPECT_THAT(Message(Use({Report("wrongly_signed", "attestation")}), set),
              HasSubstr("cosign attest --type https://cosign.sigstore.dev/attestation/vuln/v1 "
                        "--predicate FILE reg.example/shop/api@"));
}

TEST(SignatureWording, SaysWhomToAskWhereSigningWouldNotHelp) {
  EXPECT_THAT(
      Message(Use({Report("undecided", "trust_root")}), OneKey()),
      AllOf(HasSubstr("[SG010 trust_root]"), HasSubstr("operator"), Not(HasSubstr("cosign"))));
  EXPECT_THAT(Message(Use({}), OneKey()),
              AllOf(HasSubstr("[SG018 signature_pending]"), HasSubstr("retry in a moment"),
                    Not(HasSubstr("cosign"))));
}

TEST(SignatureWording, AWarningSaysThatSignaturesOutvoted) {
  const Decision decision = Decide(PodRequest(), {Use({Verified()}, V::kAffectedVersion)},
                                   OneKey(", outvote: [affected_version]"));
  EXPECT_THAT(ToResponse(PodRequest(), decision).warnings,
              ElementsAre(AllOf(HasSubstr("[XZ003 affected_version]"),
                                HasSubstr("let in by policy \"p\" because it is signed by "
                                          "release-key"))));
}

TEST(SignatureWording, LongAndHostileDetailsKeepTheCommand) {
  JudgedUse use =
      Use({Report("wrongly_signed", "identity", "found \n\x1b[2J " + std::string(5000, 'x'))});
  use.use.reference = "reg.example/" + std::string(200, 'n') + ":1";
  const std::string message =
      Message(use, OneKey("", "  messageSuffix: \"" + std::string(200, 's') + "\"\n"));
  EXPECT_LT(message.size(), 1000U);
  EXPECT_THAT(message,
              AllOf(HasSubstr("cosign sign"), HasSubstr("@" + kDigest), Not(HasSubstr("\x1b"))));
}

TEST(SignatureWording, AuditAnnotationsSayOutcomeAndAuthorities) {
  const auto annotations = [](std::vector<signature::Report> reports) {
    return ToResponse(PodRequest(), Decide(PodRequest(), {Use(std::move(reports))}, TwoEntries()))
        .audit_annotations;
  };
  EXPECT_THAT(annotations({Verified(), Verified({"our-ci", "release-key"})}),
              AllOf(Contains(Pair("signatures", "verified")),
                    Contains(Pair("signed-by", "release-key, our-ci"))));
  EXPECT_THAT(
      annotations({Verified(), Report("unsigned", "unsigned")}),
      AllOf(Contains(Pair("signatures", "unsigned")), Contains(Pair("reason", "SG001 unsigned")),
            Contains(Pair("signed-by", "release-key"))));
  EXPECT_THAT(annotations({}), Contains(Pair("signatures", "undecided")));
}

}  // namespace
}  // namespace xzgate::policy
