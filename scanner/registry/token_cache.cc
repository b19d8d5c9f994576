#include "scanner/registry/token_cache.h"

#include <algorithm>

namespace xzgate::registry {

Result<CachedToken> TokenCache::Get(const TokenKey& key, Deadline deadline, const Fetch& fetch) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (const Kept* kept = FindGood(key)) {
      return CachedToken{.token = kept->token.Clone(), .is_fresh = false};
    }
    const auto under_way = flights_.find(key);
    if (under_way == flights_.end()) break;
    const std::shared_ptr<Flight> flight = under_way->second;
    if (!AwaitEnd(*flight, deadline, lock)) {
      return DeadlineExceeded("waited for another request's token");
    }
    // The other caller's time may have run out before ours: then it is our turn.
    if (flight->failed && flight->error.code() != ErrorCode::kDeadlineExceeded) {
      return std::unexpected(flight->error);
    }
  }
  const auto flight = std::make_shared<Flight>();
  flights_[key] = flight;
  lock.unlock();
  const SteadyTime asked = clock_.Now();
  auto fresh = fetch();
  lock.lock();
  flights_.erase(key);
  flight->done = true;
  flight->failed = !fresh.has_value();
  if (fresh) {
    Keep(key, *fresh, asked);
  } else {
    flight->error = fresh.error();
  }
  landed_.notify_all();
  if (!fresh) return std::unexpected(std::move(fresh).error());
  return CachedToken{.token = std::move(fresh->token), .is_fresh = true};
}

// What is left is measured anew at each turn: a caller may wait for several flights in a row.
bool TokenCache::AwaitEnd(const Flight& flight, Deadline deadline,
                          std::unique_lock<std::mutex>& lock) {
  while (true) {
    const SteadyTime now = clock_.Now();
    if (deadline.HasPassed(now)) return false;
    if (flight.done) return true;
    landed_.wait_for(lock, deadline.Remaining(now));
  }
}

void TokenCache::Drop(const TokenKey& key, std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found != kept_.end() && found->second.token.Reveal() == token) kept_.erase(found);
}

const TokenCache::Kept* TokenCache::FindGood(const TokenKey& key) const {
  const auto found = kept_.find(key);
  return found != kept_.end() && clock_.Now() < found->second.good_until ? &found->second : nullptr;
}

// Counted from before the request was sent: the server's clock started later.
void TokenCache::Keep(const TokenKey& key, const FreshToken& fresh, SteadyTime asked) {
  const auto lifetime =
      std::clamp<std::chrono::seconds>(fresh.lifetime, kMinLifetime, kMaxLifetime);
  if (kept_.size() >= kMaxTokens) {
    std::erase_if(kept_, [asked](const auto& item) { return asked >= item.second.good_until; });
  }
  if (kept_.size() >= kMaxTokens) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.good_until < b.second.good_until;
    }));
  }
  kept_.insert_or_assign(key, Kept{fresh.token.Clone(), asked + lifetime - kMargin});
}

}  // namespace xzgate::registry
