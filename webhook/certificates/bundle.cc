#include "webhook/certificates/bundle.h"

#include <algorithm>
#include <utility>

namespace xzgate::certificates {
namespace {

// Damage anywhere makes all of it nothing: the API server trusts no part of such a bundle either.
std::vector<crypto::Certificate> Read(std::string_view bundle) {
  auto list = crypto::Certificate::ListFromPem(bundle, kMaxBundle);
  return list ? std::move(*list) : std::vector<crypto::Certificate>();
}

bool Contains(const std::vector<crypto::Certificate>& list, const crypto::Certificate& one) {
  return std::ranges::find(list, one) != list.end();
}

}  // namespace

std::optional<std::string> BundlePlan::Next(std::string_view current,
                                            const std::vector<crypto::Certificate>& wanted,
                                            WallTime now, SteadyTime passed) {
  std::string next;
  for (const auto& authority : wanted) next += authority.ToPem();
  std::map<std::string, SteadyTime> seen;
  for (const auto& stranger : Read(current)) {
    if (Contains(wanted, stranger) || seen.contains(stranger.der())) continue;
    if (!stranger.IsAuthority() || !stranger.IsValidAt(now)) continue;
    const auto known = strangers_.find(stranger.der());
    const SteadyTime since = known == strangers_.end() ? passed : known->second;
    seen.emplace(stranger.der(), since);
    if (passed - since < kStrangersStay) next += stranger.ToPem();
  }
  strangers_ = std::move(seen);
  if (next == current) return std::nullopt;
  return next;
}

bool Holds(std::string_view bundle, const crypto::Certificate& authority) {
  return Contains(Read(bundle), authority);
}

}  // namespace xzgate::certificates
