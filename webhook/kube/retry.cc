#include "webhook/kube/retry.h"

#include <algorithm>

namespace xzgate::kube {

std::chrono::milliseconds Backoff(int attempt, std::chrono::milliseconds first,
                                  std::chrono::milliseconds most, double random) {
  std::chrono::milliseconds ceiling = first;
  for (int i = 1; i < attempt && ceiling < most; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, most);
  using Count = std::chrono::milliseconds::rep;
  return std::chrono::milliseconds(
      static_cast<Count>(static_cast<double>(ceiling.count()) * random));
}

bool Attempts::WaitForNext(std::optional<std::chrono::milliseconds> asked) {
  if (attempt_ >= options_.max_attempts) return false;
  if (asked && *asked > options_.max_retry_after) return false;
  const auto wait =
      std::max(Backoff(attempt_, options_.first_backoff, options_.max_backoff, random_()),
               asked.value_or(std::chrono::milliseconds(0)));
  if (wait >= deadline_.Remaining(clock_.Now())) return false;
  ++attempt_;
  return sleeper_.Sleep(wait);
}

}  // namespace xzgate::kube
