#pragma once

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/http/sleeper.h"
#include "base/http/transport.h"

namespace xzgate::http {

struct RetryOptions {
  int max_attempts = 4;  // the first one counted
  std::chrono::milliseconds first_backoff{200};
  std::chrono::milliseconds max_backoff{10'000};
  // A longer Retry-After is the caller's to keep (hardening.md 8.3).
  std::chrono::milliseconds max_retry_after{60'000};
};

// Sends GET and HEAD again after kUnavailable (but for ErrorKind::kTls), 429, 500, 502, 503 and
// 504, with capped exponential backoff and full jitter, or as Retry-After says if that is longer.
// Gives the last answer or error when the attempts are used up, when the wait would pass the
// deadline, when Retry-After asks for more than `max_retry_after`, or when the sleeper was stopped.
// A failure within a body is not retried. Thread-safe if the parts are; all must outlive it.
class RetryingTransport final : public Transport {
 public:
  // `random` gives numbers from 0 to below 1 and is called from any thread.
  RetryingTransport(Transport& inner, const Clock& clock, Sleeper& sleeper,
                    std::function<double()> random, RetryOptions options = {});
  Result<Response> Send(const Request& request) override;

 private:
  // The time to wait before the attempt after `attempt` (1 for the first); absent to give up.
  std::optional<std::chrono::milliseconds> WaitAfter(int attempt, const Result<Response>& result,
                                                     Deadline deadline) const;
  Transport& inner_;
  const Clock& clock_;
  Sleeper& sleeper_;
  const std::function<double()> random_;
  const RetryOptions options_;
};

}  // namespace xzgate::http
