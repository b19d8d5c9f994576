#pragma once

#include <map>
#include <optional>

#include "scanner/signature/image_verifier.h"

namespace xzgate::signature {

// The listings of one job: what a repository has for a digest is asked for once, however many
// requirements are judged by it, and goes on to the memory behind. Make one for each job. Confined
// to one thread; borrows the memory.
class ListingRound final : public ListingMemory {
 public:
  // `memory` may be null.
  explicit ListingRound(ListingMemory* memory) : memory_(memory) {}

  std::optional<Listing> FindFresh(const oci::PinnedReference& subject) override;
  Result<std::optional<Listing>> FindListing(const oci::PinnedReference& subject) override;
  Result<void> PutListing(const oci::PinnedReference& subject, const Listing& listing,
                          WallTime now) override;

 private:
  ListingMemory* const memory_;  // null: nothing is kept after the round
  std::map<oci::PinnedReference, Listing> listed_;
};

}  // namespace xzgate::signature
