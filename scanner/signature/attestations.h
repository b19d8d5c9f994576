#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/requirement.h"
#include "scanner/signature/signers.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

// Why an attestation rule is not met.
struct Unmet {
  Reason reason = Reason::kAttestation;
  std::string detail;
};

// Whether the attestations among `verified` meet a rule: the type exactly, enough authorities, and
// for each of them the conditions as rule.which says. Absent: it is met; those who vouch are added
// to `vouched`, and `until` comes forward to when that ends. `signers` are those of `verified`.
// Pure.
std::optional<Unmet> CheckAttestations(const AttestationRule& rule,
                                       const std::vector<VerifiedSignature>& verified,
                                       const Signers& signers, WallTime now,
                                       std::set<std::string>& vouched,
                                       std::optional<WallTime>& until);

// Whether one attestation that says "no" is enough against any number that say "yes": none may be
// missed then.
bool MustSeeAll(const AttestationRule& rule);
// Of any rule of the requirement.
bool MustSeeAll(const Requirement& requirement);

// `until` becomes the earlier of itself and `other`.
void KeepEarlier(std::optional<WallTime>& until, const std::optional<WallTime>& other);

}  // namespace xzgate::signature
