#include "scanner/signature/requirement.h"

#include <algorithm>
#include <bit>

#include "scanner/signature/fingerprint.h"

namespace xzgate::signature {
namespace {

// NOLINTNEXTLINE(misc-no-recursion): as deep as the policy, whose reader bounds it
void AddGroup(Fingerprinter& out, const Group& group) {
  out.Count(group.at_least);
  out.Count(group.authorities.size());
  for (const auto& name : group.authorities) out.Add(name);
  out.Count(group.groups.size());
  for (const auto& inner : group.groups) AddGroup(out, inner);
  out.Count(group.by_different_signers ? 1 : 0);
}

void AddCondition(Fingerprinter& out, const Condition& condition) {
  out.Add(condition.pointer);
  out.Count(static_cast<std::uint64_t>(condition.kind));
  out.Count(condition.texts.size());
  for (const auto& text : condition.texts) out.Add(text);
  out.Count(condition.expressions.size());
  for (const auto& expression : condition.expressions) out.Add(expression.ToString());
  out.Count(std::bit_cast<std::uint64_t>(condition.number));
  out.Count(static_cast<std::uint64_t>(condition.age.count()));
}

void AddAttestation(Fingerprinter& out, const AttestationRule& rule) {
  out.Add(rule.predicate_type);
  AddGroup(out, rule.by);
  out.Count(rule.conditions.size());
  for (const auto& condition : rule.conditions) AddCondition(out, condition);
  out.Count(static_cast<std::uint64_t>(rule.which));
}

}  // namespace

const Authority* Requirement::FindAuthority(std::string_view authority) const {
  const auto found = std::ranges::find_if(
      authorities, [authority](const auto& known) { return known->name == authority; });
  return found == authorities.end() ? nullptr : found->get();
}

std::string Requirement::Fingerprint() const {
  // A verifier that answers otherwise needs another number here: stored reports are keyed by it.
  Fingerprinter out("xzgate.dev/requirement/v2");
  out.Add(name);
  out.Count(authorities.size());
  for (const auto& authority : authorities) out.Add(authority->Fingerprint());
  out.Count(signatures ? 1 : 0);
  if (signatures) AddGroup(out, *signatures);
  out.Count(attestations.size());
  for (const auto& rule : attestations) AddAttestation(out, rule);
  out.Count(signature_repository ? 1 : 0);
  if (signature_repository) {
    out.Add(signature_repository->host);
    out.Add(signature_repository->path);
  }
  out.Count(verify_children ? 1 : 0);
  return out.FinishHex();
}

SealedRequirement Seal(Requirement requirement) {
  SealedRequirement sealed;
  sealed.fingerprint = requirement.Fingerprint();
  sealed.requirement = std::make_shared<const Requirement>(std::move(requirement));
  return sealed;
}

}  // namespace xzgate::signature
