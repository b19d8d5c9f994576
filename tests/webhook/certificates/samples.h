#pragma once

#include <string>

#include "webhook/certificates/renewal.h"

namespace xzgate::certificates {

inline constexpr WallTime kStart = std::chrono::sys_days(std::chrono::November / 24 / 2026);

inline Wish MakeWish() {
  return {.dns_names = {"xzgate.xz.svc", "xzgate.xz.svc.cluster.local"}};
}

// What the first replica writes into an empty cluster.
inline Material First(WallTime now = kStart, const Wish& wish = MakeWish()) {
  return Renew({}, wish, false, now)->value().material;
}

inline bool IsTrusted(const Leaf& leaf, const std::vector<crypto::Certificate>& authorities,
                      WallTime now) {
  if (!leaf.certificate.IsValidAt(now)) return false;
  for (const auto& authority : authorities) {
    if (authority.IsValidAt(now) && crypto::IsIssuedBy(leaf.certificate, authority)) return true;
  }
  return false;
}

}  // namespace xzgate::certificates
