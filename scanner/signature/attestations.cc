#include "scanner/signature/attestations.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "scanner/signature/group.h"

namespace xzgate::signature {
namespace {

using Attestations = std::vector<const VerifiedSignature*>;

// Anybody can have an old signature stamped once more: the first time is what dates it. For keys
// and long-lived certificates that is no proof: whoever may push can drop the first timestamp and
// have another made. Only a short-lived certificate bounds what the times may be.
std::optional<WallTime> SignedAt(const VerifiedSignature& attestation) {
  if (attestation.trusted_times().empty()) return std::nullopt;
  return attestation.trusted_times().front();
}

// Those that count: all of them, or the newest.
Attestations Counting(const Attestations& all, Which which) {
  if (which != Which::kNewest) return all;
  std::optional<WallTime> newest;
  for (const auto* attestation : all) newest = std::max(newest, SignedAt(*attestation));
  Attestations counting;
  std::ranges::copy_if(all, std::back_inserter(counting),
                       [&](const auto* each) { return SignedAt(*each) == newest; });
  return counting;
}

Result<std::optional<WallTime>> CheckConditions(const AttestationRule& rule,
                                                const VerifiedSignature& attestation,
                                                WallTime now) {
  std::optional<WallTime> until = attestation.valid_until();
  for (const Condition& condition : rule.conditions) {
    const auto held =
        CheckCondition(condition, attestation.predicate(), SignedAt(attestation), now);
    if (!held) return std::unexpected(held.error());
    KeepEarlier(until, held->until);
  }
  return until;
}

// What one authority says.
struct Word {
  std::optional<WallTime> until;
  std::set<std::size_t> signers;
};

// Whether one authority's attestations are what the rule wants; until when, and by whom.
Result<Word> CheckOne(const AttestationRule& rule, const Attestations& all, const Signers& signers,
                      WallTime now) {
  Word word;
  std::optional<Error> failure;
  for (const auto* attestation : Counting(all, rule.which)) {
    const auto held = CheckConditions(rule, *attestation, now);
    if (held) {
      KeepEarlier(word.until, *held);
      word.signers.insert(signers.Of(*attestation));
    } else if (!failure) {
      failure = held.error();
    }
  }
  if (failure && (rule.which != Which::kAny || word.signers.empty()))
    return std::unexpected(*failure);
  return word;
}

}  // namespace

bool MustSeeAll(const AttestationRule& rule) {
  return rule.which != Which::kAny && !rule.conditions.empty();
}

bool MustSeeAll(const Requirement& requirement) {
  return std::ranges::any_of(requirement.attestations,
                             [](const AttestationRule& rule) { return MustSeeAll(rule); });
}

void KeepEarlier(std::optional<WallTime>& until, const std::optional<WallTime>& other) {
  if (other && (!until || *other < *until)) until = other;
}

std::optional<Unmet> CheckAttestations(const AttestationRule& rule,
                                       const std::vector<VerifiedSignature>& verified,
                                       const Signers& signers, WallTime now,
                                       std::set<std::string>& vouched,
                                       std::optional<WallTime>& until) {
  std::map<std::string, Attestations> by_authority;
  std::set<std::string> asked;
  AddAuthorities(rule.by, asked);
  for (const VerifiedSignature& attestation : verified) {
    if (attestation.predicate_type() != rule.predicate_type) continue;
    if (asked.contains(attestation.authority()))
      by_authority[attestation.authority()].push_back(&attestation);
  }
  const std::string wanted = "an attestation of type " + Quote(rule.predicate_type) + " by " +
                             Describe(rule.by) + " is wanted";
  if (by_authority.empty()) return Unmet{Reason::kAttestation, wanted};
  std::set<std::string> names;
  Vouchers vouchers;
  std::optional<WallTime> earliest;
  std::string why;
  for (const auto& [name, attestations] : by_authority) {
    const auto held = CheckOne(rule, attestations, signers, now);
    if (held) {
      names.insert(name);
      vouchers.emplace(name, held->signers);
      KeepEarlier(earliest, held->until);
    } else {
      why += "; that of " + name + ": " + held.error().message();
    }
  }
  if (!IsMet(rule.by, vouchers))
    return Unmet{why.empty() ? Reason::kThreshold : Reason::kCondition, wanted + why};
  vouched.insert(names.begin(), names.end());
  KeepEarlier(until, earliest);
  return std::nullopt;
}

}  // namespace xzgate::signature
