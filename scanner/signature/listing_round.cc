#include "scanner/signature/listing_round.h"

namespace xzgate::signature {

std::optional<Listing> ListingRound::FindFresh(const oci::PinnedReference& subject) {
  const auto found = listed_.find(subject);
  if (found == listed_.end()) return std::nullopt;
  return found->second;
}

Result<std::optional<Listing>> ListingRound::FindListing(const oci::PinnedReference& subject) {
  if (memory_ == nullptr) return FindFresh(subject);
  return memory_->FindListing(subject);
}

Result<void> ListingRound::PutListing(const oci::PinnedReference& subject, const Listing& listing,
                                      WallTime now) {
  listed_.insert_or_assign(subject, listing);
  if (memory_ == nullptr) return {};
  return memory_->PutListing(subject, listing, now);
}

}  // namespace xzgate::signature
