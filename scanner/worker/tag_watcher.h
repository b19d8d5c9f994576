#pragma once

#include <chrono>
#include <string>

#include "base/log/logger.h"
#include "scanner/registry/image_source.h"
#include "scanner/store/store.h"
#include "scanner/worker/service.h"

namespace xzgate::worker {

// How long a stored `unknown` stands: then the image is read again, if a workload asked for it. A
// registry may have lied, content may be mended, and a scanner that crashed may be a better one
// now; what was readable is in the store, so that another look costs little.
inline constexpr std::chrono::hours kUnknownLife{1};

// Finds work nobody asked for: tags of configured repositories, tags that workloads use and that
// may have moved, and images whose verdict is unknown, was made by other rules or was lost with a
// store. Confined to one thread; borrows its parts.
class TagWatcher {
 public:
  TagWatcher(registry::ImageSource& source, store::Store& store, const Clock& clock,
             log::Logger& logger, const ServiceOptions& options, std::string rules);

  // Queues the images that were seen and have no report under these rules or an `unknown` that is
  // older than kUnknownLife, most recently seen first.
  void QueueUnanswered();
  // One round over repositories and watched tags. A registry that fails costs its own tags only;
  // stops early at the deadline.
  void Refresh(const registry::Access& access);

 private:
  void RefreshRepository(const WatchedRepository& watched, const registry::Access& access);
  void RefreshTag(const oci::Reference& reference, store::Priority priority,
                  const registry::Access& access);

  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  log::Logger& logger_;
  const ServiceOptions& options_;
  const std::string rules_;
};

}  // namespace xzgate::worker
