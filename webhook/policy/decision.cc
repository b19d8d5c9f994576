#include "webhook/policy/decision.h"

#include <algorithm>

#include "webhook/policy/signature_judgement.h"

namespace xzgate::policy {
namespace {

Action ForUnknown(const Outcomes& outcomes, rules::Cause cause, admission::UseKind kind) {
  switch (cause) {
    case rules::Cause::kUnreachable:
      return outcomes.unreachable;
    case rules::Cause::kUnreadable:
      return outcomes.unreadable;
    case rules::Cause::kNotAnImage:
      return kind == admission::UseKind::kImageVolume ? outcomes.not_an_image_volume
                                                      : outcomes.not_an_image_container;
    case rules::Cause::kNone:
    case rules::Cause::kPending:
      return outcomes.pending;
  }
  return outcomes.pending;
}

// Whether something that decides was not read to its end, though a finding gave the verdict.
bool HasUnread(const rules::Report& report) {
  return std::any_of(report.platforms.begin(), report.platforms.end(),
                     [](const rules::PlatformReport& platform) {
                       return platform.deciding && platform.has_unread;
                     });
}

// Who lets such findings in has not thereby let in what nobody read.
Action UnlessUnread(Action action, const Outcomes& outcomes, const rules::Report& report) {
  return HasUnread(report) ? std::max(action, outcomes.unreadable) : action;
}

// What the verdict alone leads to. `is_outvoted`: verified signatures speak for the image, and the
// policy lets them outvote this verdict; what nobody read, nobody vouched for.
Action ForReport(const Outcomes& outcomes, const rules::Report& report, admission::UseKind kind,
                 bool is_outvoted) {
  const auto softened = [&](Action action) {
    return is_outvoted ? std::min(action, Action::kWarn) : action;
  };
  switch (report.verdict) {
    case rules::Verdict::kAffected: {
      const Action action = softened(outcomes.affected);
      return is_outvoted ? UnlessUnread(action, outcomes, report) : action;
    }
    case rules::Verdict::kSuspicious:
      return UnlessUnread(softened(outcomes.suspicious), outcomes, report);
    case rules::Verdict::kAffectedVersion:
      return UnlessUnread(softened(outcomes.affected_version), outcomes, report);
    case rules::Verdict::kUnknown:
      return ForUnknown(outcomes, report.cause, kind);
    case rules::Verdict::kFixedByDistro:
      return outcomes.fixed_by_distro;
    case rules::Verdict::kClean:
      return outcomes.clean;
  }
  return Action::kDeny;
}

// A template's pods are judged when they are made, and by then more may be known.
bool MayBecomeKnown(const rules::Report& report) {
  return report.verdict == rules::Verdict::kUnknown &&
         (report.cause == rules::Cause::kPending || report.cause == rules::Cause::kNone ||
          report.cause == rules::Cause::kUnreachable);
}

bool MayBecomeKnown(signature::Reason reason) {
  return reason == signature::Reason::kPending || reason == signature::Reason::kRegistry;
}

void LeaveToPod(UseDecision& use, Action& action) {
  if (action != Action::kDeny) return;
  action = Action::kWarn;
  use.pod_decides = true;
}

void JudgeReference(UseDecision& use, const Rule& rule) {
  if (rule.require_digest == RequireDigest::kOff || use.judged.reference->digest()) return;
  const Action wanted = rule.require_digest == RequireDigest::kDeny ? Action::kDeny : Action::kWarn;
  if (wanted <= use.action) return;
  use.action = wanted;
  use.reason_code = "PL001";
  use.reason = "digest_required";
}

void JudgeContent(UseDecision& use, const Rule& rule, bool is_template) {
  const rules::Report& report = use.judged.report;
  const bool may_outvote = use.signatures == signature::Outcome::kVerified &&
                           std::ranges::find(rule.outvoted, report.verdict) != rule.outvoted.end();
  const Action alone = ForReport(rule.outcomes, report, use.judged.use.kind, false);
  use.action = ForReport(rule.outcomes, report, use.judged.use.kind, may_outvote);
  use.outvoted = use.action < alone;
  if (is_template && MayBecomeKnown(report)) LeaveToPod(use, use.action);
  use.reason_code = use.judged.problem_code.empty()
                        ? std::string(rules::ReasonCode(report.verdict, report.cause))
                        : use.judged.problem_code;
  use.reason = report.verdict == rules::Verdict::kUnknown
                   ? std::string(rules::ToString(report.cause))
                   : std::string(rules::ToString(report.verdict));
  JudgeReference(use, rule);
}

const Rule& RuleOf(const admission::Request& request, const JudgedUse& judged,
                   const PolicySet& policies) {
  return judged.reference ? policies.Match(judged.reference->repository(), request.namespace_name)
                          : policies.MatchUnparsed(request.namespace_name);
}

// Adds findings about a container or its pod; the worst of them may be worse than the image.
void TakeFindings(UseDecision& use, std::vector<PodFinding> findings, bool may_only_warn) {
  for (PodFinding& finding : findings) {
    if (may_only_warn) finding.action = std::min(finding.action, Action::kWarn);
    if (finding.action > use.action) {
      use.action = finding.action;
      use.reason_code = finding.code;
      use.reason = finding.word;
    }
    use.findings.push_back(std::move(finding));
  }
}

UseDecision JudgeUse(const admission::Request& request, JudgedUse judged,
                     const PolicySet& policies) {
  UseDecision use{.judged = std::move(judged),
                  .policy = {},
                  .reason_code = {},
                  .reason = {},
                  .message_suffix = {}};
  const Rule& rule = RuleOf(request, use.judged, policies);
  use.policy = rule.policy;
  use.mode = rule.mode;
  use.message_suffix = rule.message_suffix;
  JudgeSignatures(rule, use);
  if (request.is_template && MayBecomeKnown(use.signature_reason))
    LeaveToPod(use, use.signature_action);
  if (!use.judged.reference) {
    use.action = Action::kDeny;
    use.reason_code = "PL002";
    use.reason = "invalid_reference";
  } else {
    JudgeContent(use, rule, request.is_template);
    if (use.signature_action > use.action) {
      use.action = use.signature_action;
      use.reason_code = signature::Code(use.signature_reason);
      use.reason = signature::ToString(use.signature_reason);
    }
  }
  const bool may_only_warn = use.judged.use.unchanged || IsMirrorOfNode(request);
  if (may_only_warn && use.action == Action::kDeny) use.action = Action::kWarn;
  TakeFindings(use, FindInContainer(request, use.judged.use, rule.pod_findings),
               IsMirrorOfNode(request));
  return use;
}

// What is done once the mode has its say.
Action Applied(Action action, Mode mode) {
  if (action != Action::kDeny || mode == Mode::kEnforce)
    return mode == Mode::kAudit ? Action::kAllow : action;
  return mode == Mode::kWarn ? Action::kWarn : Action::kAllow;
}

Action Applied(const UseDecision& use) {
  return Applied(use.action, use.mode);
}

// Worst first: what is done, then what would be, then the verdict.
bool IsWorseUse(const UseDecision& a, const UseDecision& b) {
  if (Applied(a) != Applied(b)) return Applied(a) > Applied(b);
  if (a.action != b.action) return a.action > b.action;
  return rules::IsWorse(a.judged.report.verdict, b.judged.report.verdict);
}

// Findings about the pod as a whole go with one of its images: that whose policy makes the most of
// them.
void JudgePod(const admission::Request& request, const PolicySet& policies,
              std::vector<UseDecision>& uses) {
  UseDecision* bearer = nullptr;
  std::vector<PodFinding> worst;
  std::pair<Action, Action> worst_rank = {Action::kAllow, Action::kAllow};
  for (UseDecision& use : uses) {
    auto findings = FindInPod(request, RuleOf(request, use.judged, policies).pod_findings);
    const Action action = WorstOf(findings);
    const std::pair rank = {Applied(action, use.mode), action};
    if (rank <= worst_rank) continue;
    worst_rank = rank;
    worst = std::move(findings);
    bearer = &use;
  }
  if (bearer != nullptr) TakeFindings(*bearer, std::move(worst), IsMirrorOfNode(request));
}

// A kind that the operator's rules send us, and of which we do not know where its pods are.
bool IsUnknownKind(const admission::Request& request) {
  const bool writes = request.operation == admission::Operation::kCreate ||
                      request.operation == admission::Operation::kUpdate;
  return writes && !request.is_known_kind && request.subresource.empty();
}

}  // namespace

bool PassesUnjudged(const admission::Request& request) {
  return request.being_deleted || request.is_scale_down;
}

bool IsMirrorOfNode(const admission::Request& request) {
  return request.is_mirror_pod && request.user.starts_with("system:node:");
}

Decision Decide(const admission::Request& request, std::vector<JudgedUse> uses,
                const PolicySet& policies) {
  Decision decision;
  decision.reason = "no_images";
  if (PassesUnjudged(request)) {
    decision.reason = request.being_deleted ? "being_deleted" : "scaled_down";
    return decision;
  }
  if (IsUnknownKind(request)) {
    decision.action = Action::kWarn;
    decision.reason_code = "SY006";
    decision.reason = "unknown_kind";
    return decision;
  }
  for (auto& judged : uses) decision.uses.push_back(JudgeUse(request, std::move(judged), policies));
  JudgePod(request, policies, decision.uses);
  std::stable_sort(decision.uses.begin(), decision.uses.end(), IsWorseUse);
  if (decision.uses.empty()) return decision;
  const UseDecision& worst = decision.uses.front();
  decision.action = Applied(worst);
  decision.mode = worst.mode;
  decision.reason_code = worst.reason_code;
  decision.reason = worst.reason;
  decision.would_block =
      decision.action != Action::kDeny &&
      std::any_of(decision.uses.begin(), decision.uses.end(),
                  [](const UseDecision& use) { return use.action == Action::kDeny; });
  return decision;
}

}  // namespace xzgate::policy
