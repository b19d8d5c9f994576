#include "webhook/policy/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/one_policy.h"

namespace xzgate::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

const std::string kDigest = "sha256:" + std::string(64, 'a');

rules::Report ReportOf(rules::Verdict verdict, rules::Cause cause = rules::Cause::kNone) {
  rules::Report report = rules::UnknownReport(kDigest, cause, "why it is so", "CVE-2024-3094@1");
  report.verdict = verdict;
  rules::PlatformReport platform;
  platform.platform = {.os = "linux", .architecture = "amd64", .variant = ""};
  platform.verdict = verdict;
  platform.cause = cause;
  platform.layer_count = 7;
  platform.fix = "rebuild on a base with liblzma5 5.6.1+really5.4.5-1 or newer";
  platform.evidence = {{.id = "E1",
                        .kind = "payload_signature",
                        .summary = "payload signature in usr/lib/liblzma.so.5.6.1",
                        .path = "usr/lib/liblzma.so.5.6.1",
                        .layer = 1,
                        .layer_digest = "sha256:" + std::string(64, 'b'),
                        .historical = false}};
  report.platforms.push_back(platform);
  return report;
}

JudgedUse Use(const std::string& reference, rules::Report report,
              admission::UseKind kind = admission::UseKind::kContainer) {
  JudgedUse judged{.use = {.kind = kind,
                           .name = "api",
                           .field = "spec.containers[0].image",
                           .reference = reference,
                           .pull_policy = "",
                           .unchanged = false},
                   .reference = {},
                   .pinned = {},
                   .problem = {},
                   .problem_code = {},
                   .report = std::move(report),
                   .scan_state = "queued"};
  if (auto parsed = oci::Reference::Parse(reference)) {
    judged.pinned.emplace(parsed->repository(), *oci::Digest::Parse(kDigest));
    judged.reference = std::move(*parsed);
  }
  return judged;
}

admission::Request PodRequest() {
  admission::Request request;
  request.uid = "u-1";
  request.resource = "pods";
  request.namespace_name = "shop";
  return request;
}

struct OutcomeCase {
  std::string name;
  rules::Verdict verdict;
  rules::Cause cause;
  admission::UseKind kind;
  Action want;
  std::string code;
};

class DefaultOutcome : public ::testing::TestWithParam<OutcomeCase> {};

TEST_P(DefaultOutcome, IsWhatTheIssueSays) {
  const OutcomeCase& c = GetParam();
  const Decision decision = Decide(
      PodRequest(), {Use("reg.example/api:1", ReportOf(c.verdict, c.cause), c.kind)}, PolicySet());
  EXPECT_EQ(decision.action, c.want);
  EXPECT_EQ(decision.reason_code, c.code);
  EXPECT_FALSE(decision.would_block);
}

using V = rules::Verdict;
using C = rules::Cause;
using K = admission::UseKind;

INSTANTIATE_TEST_SUITE_P(
    All, DefaultOutcome,
    ::testing::Values(
        OutcomeCase{"Affected", V::kAffected, C::kNone, K::kContainer, Action::kDeny, "XZ001"},
        OutcomeCase{"Suspicious", V::kSuspicious, C::kNone, K::kContainer, Action::kDeny, "XZ002"},
        OutcomeCase{"AffectedVersion", V::kAffectedVersion, C::kNone, K::kContainer, Action::kDeny,
                    "XZ003"},
        OutcomeCase{"Pending", V::kUnknown, C::kPending, K::kContainer, Action::kDeny, "XZ010"},
        OutcomeCase{"Unreachable", V::kUnknown, C::kUnreachable, K::kContainer, Action::kDeny,
                    "XZ011"},
        OutcomeCase{"Unreadable", V::kUnknown, C::kUnreadable, K::kContainer, Action::kDeny,
                    "XZ012"},
        OutcomeCase{"ArtifactAsContainer", V::kUnknown, C::kNotAnImage, K::kContainer,
                    Action::kDeny, "XZ013"},
        OutcomeCase{"ArtifactAsVolume", V::kUnknown, C::kNotAnImage, K::kImageVolume,
                    Action::kAllow, "XZ013"},
        OutcomeCase{"BadImageAsVolume", V::kAffected, C::kNone, K::kImageVolume, Action::kDeny,
                    "XZ001"},
        OutcomeCase{"FixedByDistro", V::kFixedByDistro, C::kNone, K::kContainer, Action::kAllow,
                    "XZ020"},
        OutcomeCase{"Clean", V::kClean, C::kNone, K::kContainer, Action::kAllow, "XZ021"}),
    [](const auto& test) { return test.param.name; });

// A policy that lets clean rebuilds of 5.6.x in does not let in what was not read to its end.
TEST(Decide, AnUnreadLayerCountsBesideAMilderFinding) {
  const PolicySet set = Policies("{outcomes: {affected_version: allow}}");
  rules::Report report = ReportOf(V::kAffectedVersion);
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", report)}, set).action, Action::kAllow);
  report.platforms[0].has_unread = true;
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", report)}, set).action, Action::kDeny);
}

TEST(Decide, AnUnreadLayerCountsBesideASuspicionThatIsLetIn) {
  const PolicySet set = Policies("{outcomes: {suspicious: warn}}");
  rules::Report report = ReportOf(V::kSuspicious);
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", report)}, set).action, Action::kWarn);
  report.platforms[0].has_unread = true;
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", report)}, set).action, Action::kDeny);
}

TEST(Decide, WhatIsUnreadOfAPlatformThatDoesNotDecideIsNoMatter) {
  const PolicySet set = Policies("{outcomes: {affected_version: allow}}");
  rules::Report report = ReportOf(V::kAffectedVersion);
  report.platforms.push_back(report.platforms[0]);
  report.platforms[1].deciding = false;
  report.platforms[1].has_unread = true;
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", report)}, set).action, Action::kAllow);
}

TEST(Decide, TheWorstUseDecides) {
  const Decision decision = Decide(PodRequest(),
                                   {Use("reg.example/good:1", ReportOf(V::kClean)),
                                    Use("reg.example/bad:1", ReportOf(V::kAffected))},
                                   PolicySet());
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.uses.front().judged.use.reference, "reg.example/bad:1");
}

TEST(Decide, WarnAndAuditAllowAndSayWhatWouldHappen) {
  for (const auto& [mode, want] :
       {std::pair<std::string, Action>{"warn", Action::kWarn}, {"audit", Action::kAllow}}) {
    const Decision decision =
        Decide(PodRequest(), {Use("reg.example/bad:1", ReportOf(V::kAffected))},
               Policies("{mode: " + mode + "}"));
    EXPECT_EQ(decision.action, want) << mode;
    EXPECT_TRUE(decision.would_block) << mode;
    EXPECT_EQ(decision.reason_code, "XZ001") << mode;
  }
}

// A use that only warns by its mode must not hide one that is denied.
TEST(Decide, ModesOfDifferentUsesDoNotMix) {
  const PolicySet set =
      *PolicySet::Parse({{"p.yaml",
                          "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: "
                          "a}\nspec: {images: [\"audited.example/**\"], mode: audit}\n"}});
  const Decision decision = Decide(PodRequest(),
                                   {Use("audited.example/bad:1", ReportOf(V::kAffected)),
                                    Use("reg.example/odd:1", ReportOf(V::kSuspicious))},
                                   set);
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.reason_code, "XZ002");
}

TEST(Decide, UnchangedUsesWarnOnly) {
  JudgedUse use = Use("reg.example/bad:1", ReportOf(V::kAffected));
  use.use.unchanged = true;
  const Decision decision = Decide(PodRequest(), {use}, PolicySet());
  EXPECT_EQ(decision.action, Action::kWarn);
  EXPECT_THAT(ToResponse(PodRequest(), decision).warnings, ElementsAre(HasSubstr("already runs")));
}

TEST(Decide, AnObjectBeingDeletedPasses) {
  admission::Request request = PodRequest();
  request.being_deleted = true;
  EXPECT_EQ(Decide(request, {Use("reg.example/bad:1", ReportOf(V::kAffected))}, PolicySet()).action,
            Action::kAllow);
}

// The annotation alone is anybody's to write; only a node creates mirror pods.
TEST(Decide, MirrorPodsOfNodesWarnOthersDoNot) {
  admission::Request request = PodRequest();
  request.is_mirror_pod = true;
  request.user = "alice";
  EXPECT_EQ(Decide(request, {Use("reg.example/bad:1", ReportOf(V::kAffected))}, PolicySet()).action,
            Action::kDeny);
  request.user = "system:node:n1";
  EXPECT_EQ(Decide(request, {Use("reg.example/bad:1", ReportOf(V::kAffected))}, PolicySet()).action,
            Action::kWarn);
}

TEST(Decide, RequireDigestAsksForTagsOnly) {
  const PolicySet set = Policies("{requireDigest: deny}");
  const Decision tagged =
      Decide(PodRequest(), {Use("reg.example/api:1", ReportOf(V::kClean))}, set);
  EXPECT_EQ(tagged.action, Action::kDeny);
  EXPECT_EQ(tagged.reason_code, "PL001");
  EXPECT_THAT(ToResponse(PodRequest(), tagged).message, HasSubstr("@" + kDigest));
  EXPECT_EQ(
      Decide(PodRequest(), {Use("reg.example/api@" + kDigest, ReportOf(V::kClean))}, set).action,
      Action::kAllow);
  EXPECT_EQ(Decide(PodRequest(), {Use("reg.example/api:1", ReportOf(V::kClean))},
                   Policies("{requireDigest: warn}"))
                .action,
            Action::kWarn);
}

TEST(Decide, AnInvalidReferenceIsDenied) {
  JudgedUse use = Use("Not A Reference", rules::UnknownReport("", C::kPending, "", ""));
  use.problem = Error(ErrorCode::kInvalidArgument, "image reference: bad");
  const Decision decision = Decide(PodRequest(), {use}, PolicySet());
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.reason_code, "PL002");
  EXPECT_EQ(decision.reason, "invalid_reference");
}

TEST(ToResponse, NamesImageEvidenceLayerAndFix) {
  const Decision decision =
      Decide(PodRequest(), {Use("reg.example/shop/api:1.4", ReportOf(V::kAffected))}, PolicySet());
  const admission::Response response = ToResponse(PodRequest(), decision);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.uid, "u-1");
  EXPECT_THAT(response.message, StartsWith("xzgate: image \"reg.example/shop/api:1.4\" (container "
                                           "\"api\") denied [XZ001 affected]"));
  EXPECT_THAT(response.message, HasSubstr("CVE-2024-3094"));
  EXPECT_THAT(response.message, HasSubstr("payload signature in usr/lib/liblzma.so.5.6.1"));
  EXPECT_THAT(response.message, HasSubstr("layer 1 of 7 sha256:bbbb"));
  EXPECT_THAT(response.message, HasSubstr("fix: rebuild on a base"));
  EXPECT_LT(response.message.size(), 1000U);
  EXPECT_THAT(response.audit_annotations, Contains(Pair("decision", "deny")));
  EXPECT_THAT(response.audit_annotations, Contains(Pair("digest", kDigest)));
  for (const auto& [key, value] : response.audit_annotations) EXPECT_THAT(key, Not(HasSubstr("/")));
}

TEST(ToResponse, NamesEveryBadImageWithinTheLimit) {
  std::vector<JudgedUse> uses;
  for (int i = 0; i < 6; ++i)
    uses.push_back(Use("reg.example/bad-" + std::to_string(i) + ":1", ReportOf(V::kAffected)));
  const admission::Response response =
      ToResponse(PodRequest(), Decide(PodRequest(), uses, PolicySet()));
  EXPECT_LT(response.message.size(), 1000U);
  for (int i = 0; i < 6; ++i) EXPECT_THAT(response.message, HasSubstr("bad-" + std::to_string(i)));
}

// A name is left out only where all of them together would be too long, wherever that point lies.
TEST(ToResponse, NamesAllWheneverNamesAloneFit) {
  for (std::size_t extra = 0; extra < 60; ++extra) {
    std::vector<JudgedUse> uses;
    const std::string padding(extra, 'x');
    for (int i = 0; i < 8; ++i)
      uses.push_back(
          Use("reg.example/" + std::to_string(i) + padding + ":1", ReportOf(V::kAffected)));
    const std::string message =
        ToResponse(PodRequest(), Decide(PodRequest(), uses, PolicySet())).message;
    EXPECT_LT(message.size(), 1000U);
    std::size_t names = std::string("xzgate: ").size();
    for (const auto& use : uses)
      names += ("image \"" + use.use.reference + "\" (container \"api\") denied [XZ001 affected]\n")
                   .size();
    EXPECT_EQ(message.find(" more") == message.npos, names <= 990) << message;
  }
}

TEST(ToResponse, SaysHowManyMoreWhenNamesDoNotFit) {
  const std::vector<JudgedUse> uses(
      60, Use("reg.example/" + std::string(60, 'x') + ":1", ReportOf(V::kAffected)));
  const admission::Response response =
      ToResponse(PodRequest(), Decide(PodRequest(), uses, PolicySet()));
  EXPECT_LT(response.message.size(), 1000U);
  EXPECT_THAT(response.message, HasSubstr(" more"));
}

TEST(ToResponse, PendingSaysTheScansStateAndRetry) {
  const admission::Response response = ToResponse(
      PodRequest(),
      Decide(PodRequest(), {Use("reg.example/api:1", ReportOf(V::kUnknown, C::kPending))},
             PolicySet()));
  EXPECT_THAT(response.message, HasSubstr("queued"));
  EXPECT_THAT(response.message, HasSubstr("retry"));
}

TEST(ToResponse, AddsThePolicysSuffix) {
  const Decision decision = Decide(PodRequest(), {Use("reg.example/api:1", ReportOf(V::kAffected))},
                                   Policies("{messageSuffix: \"ask #platform\"}"));
  EXPECT_THAT(ToResponse(PodRequest(), decision).message, HasSubstr("ask #platform"));
}

TEST(ToResponse, HostileNamesAreEscaped) {
  JudgedUse use =
      Use("reg.example/a\n\x1b[2Jfake: allowed", rules::UnknownReport("", C::kPending, "", ""));
  use.problem = Error(ErrorCode::kInvalidArgument, "bad");
  const admission::Response response =
      ToResponse(PodRequest(), Decide(PodRequest(), {use}, PolicySet()));
  EXPECT_THAT(response.message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(response.message, HasSubstr("\\x0a\\x1b"));
}

TEST(ToResponse, HostilePlatformsAreEscaped) {
  rules::Report report = ReportOf(V::kAffected);
  report.platforms.push_back(report.platforms[0]);
  for (auto& platform : report.platforms)
    platform.platform.architecture = "amd64\n\x1b[2J" + std::string(2000, 'x');
  const Decision decision = Decide(PodRequest(), {Use("reg.example/api:1", report)}, PolicySet());
  const std::string message = ToResponse(PodRequest(), decision).message;
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(message, HasSubstr("fix: rebuild"));
}

// A long name, suffix and fix leave no room for all: the evidence stays, the suffix goes.
TEST(ToResponse, ALoneDenialKeepsItsEvidenceWhateverElseIsLong) {
  rules::Report report = ReportOf(V::kAffected);
  report.platforms[0].fix = std::string(500, 'f');
  const PolicySet set = Policies("{messageSuffix: \"" + std::string(200, 's') + "\"}");
  const std::string reference = "reg.example/" + std::string(200, 'n') + ":1";
  const Decision decision = Decide(PodRequest(), {Use(reference, report)}, set);
  const std::string message = ToResponse(PodRequest(), decision).message;
  EXPECT_THAT(message, HasSubstr("payload signature in"));
  EXPECT_THAT(message, HasSubstr("fix: fff"));
  EXPECT_THAT(message, Not(HasSubstr("sss")));
  EXPECT_LT(message.size(), 1000U);
}

TEST(ToResponse, AuditModeWarnsNobody) {
  const Decision decision = Decide(PodRequest(), {Use("reg.example/api:1", ReportOf(V::kAffected))},
                                   Policies("{mode: audit}"));
  const admission::Response response = ToResponse(PodRequest(), decision);
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(response.warnings, IsEmpty());
  EXPECT_THAT(response.audit_annotations, Contains(Pair("would-block", "true")));
}

}  // namespace
}  // namespace xzgate::policy
