#pragma once

#include <compare>
#include <cstddef>
#include <string_view>
#include <vector>

#include "scanner/signature/authority.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/material.h"
#include "scanner/signature/verifier.h"

namespace xzgate::signature {

// How near an attempt that failed came. Ordered: what tells a person most is the greatest.
struct Nearness {
  bool is_of_its_kind = false;  // a certificate where one is wanted, a key where a key is
  bool is_its_signer = false;   // the authority's own key or certificate authority made it
  std::size_t held = 0;         // steps that held; a trust root that is there proves nothing
  // Of equals: what we cannot judge may be good, and "another key" says who to ask.
  int reason = 0;
  auto operator<=>(const Nearness&) const = default;
};
// Pure.
Nearness NearnessOf(const Material& material, const Authority& authority, const Attempt& attempt);

// A candidate that did not verify.
struct Failure {
  std::size_t report = 0;     // in Tried::reports
  std::size_t candidate = 0;  // in CandidateList::tried
  Nearness nearness = {};
};

// The nearest of them, the first of equals; null when there is none.
const Failure* Closest(const std::vector<Failure>& failures);
// The same of those alone that claim to be an attestation of this type.
const Failure* ClosestAttestation(const std::vector<Failure>& failures,
                                  const CandidateList& candidates, std::string_view predicate_type);

}  // namespace xzgate::signature
