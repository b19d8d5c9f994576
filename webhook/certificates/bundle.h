#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"

namespace xzgate::certificates {

// Certificates of a caBundle that are looked at; ours has at most kMaxAuthorities.
inline constexpr std::size_t kMaxBundle = 16;
// How long an authority that the Secret does not know stays in a caBundle: another replica may
// still serve a leaf of it, after somebody restored or deleted the Secret.
inline constexpr auto kStrangersStay = std::chrono::minutes(10);

// Decides what the caBundle of our webhooks should say. Remembers since when it has seen
// authorities that it does not know. Confined to one thread.
class BundlePlan {
 public:
  // The bundle to write instead of `current` (PEM; anything may stand there); absent when it is
  // good as it is: all of `wanted`, newest first, then valid strangers that are not overdue, then
  // nothing else. `now` is for validity, `passed` a steady time for waiting.
  std::optional<std::string> Next(std::string_view current,
                                  const std::vector<crypto::Certificate>& wanted, WallTime now,
                                  SteadyTime passed);

 private:
  std::map<std::string, SteadyTime> strangers_;  // DER -> when first seen
};

// Whether a caBundle holds this authority.
bool Holds(std::string_view bundle, const crypto::Certificate& authority);

}  // namespace xzgate::certificates
