#include "webhook/policy/signature_judgement.h"

#include <algorithm>

namespace xzgate::policy {
namespace {

using signature::Outcome;
using signature::Reason;

Action ForOutcome(const Outcomes& outcomes, Outcome outcome) {
  switch (outcome) {
    case Outcome::kNotRequired:
    case Outcome::kVerified:
      return Action::kAllow;
    case Outcome::kUnsigned:
      return outcomes.unsigned_image;
    case Outcome::kWronglySigned:
      return outcomes.wrongly_signed;
    case Outcome::kUndecided:
      return outcomes.undecided;
  }
  return Action::kDeny;
}

// Of outcomes that lead to the same, what is known comes before what may still change.
int RankOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kWronglySigned:
      return 4;
    case Outcome::kUnsigned:
      return 3;
    case Outcome::kUndecided:
      return 2;
    case Outcome::kVerified:
      return 1;
    case Outcome::kNotRequired:
      return 0;
  }
  return 4;
}

struct Known {
  Outcome outcome = Outcome::kUndecided;
  Reason reason = Reason::kPending;
  std::string detail = "the signatures are not verified yet";
};

Known KnownOf(const std::vector<signature::Report>& reports, std::size_t index) {
  if (index >= reports.size() || reports[index].outcome() == Outcome::kNotRequired) return {};
  const signature::Report& report = reports[index];
  return {report.outcome(), report.reason(), report.detail()};
}

void Take(UseDecision& use, Action action, Known known,
          std::shared_ptr<const signature::Requirement> requirement) {
  const bool is_worse =
      action > use.signature_action ||
      (action == use.signature_action && RankOf(known.outcome) > RankOf(use.signatures));
  if (!is_worse) return;
  use.signatures = known.outcome;
  use.signature_reason = known.reason;
  use.signature_action = action;
  use.signature_detail = std::move(known.detail);
  use.unmet = known.outcome == Outcome::kVerified ? nullptr : std::move(requirement);
}

void AddVouchers(UseDecision& use, const signature::Report& report) {
  for (const auto& name : report.vouched_by()) {
    if (std::ranges::find(use.vouched_by, name) == use.vouched_by.end())
      use.vouched_by.push_back(name);
  }
}

}  // namespace

void JudgeSignatures(const Rule& rule, UseDecision& use) {
  if (!use.judged.reference) {  // nobody can say which entries cover it
    if (!rule.signature_rules.empty()) use.signatures = Outcome::kUndecided;
    return;
  }
  const auto requirements = rule.RequirementsFor(use.judged.reference->repository());
  if (requirements.empty() && rule.requires_signature_by_default) {
    const Known uncovered{Outcome::kUndecided, Reason::kNoRequirement,
                          "no entry of the policy says who must have signed this image"};
    Take(use, ForOutcome(rule.outcomes, uncovered.outcome), uncovered, nullptr);
  }
  for (std::size_t i = 0; i < requirements.size(); ++i) {
    Known known = KnownOf(use.judged.signatures, i);
    const Action action = ForOutcome(rule.outcomes, known.outcome);
    Take(use, action, std::move(known), requirements[i].requirement);
    if (i < use.judged.signatures.size()) AddVouchers(use, use.judged.signatures[i]);
  }
}

}  // namespace xzgate::policy
