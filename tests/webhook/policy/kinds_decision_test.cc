// What differs for pod templates, scale-downs and kinds that are not known.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"
#include "tests/webhook/policy/one_policy.h"
#include "webhook/policy/decision.h"

namespace xzgate::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using V = rules::Verdict;
using C = rules::Cause;

JudgedUse Use(V verdict, C cause = C::kNone) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  rules::Report report = rules::UnknownReport(digest, cause, "why it is so", "CVE-2024-3094@1");
  report.verdict = verdict;
  return {.use = {.kind = admission::UseKind::kContainer,
                  .name = "api",
                  .field = "spec.template.spec.containers[0].image",
                  .reference = "reg.example/api:1",
                  .pull_policy = "",
                  .unchanged = false},
          .reference = *oci::Reference::Parse("reg.example/api:1"),
          .pinned = {},
          .problem = {},
          .problem_code = {},
          .report = std::move(report),
          .scan_state = "queued"};
}

admission::Request Template() {
  admission::Request request;
  request.uid = "u-1";
  request.group = "apps";
  request.kind = "Deployment";
  request.resource = "deployments";
  request.namespace_name = "shop";
  request.is_template = true;
  return request;
}

struct TemplateCase {
  std::string name;
  V verdict;
  C cause;
  Action want;
};

class TemplateOutcome : public ::testing::TestWithParam<TemplateCase> {};

TEST_P(TemplateOutcome, IsAnEarlyWord) {
  EXPECT_EQ(Decide(Template(), {Use(GetParam().verdict, GetParam().cause)}, PolicySet()).action,
            GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, TemplateOutcome,
    ::testing::Values(TemplateCase{"Affected", V::kAffected, C::kNone, Action::kDeny},
                      TemplateCase{"Suspicious", V::kSuspicious, C::kNone, Action::kDeny},
                      TemplateCase{"Pending", V::kUnknown, C::kPending, Action::kWarn},
                      TemplateCase{"Unreachable", V::kUnknown, C::kUnreachable, Action::kWarn},
                      // What will not change by itself is told at once.
                      TemplateCase{"Unreadable", V::kUnknown, C::kUnreadable, Action::kDeny},
                      TemplateCase{"NotAnImage", V::kUnknown, C::kNotAnImage, Action::kDeny},
                      TemplateCase{"Clean", V::kClean, C::kNone, Action::kAllow}),
    [](const auto& test) { return test.param.name; });

TEST(TemplateDecision, SaysThatThePodsAreJudged) {
  const Decision decision = Decide(Template(), {Use(V::kUnknown, C::kPending)}, PolicySet());
  EXPECT_FALSE(decision.would_block);
  const admission::Response response = ToResponse(Template(), decision);
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(response.warnings,
              ElementsAre(HasSubstr("warning [XZ010 pending]: not scanned yet (queued); its pods "
                                    "are judged when they are made")));
}

TEST(TemplateDecision, APolicyThatAllowsStaysSilent) {
  const Decision decision = Decide(Template(), {Use(V::kUnknown, C::kPending)},
                                   Policies("{outcomes: {unknown: {pending: allow}}}"));
  EXPECT_THAT(ToResponse(Template(), decision).warnings, IsEmpty());
}

// Beside what is not known yet, what is known counts.
TEST(TemplateDecision, AMissingDigestIsDenied) {
  const Decision decision =
      Decide(Template(), {Use(V::kUnknown, C::kPending)}, Policies("{requireDigest: deny}"));
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.reason_code, "PL001");
}

// An entry that is there may be met by the time the pods come; one that is missing will not come.
TEST(TemplateDecision, SignaturesThatAreNotVerifiedYetWarn) {
  const std::string spec =
      "  authorities:\n" + Key("k") + "  signatures:\n    default: require\n    require:\n";
  const auto covered = ParseSpec(spec + "      - {any: [k]}\n");
  ASSERT_THAT(covered, testing::IsOk());
  const Decision pending = Decide(Template(), {Use(V::kClean)}, *covered);
  EXPECT_EQ(pending.action, Action::kWarn);
  EXPECT_EQ(pending.reason_code, "SG018");
  const auto uncovered = ParseSpec(spec + "      - {images: [other.example/x], any: [k]}\n");
  ASSERT_THAT(uncovered, testing::IsOk());
  const Decision none = Decide(Template(), {Use(V::kClean)}, *uncovered);
  EXPECT_EQ(none.action, Action::kDeny);
  EXPECT_EQ(none.reason_code, "SG017");
}

TEST(ScaleDown, PassesWhateverRuns) {
  admission::Request request = Template();
  request.operation = admission::Operation::kUpdate;
  request.is_scale_down = true;
  const Decision decision = Decide(request, {Use(V::kAffected)}, PolicySet());
  EXPECT_EQ(decision.action, Action::kAllow);
  EXPECT_THAT(ToResponse(request, decision).audit_annotations,
              Contains(Pair("reason", "scaled_down")));
}

TEST(UnknownKind, WarnsWithWhatToDo) {
  admission::Request request = Template();
  request.group = "argoproj.io";
  request.kind = "Rollout";
  request.is_known_kind = false;
  request.is_template = false;
  const Decision decision = Decide(request, {}, PolicySet());
  EXPECT_EQ(decision.action, Action::kWarn);
  const admission::Response response = ToResponse(request, decision);
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(
      response.warnings,
      ElementsAre("xzgate: kind \"Rollout\" of \"argoproj.io\" is not known [SY006 unknown_kind]: "
                  "nothing in it was looked at; name it in admission.extraKinds"));
  EXPECT_THAT(response.audit_annotations, Contains(Pair("reason", "SY006 unknown_kind")));
  for (const auto operation : {admission::Operation::kDelete, admission::Operation::kConnect}) {
    request.operation = operation;
    EXPECT_EQ(Decide(request, {}, PolicySet()).action, Action::kAllow);
  }
  request.operation = admission::Operation::kUpdate;
  request.subresource = "scale";
  EXPECT_EQ(Decide(request, {}, PolicySet()).action, Action::kAllow);
}

TEST(MirrorPod, IsReported) {
  admission::Request request = Template();
  request.is_template = false;
  request.is_mirror_pod = true;
  request.user = "system:node:n1";
  const Decision decision = Decide(request, {Use(V::kAffected)}, PolicySet());
  EXPECT_THAT(ToResponse(request, decision).audit_annotations,
              Contains(Pair("mirror-pod", "true")));
  EXPECT_THAT(ToResponse(request, decision).warnings, ElementsAre(HasSubstr("[XZ001 affected]")));
}

}  // namespace
}  // namespace xzgate::policy
