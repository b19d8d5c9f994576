#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "webhook/certificates/material.h"

// When authorities and leaves are made, changed and dropped. Pure but for new keys and serial
// numbers; thread-safe.
//
//   new authority  ->  published beside the old  ->  signs the leaf  ->  the old one is dropped
//
// At each point the leaf that any replica serves is vouched for by an authority in every caBundle.
namespace xzgate::certificates {

// A leaf is easily renewed; an authority's end must never come as a surprise (kyverno#13639: an
// expired authority under a valid leaf).
inline constexpr auto kLeafLife = std::chrono::days(90);
inline constexpr auto kAuthorityLife = std::chrono::days(3650);
// Certificates begin earlier than they are made: clocks differ.
inline constexpr auto kBackdating = std::chrono::hours(1);
// After a leaf is made, the authority of the one before stays trusted this long: every replica
// takes up the new one within kPollInterval, and the API server its caBundle at once.
inline constexpr auto kOverlap = std::chrono::hours(1);

// What is wanted of the certificates.
struct Wish {
  std::vector<std::string> dns_names;  // of the webhook's Service; at least one
  std::chrono::seconds leaf_life = kLeafLife;
  std::chrono::seconds authority_life = kAuthorityLife;
};

struct Renewed {
  Material material;
  std::string reason;  // "the leaf ends on ...", for log and event
};

// What the Secret should hold instead of `current`; absent when it is good as it is. Renewal is due
// when a third of a life is left. `is_published`: every caBundle holds the newest authority of
// `current`; until then it signs nothing, unless the leaf is of no use anyway. Error: kInternal
// when OpenSSL refuses.
Result<std::optional<Renewed>> Renew(const Material& current, const Wish& wish, bool is_published,
                                     WallTime now);

}  // namespace xzgate::certificates
