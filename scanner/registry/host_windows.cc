#include "scanner/registry/host_windows.h"

#include <algorithm>
#include <optional>

#include "base/http/retry_after.h"
#include "base/text.h"

namespace xzgate::registry {

void HostWindows::Note(const std::string& host, const http::Response& response) {
  if (response.status != 429 && response.status != 503) return;
  const auto header = response.headers.Find("Retry-After");
  auto asked = header ? http::ParseRetryAfter(*header, clock_.WallNow()) : std::nullopt;
  if (!asked && response.status == 429) asked = kBareWindow;
  if (!asked || asked->count() <= 0) return;
  const SteadyTime now = clock_.Now();
  const SteadyTime until = now + std::min<std::chrono::milliseconds>(*asked, kMaxWindow);
  const std::lock_guard lock(mutex_);
  if (until_.size() >= kMaxHosts) {
    std::erase_if(until_, [now](const auto& item) { return now >= item.second; });
  }
  if (until_.size() >= kMaxHosts && !until_.contains(host)) return;
  SteadyTime& kept = until_.try_emplace(host, until).first->second;
  kept = std::max(kept, until);
}

std::chrono::milliseconds HostWindows::BusyFor(const std::string& host) const {
  const std::lock_guard lock(mutex_);
  const auto found = until_.find(host);
  if (found == until_.end()) return std::chrono::milliseconds(0);
  return Deadline::At(found->second).Remaining(clock_.Now());
}

Result<void> HostWindows::Check(const std::string& host) const {
  const auto left = BusyFor(host);
  if (left.count() <= 0) return {};
  const Error error(ErrorCode::kUnavailable, "registry " + Quote(host) + ": asked to wait until " +
                                                 ToRfc3339(clock_.WallNow() + left));
  return std::unexpected(error.WithKind(ErrorKind::kRateLimited));
}

std::vector<std::string> HostWindows::BusyHosts() const {
  const SteadyTime now = clock_.Now();
  const std::lock_guard lock(mutex_);
  std::vector<std::string> hosts;
  for (const auto& [host, until] : until_) {
    if (until > now) hosts.push_back(host);
  }
  return hosts;
}

}  // namespace xzgate::registry
