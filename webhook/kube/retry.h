#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/http/sleeper.h"

namespace xzgate::kube {

// How often and how soon a call is tried again.
struct RetryOptions {
  int max_attempts = 4;  // the first one counted
  std::chrono::milliseconds first_backoff{200};
  std::chrono::milliseconds max_backoff{5'000};
  // A longer Retry-After ends the call; the caller may come back.
  std::chrono::milliseconds max_retry_after{30'000};
};

// Full jitter under a doubling ceiling. `attempt` is 1 after the first failure; `random` gives 0 to
// below 1. Pure.
std::chrono::milliseconds Backoff(int attempt, std::chrono::milliseconds first,
                                  std::chrono::milliseconds most, double random);

// The attempts of one call. Confined to one thread; borrows its arguments.
class Attempts {
 public:
  Attempts(const RetryOptions& options, const Clock& clock, http::Sleeper& sleeper,
           const std::function<double()>& random, Deadline deadline)
      : options_(options), clock_(clock), sleeper_(sleeper), random_(random), deadline_(deadline) {}

  // Waits before the next attempt, as long as `asked` (a Retry-After) at least. False, at once,
  // when there is none: they are used up, the wait is too long or would pass the deadline, or the
  // program stops.
  bool WaitForNext(std::optional<std::chrono::milliseconds> asked);

 private:
  const RetryOptions& options_;
  const Clock& clock_;
  http::Sleeper& sleeper_;
  const std::function<double()>& random_;
  const Deadline deadline_;
  int attempt_ = 1;
};

}  // namespace xzgate::kube
