#include "webhook/gate/tag_resolver.h"

namespace xzgate::gate {

TagResolver::TagResolver(registry::ImageSource& source, store::Store& store, const Clock& clock,
                         std::chrono::milliseconds life)
    : source_(source), store_(store), clock_(clock), life_(life) {}

std::optional<oci::Digest> TagResolver::FindKnown(const oci::Reference& reference) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(reference);
    if (found != known_.end() && found->second.expires > clock_.Now()) return found->second.digest;
  }
  auto stored = store_.FindTag(reference, clock_.WallNow());
  if (!stored || !*stored) return std::nullopt;
  // Not remembered here: the row knows when it ends, and the next call is one row's read.
  return **stored;
}

void TagResolver::Remember(const oci::Reference& reference, const oci::Digest& digest,
                           SteadyTime expires) {
  if (known_.size() >= kMaxTags) {
    const SteadyTime now = clock_.Now();
    std::erase_if(known_, [now](const auto& item) { return item.second.expires <= now; });
    if (known_.size() >= kMaxTags) known_.clear();
  }
  known_.insert_or_assign(reference, Known{digest, expires});
}

Result<oci::Digest> TagResolver::Resolve(const oci::Reference& reference, Deadline deadline,
                                         bool leave_trace) {
  std::unique_lock lock(mutex_);
  // The answer of another asker may have come since the caller looked.
  if (const auto found = known_.find(reference);
      found != known_.end() && found->second.expires > clock_.Now()) {
    return found->second.digest;
  }
  if (!flying_.insert(reference).second) {
    const bool landed =
        deadline.IsNever()
            ? (landed_.wait(lock, [&] { return !flying_.contains(reference); }), true)
            : landed_.wait_until(lock, deadline.when(),
                                 [&] { return !flying_.contains(reference); });
    if (!landed)
      return DeadlineExceeded("tag of " + reference.ToString() + " was not resolved in time");
    if (const auto found = known_.find(reference); found != known_.end())
      return found->second.digest;
    if (const auto found = failed_.find(reference); found != failed_.end()) return found->second;
    return Unavailable("tag of " + reference.ToString() + " was not resolved");
  }
  failed_.erase(reference);
  lock.unlock();
  Result<oci::Digest> digest =
      source_.Resolve(reference, {.deadline = deadline, .urgent = true, .stop = nullptr});
  if (digest && leave_trace) (void)store_.PutTag(reference, *digest, clock_.WallNow() + life_);
  lock.lock();
  flying_.erase(reference);
  if (digest) {
    Remember(reference, *digest, clock_.Now() + life_);
  } else {
    if (failed_.size() >= kMaxTags) failed_.clear();
    failed_.insert_or_assign(reference, digest);
  }
  lock.unlock();
  landed_.notify_all();
  return digest;
}

}  // namespace xzgate::gate
