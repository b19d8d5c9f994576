#pragma once

#include <chrono>
#include <compare>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret_string.h"

namespace xzgate::registry {

// What a bearer token is good for. A value.
struct TokenKey {
  std::string realm;
  std::string service;
  std::string scope;
  std::string identity;  // Credential::identity, empty for nobody

  auto operator<=>(const TokenKey&) const = default;
};

// A token as its server gave it. Move-only.
struct FreshToken {
  SecretString token;
  std::chrono::seconds lifetime{0};
};

// A token for the caller. Move-only.
struct CachedToken {
  SecretString token;
  bool is_fresh = false;  // fetched by this call, so that another fetch would bring nothing new
};

// Keeps bearer tokens until shortly before they expire, and lets one caller fetch what several wait
// for. Thread-safe; `clock` must outlive it.
class TokenCache {
 public:
  static constexpr std::chrono::seconds kMinLifetime{
      60};  // distribution, docs/content/spec/auth/token.md
  static constexpr std::chrono::hours kMaxLifetime{24};  // a longer one is not believed
  static constexpr std::chrono::seconds kMargin{10};     // used up on the way and in clock steps
  static constexpr std::size_t kMaxTokens = 4096;

  using Fetch = std::function<Result<FreshToken>()>;

  explicit TokenCache(const Clock& clock) : clock_(clock) {}

  // The token kept for `key` that is still good, else what `fetch` brings; callers that ask
  // meanwhile wait for it, at most until `deadline` (kDeadlineExceeded). Errors of `fetch`, which
  // are not kept.
  Result<CachedToken> Get(const TokenKey& key, Deadline deadline, const Fetch& fetch);

  // Forgets `token` if it is what is kept for `key`: its server no longer takes it.
  void Drop(const TokenKey& key, std::string_view token);

 private:
  struct Kept {
    SecretString token;
    SteadyTime good_until;
  };
  // One fetch under way; shared by the callers that wait for it.
  struct Flight {
    bool done = false;
    bool failed = false;
    Error error{ErrorCode::kInternal, ""};
  };

  const Kept* FindGood(const TokenKey& key) const;
  // Whether the flight ended before the deadline. Gives `lock` up while it waits.
  bool AwaitEnd(const Flight& flight, Deadline deadline, std::unique_lock<std::mutex>& lock);
  void Keep(const TokenKey& key, const FreshToken& fresh, SteadyTime asked);

  const Clock& clock_;
  std::mutex mutex_;  // guards kept_, flights_ and what the flights hold
  std::condition_variable landed_;
  std::map<TokenKey, Kept> kept_;
  std::map<TokenKey, std::shared_ptr<Flight>> flights_;
};

}  // namespace xzgate::registry
