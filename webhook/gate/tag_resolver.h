#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "scanner/registry/image_source.h"
#include "scanner/store/store.h"

namespace xzgate::gate {

// Turns a tag into a digest, asking the registry once in a tag's life however many requests ask:
// from memory, then the store, then one call that all askers of the moment share. Thread-safe.
class TagResolver {
 public:
  static constexpr std::size_t kMaxTags = 20'000;

  TagResolver(registry::ImageSource& source, store::Store& store, const Clock& clock,
              std::chrono::milliseconds life);

  // What is known without a call; absent when there is nothing or it is too old.
  std::optional<oci::Digest> FindKnown(const oci::Reference& reference);

  // Asks the registry, or joins who asks already. Blocks until `deadline`. With `leave_trace` the
  // answer goes to the store as well. Errors: those of ImageSource::Resolve; kDeadlineExceeded.
  Result<oci::Digest> Resolve(const oci::Reference& reference, Deadline deadline, bool leave_trace);

 private:
  struct Known {
    oci::Digest digest;
    SteadyTime expires;
  };

  void Remember(const oci::Reference& reference, const oci::Digest& digest, SteadyTime expires);

  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  const std::chrono::milliseconds life_;
  std::mutex mutex_;
  std::condition_variable landed_;
  std::map<oci::Reference, Known> known_;  // guarded by mutex_
  std::set<oci::Reference> flying_;        // guarded by mutex_
  std::map<oci::Reference, Result<oci::Digest>>
      failed_;  // answers for those who joined; guarded by mutex_
};

}  // namespace xzgate::gate
