#include "scanner/worker/signature_watcher.h"

#include <algorithm>

#include "scanner/worker/signature_schedule.h"

namespace xzgate::worker {

SignatureWatcher::SignatureWatcher(store::Store& store, RequirementSource& requirements,
                                   const Clock& clock, log::Logger& logger)
    : store_(store), requirements_(requirements), clock_(clock), logger_(logger) {}

void SignatureWatcher::QueueDue() {
  const WallTime now = clock_.WallNow();
  const auto images = store_.ImagesSeenSince(now - kLookedAfter, kMaxImages);
  if (!images) {
    logger_.Warning("sightings could not be read", {{"error", images.error().message()}});
    return;
  }
  std::size_t queued = 0;
  for (const auto& seen : *images) {
    if (queued == kMaxQueued) return;
    if (!IsDue(seen, now)) continue;
    const auto done = store_.Enqueue(seen.image, store::Priority::kRescan, now);
    if (!done || !*done) {
      logger_.Warning("images could not be queued for their signatures",
                      {{"error", done ? "the queue is full" : done.error().message()}});
      return;
    }
    ++queued;
  }
}

bool SignatureWatcher::IsDue(const store::SeenImage& seen, WallTime now) {
  const auto wanted = requirements_.RequirementsFor(seen.image.repository());
  if (wanted.empty()) return false;
  const auto states = store_.SignatureStates(seen.image);
  if (!states) return false;
  const bool due = std::ranges::any_of(wanted, [&](const signature::SealedRequirement& sealed) {
    return IsScheduled(FindState(*states, sealed.fingerprint), seen.last, now);
  });
  if (!due) return false;
  // One that is queued, rests after a failure or was given up has its time already.
  const auto job = store_.FindJob(seen.image);
  if (!job || !*job) return job.has_value();
  const store::JobState& state = **job;
  return state.dead && state.not_before && *state.not_before <= now;
}

}  // namespace xzgate::worker
