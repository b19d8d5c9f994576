#pragma once

#include <string>

#include "base/log/logger.h"
#include "scanner/registry/image_source.h"
#include "scanner/store/store.h"
#include "scanner/worker/service.h"

namespace xzgate::worker {

// Finds work nobody asked for: tags of configured repositories, tags that workloads use and that
// may have moved, and images whose verdict was made by other rules or lost with a store. Confined
// to one thread; borrows its parts.
class TagWatcher {
 public:
  TagWatcher(registry::ImageSource& source, store::Store& store, const Clock& clock,
             log::Logger& logger, const ServiceOptions& options, std::string rules);

  // Queues every sighted image that has no report under these rules, most recently seen first.
  void QueueUnjudged();
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
