#include "webhook/kube/server_clock.h"

#include "base/http/retry_after.h"

namespace xzgate::kube {

void ServerClock::Note(std::string_view date) {
  const auto parsed = http::ParseHttpDate(date);
  if (!parsed) return;
  const SteadyTime now = clock_.Now();
  const std::lock_guard lock(mutex_);
  seen_ = Seen{*parsed, now};
}

WallTime ServerClock::Now() const {
  const SteadyTime now = clock_.Now();
  const std::lock_guard lock(mutex_);
  if (!seen_) return clock_.WallNow();
  return seen_->date + std::chrono::duration_cast<std::chrono::milliseconds>(now - seen_->at);
}

}  // namespace xzgate::kube
