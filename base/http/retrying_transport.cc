#include "base/http/retrying_transport.h"

#include <algorithm>

#include "base/http/retry_after.h"

namespace xzgate::http {
namespace {

bool MaySucceedLater(const Result<Response>& result) {
  if (!result) return result.error().code() == ErrorCode::kUnavailable;
  const int status = result->status;
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

RetryingTransport::RetryingTransport(Transport& inner, const Clock& clock, Sleeper& sleeper,
                                     std::function<double()> random, RetryOptions options)
    : inner_(inner),
      clock_(clock),
      sleeper_(sleeper),
      random_(std::move(random)),
      options_(options) {}

Result<Response> RetryingTransport::Send(const Request& request) {
  for (int attempt = 1;; ++attempt) {
    auto result = inner_.Send(request);
    if (!IsReading(request.method) || !MaySucceedLater(result)) return result;
    const auto wait = WaitAfter(attempt, result, request.deadline);
    if (!wait) return result;
    // While it waits it holds neither a connection nor a slot of the host: the body goes first.
    if (result) result->body = std::make_unique<MemorySource>("");
    if (!sleeper_.Sleep(*wait)) return result;
  }
}

std::optional<std::chrono::milliseconds> RetryingTransport::WaitAfter(
    int attempt, const Result<Response>& result, Deadline deadline) const {
  using std::chrono::milliseconds;
  if (attempt >= options_.max_attempts) return std::nullopt;
  if (!result && result.error().kind() == ErrorKind::kTls) return std::nullopt;
  milliseconds ceiling = options_.first_backoff;
  for (int i = 1; i < attempt && ceiling < options_.max_backoff; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, options_.max_backoff);
  milliseconds wait(
      static_cast<milliseconds::rep>(static_cast<double>(ceiling.count()) * random_()));
  if (result) {
    const auto header = result->headers.Find("Retry-After");
    const auto asked = header ? ParseRetryAfter(*header, clock_.WallNow()) : std::nullopt;
    if (asked && *asked > options_.max_retry_after) return std::nullopt;
    wait = std::max(wait, asked.value_or(milliseconds(0)));
  }
  if (wait >= deadline.Remaining(clock_.Now())) return std::nullopt;
  return wait;
}

}  // namespace xzgate::http
