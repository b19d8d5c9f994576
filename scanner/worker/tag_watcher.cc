#include "scanner/worker/tag_watcher.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace xzgate::worker {
namespace {

constexpr std::size_t kMaxSightings = 10'000;

bool MatchesAny(const std::vector<std::string>& globs, const std::string& tag) {
  return std::any_of(globs.begin(), globs.end(),
                     [&tag](const std::string& glob) { return GlobMatches(glob, tag); });
}

// What cosign keeps under a tag that is made of an image's digest, and what the fallback of the
// referrers API keeps: they are about an image, and are none ("sha256-HEX", "sha256-HEX.sig").
bool IsAboutAnImage(std::string_view tag) {
  const std::string_view digest = tag.substr(0, tag.find('.'));
  const std::string_view ending = tag.substr(digest.size());
  if (!ending.empty() && ending != ".sig" && ending != ".att" && ending != ".sbom") return false;
  const auto dash = digest.find('-');
  return dash != digest.npos && oci::Digest::Parse(std::string(digest.substr(0, dash)) + ":" +
                                                   std::string(digest.substr(dash + 1)));
}

}  // namespace

TagWatcher::TagWatcher(registry::ImageSource& source, store::Store& store, const Clock& clock,
                       log::Logger& logger, const ServiceOptions& options, std::string rules)
    : source_(source),
      store_(store),
      clock_(clock),
      logger_(logger),
      options_(options),
      rules_(std::move(rules)) {}

void TagWatcher::QueueUnanswered() {
  const WallTime now = clock_.WallNow();
  const auto images = store_.UnansweredImages(rules_, now - kUnknownLife, kMaxSightings);
  if (!images) {
    logger_.Warning("sightings could not be read", {{"error", images.error().message()}});
    return;
  }
  for (const auto& image : *images) {
    const auto queued = store_.Enqueue(image, store::Priority::kRescan, now);
    if (queued && *queued) continue;
    logger_.Warning("images that were seen could not all be queued",
                    {{"image", image.ToString()},
                     {"error", queued ? "the queue is full" : queued.error().message()}});
    return;
  }
}

void TagWatcher::Refresh(const registry::Access& access) {
  for (const auto& watched : options_.repositories) {
    if (access.deadline.HasPassed(clock_.Now())) return;
    RefreshRepository(watched, access);
  }
  const auto sightings = store_.RecentSightings(kMaxSightings);
  if (!sightings) return;
  std::set<oci::Reference> seen;
  for (const auto& sighting : *sightings) {
    if (access.deadline.HasPassed(clock_.Now())) return;
    const auto reference = oci::Reference::Parse(sighting.reference);
    if (!reference || reference->digest() || !seen.insert(*reference).second) continue;
    RefreshTag(*reference, store::Priority::kWatched, access);
  }
}

void TagWatcher::RefreshRepository(const WatchedRepository& watched,
                                   const registry::Access& access) {
  const auto tags = source_.ListTags(watched.repository, options_.max_tags, access);
  if (!tags) {
    logger_.Warning("tags could not be listed", {{"repository", watched.repository.ToString()},
                                                 {"error", tags.error().ToString()}});
    return;
  }
  for (const auto& tag : *tags) {
    if (IsAboutAnImage(tag)) continue;
    if (!MatchesAny(watched.tags, tag) || access.deadline.HasPassed(clock_.Now())) continue;
    const auto reference = oci::Reference::Parse(watched.repository.ToString() + ":" + tag);
    if (reference) RefreshTag(*reference, store::Priority::kRepository, access);
  }
}

void TagWatcher::RefreshTag(const oci::Reference& reference, store::Priority priority,
                            const registry::Access& access) {
  const auto digest = source_.Resolve(reference, access);
  if (!digest) {
    logger_.Warning("tag could not be resolved",
                    {{"reference", reference.ToString()}, {"error", digest.error().ToString()}});
    return;
  }
  const auto report = store_.FindReport(*digest, rules_);
  if (!report || *report) return;
  if (auto queued = store_.Enqueue(oci::PinnedReference(reference.repository(), *digest), priority,
                                   clock_.WallNow());
      !queued || !*queued) {
    logger_.Warning("image could not be queued", {{"reference", reference.ToString()}});
  }
}

}  // namespace xzgate::worker
