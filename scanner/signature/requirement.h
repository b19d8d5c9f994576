#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scanner/oci/reference.h"
#include "scanner/signature/authority.h"
#include "scanner/signature/condition.h"

namespace xzgate::signature {

// At least so many of these authorities and groups: `all` is all of them, `any` is one, and a
// threshold asks for as many signers too.
struct Group {
  std::size_t at_least = 1;
  std::vector<std::string> authorities = {};  // names
  std::vector<Group> groups = {};
  // Whether each of those that are counted has a signer of its own (signers.h): two authorities
  // whose identities overlap are not met by one person. Groups inside go by their own flag.
  bool by_different_signers = false;
};

// How several attestations that verify are taken together. One that says "no" must not be outvoted
// by an older one that says "yes" (signatures.md 4.2).
enum class Which : std::uint8_t {
  // The newest of each authority, by its earliest trusted time (anybody can add a later one to an
  // old signature; whoever may push can exchange all of them where the signer is a key or has a
  // long-lived certificate); those without one count as the oldest, and of equals all must hold.
  kNewest,
  kAll,
  kAny,
};

// An attestation that must be there.
struct AttestationRule {
  std::string predicate_type = {};  // a URI, exact
  Group by = {};
  std::vector<Condition> conditions = {};  // all of them
  Which which = Which::kNewest;
};

// What one policy asks of an image's signatures. A value, shared as a snapshot.
struct Requirement {
  std::string name = {};   // for messages: the policy's
  std::string entry = {};  // which of it: "attestations[1] (vuln)"; "" where there is but one
  std::vector<std::shared_ptr<const Authority>> authorities = {};
  std::optional<Group> signatures = {};  // absent: attestations alone are asked for
  std::vector<AttestationRule> attestations = {};
  std::optional<oci::Repository> signature_repository = {};  // absent: the image's own
  // Of an index that is not signed itself: whether it will do that every image in it is.
  bool verify_children = false;

  const Authority* FindAuthority(std::string_view name) const;
  // SHA-256 in hex over everything above, trust roots included: part of a stored report's key.
  std::string Fingerprint() const;
};

// A requirement with its fingerprint, which is computed once. A value; cheap to copy.
struct SealedRequirement {
  std::shared_ptr<const Requirement> requirement;
  std::string fingerprint;
};
SealedRequirement Seal(Requirement requirement);

}  // namespace xzgate::signature
