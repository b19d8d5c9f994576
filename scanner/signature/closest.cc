#include "scanner/signature/closest.h"

#include <algorithm>
#include <variant>

#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

int RankOf(Reason reason) {
  if (reason == Reason::kTrustRoot) return 2;
  return reason == Reason::kSignature ? 1 : 0;
}

bool Claims(const Candidate& candidate, std::string_view predicate_type) {
  if (!candidate.material) return false;
  const auto* envelope = std::get_if<Envelope>(&candidate.material->content);
  if (envelope == nullptr) return false;
  const auto statement = ParseStatement(envelope->payload);
  return statement && statement->predicate_type == predicate_type;
}

}  // namespace

Nearness NearnessOf(const Material& material, const Authority& authority, const Attempt& attempt) {
  const bool wants_key = std::holds_alternative<KeyAuthority>(authority.kind);
  // The step that only this authority's own signatures pass.
  const std::string_view own_step = wants_key ? "signature" : "certificate";
  Nearness nearness{.is_of_its_kind = wants_key != material.certificate.has_value(),
                    .reason = RankOf(attempt.reason)};
  for (const Step& step : attempt.steps) {
    if (!step.held || step.name == "trust root") continue;
    ++nearness.held;
    nearness.is_its_signer = nearness.is_its_signer || step.name == own_step;
  }
  // A key may stand in a certificate too.
  nearness.is_of_its_kind = nearness.is_of_its_kind || nearness.is_its_signer;
  return nearness;
}

const Failure* Closest(const std::vector<Failure>& failures) {
  const auto found = std::ranges::max_element(failures, {}, &Failure::nearness);
  return found == failures.end() ? nullptr : &*found;
}

const Failure* ClosestAttestation(const std::vector<Failure>& failures,
                                  const CandidateList& candidates,
                                  std::string_view predicate_type) {
  std::vector<bool> claims;
  for (const Candidate& candidate : candidates.tried)
    claims.push_back(Claims(candidate, predicate_type));
  const Failure* closest = nullptr;
  for (const Failure& failure : failures) {
    if (!claims[failure.candidate]) continue;
    if (closest == nullptr || closest->nearness < failure.nearness) closest = &failure;
  }
  return closest;
}

}  // namespace xzgate::signature
