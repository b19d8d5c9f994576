#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "scanner/registry/image_source.h"
#include "scanner/signature/listing_round.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/report.h"
#include "scanner/store/store.h"
#include "scanner/worker/requirement_source.h"
#include "scanner/worker/scan_observer.h"
#include "scanner/worker/stored_documents.h"

namespace xzgate::worker {

// Why an image's signatures could not all be judged: nothing is stored of those.
struct SignatureTrouble {
  signature::Reason reason = signature::Reason::kRegistry;
  Error error;  // its code says the cause, as of a scan (CauseOf)
};

// Verifies images under the policies in force and stores the reports: what a job does beside the
// scan. Thread-safe as its parts are; borrows all of them.
class SignatureChecker {
 public:
  // The longest that one requirement is worked on.
  static constexpr std::chrono::milliseconds kMaxTime{120'000};

  SignatureChecker(registry::ImageSource& source, store::Store& store,
                   RequirementSource& requirements, const Clock& clock, log::Logger& logger,
                   ScanObserver& observer);

  // Verifies the image under each requirement that MustVerify, by one listing of what may sign it,
  // and stores what came of it. Where
  // the registry cannot be asked, what was seen of it before may do: a signature does not get worse
  // by that. Absent when all is judged; else the first trouble, which another try may end. Blocks
  // until access.deadline or kMaxTime for each requirement.
  std::optional<SignatureTrouble> Check(const oci::PinnedReference& image,
                                        const registry::Access& access);

 private:
  std::vector<signature::SealedRequirement> FindDue(const oci::PinnedReference& image);
  std::optional<SignatureTrouble> CheckOne(const oci::PinnedReference& image,
                                           const signature::SealedRequirement& sealed,
                                           registry::Access access, signature::ListingRound& round);

  StoredDocuments documents_;
  StoredDocuments offline_;
  store::Store& store_;
  RequirementSource& requirements_;
  const Clock& clock_;
  log::Logger& logger_;
  ScanObserver& observer_;
};

}  // namespace xzgate::worker
