#include "webhook/gate/final_denial.h"

#include <algorithm>

#include "scanner/store/signature_state.h"

namespace xzgate::gate {
namespace {

// Whether the policy lets verified signatures outvote this verdict, and some are not known yet.
bool MayBeOutvoted(const policy::Rule& rule, const policy::JudgedUse& judged) {
  const auto wanted = rule.RequirementsFor(judged.reference->repository()).size();
  const auto decided = static_cast<std::size_t>(
      std::ranges::count_if(judged.signatures, [](const signature::Report& report) {
        return report.outcome() != signature::Outcome::kUndecided;
      }));
  return decided < wanted &&
         std::ranges::find(rule.outvoted, judged.report.verdict) != rule.outvoted.end();
}

}  // namespace

bool IsFinalDenial(const admission::Request& request, const policy::JudgedUse& judged,
                   const policy::PolicySet& policies) {
  const policy::Decision decision = policy::Decide(request, {judged}, policies);
  if (decision.action != policy::Action::kDeny) return false;
  if (!judged.reference) return true;
  const policy::UseDecision& use = decision.uses.front();
  if (WorstOf(use.findings) == policy::Action::kDeny) return true;
  const bool signatures_deny = use.signature_action == policy::Action::kDeny;
  if (signatures_deny && store::IsDenial(use.signatures)) return true;
  if (judged.report.verdict == rules::Verdict::kUnknown) return false;
  // Where both deny, the reason is the content's.
  if (signatures_deny && use.reason_code == signature::Code(use.signature_reason)) return false;
  return !MayBeOutvoted(policies.Match(judged.reference->repository(), request.namespace_name),
                        judged);
}

}  // namespace xzgate::gate
