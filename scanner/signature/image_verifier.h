#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/image_source.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/report.h"
#include "scanner/signature/requirement.h"

namespace xzgate::signature {

// Keeps what a repository was last seen to have for a digest, so that an image can be verified
// again without the network. Implementations are thread-safe.
class ListingMemory {
 public:
  virtual ~ListingMemory() = default;
  // A listing that is new enough to be taken instead of asking the repository; absent where it is
  // to be asked.
  virtual std::optional<Listing> FindFresh(const oci::PinnedReference&) { return std::nullopt; }
  // The listing that was put last; absent when none was. Errors: those of the store.
  virtual Result<std::optional<Listing>> FindListing(const oci::PinnedReference& subject) = 0;
  virtual Result<void> PutListing(const oci::PinnedReference& subject, const Listing& listing,
                                  WallTime now) = 0;
};

// Finds and judges an image's signatures: what the worker, `verify` and `explain` run. Thread-safe;
// borrows everything. `source` should keep what it fetches by digest; `memory` may be null.
class ImageVerifier {
 public:
  ImageVerifier(registry::ImageSource& source, ListingMemory* memory, const Clock& clock)
      : source_(source), memory_(memory), clock_(clock) {}

  // Lists what may sign the image, reads and judges it; for an index with verify_children its
  // children too, where it is not enough itself. Never fails: a registry that cannot be asked is
  // kUndecided (SG014). Blocks until the deadline of `access`.
  Report Verify(const oci::PinnedReference& image, const Requirement& requirement,
                const registry::Access& access) const;
  // The same from `memory` and what `source` has kept, for where the network is not to be asked.
  Report VerifyOffline(const oci::PinnedReference& image, const Requirement& requirement) const;

 private:
  registry::ImageSource& source_;
  ListingMemory* memory_;  // null: nothing is kept
  const Clock& clock_;
};

}  // namespace xzgate::signature
