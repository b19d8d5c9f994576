#pragma once

#include <optional>
#include <string>

#include "scanner/worker/scan_observer.h"
#include "scanner/worker/scan_slots.h"
#include "scanner/worker/service.h"
#include "scanner/worker/signature_checker.h"

namespace xzgate::worker {

// Runs one job of the queue to its end: stored reports, a postponement, or a dead letter. The scan
// comes first, unless its verdict is known, and is stored before signatures are verified: who is
// denied by what is in the image does not wait for who vouches for it. Thread-safe as its parts
// are; borrows them.
class JobRunner {
 public:
  // `signatures` may be null: none are verified then.
  JobRunner(ImageScanner& scanner, registry::ImageSource& source, store::Store& store,
            const Clock& clock, log::Logger& logger, ScanObserver& observer,
            const ServiceOptions& options, SignatureChecker* signatures);

  // Leases the most urgent job for `worker` and runs it; false when there was none that may run
  // beside those under way (ScanSlots). Errors: those of the store (nothing was lost: the lease
  // runs out). `access` bounds the scan; its deadline is also how a stop cuts a scan short.
  Result<bool> RunOne(const std::string& worker, const registry::Access& access);

 private:
  Result<std::optional<store::Job>> Lease(const std::string& worker);
  // Why an attempt did not answer everything.
  struct Trouble {
    Error error;
    signature::Reason signature = signature::Reason::kNone;
  };
  std::optional<Trouble> Work(const store::Job& job, const std::string& worker,
                              registry::Access access);
  bool IsScanned(const oci::PinnedReference& image);
  std::optional<Trouble> Scan(const oci::PinnedReference& image, const registry::Access& access);
  std::optional<Trouble> Verify(const oci::PinnedReference& image, const registry::Access& access);
  // What ends a job that `worker` holds.
  Result<void> Settle(const store::Job& job, const std::string& worker,
                      const std::optional<Trouble>& trouble, bool gave_way);
  Result<void> GiveBack(const store::Job& job, const std::string& worker);
  Result<void> GiveUp(const store::Job& job, const std::string& worker,
                      const store::Failure& failure);
  // The answer of the store to one of these; that somebody else ended the job is none of its
  // failures.
  Result<void> Ended(const store::Job& job, const Result<void>& answer);

  ImageScanner& scanner_;
  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  log::Logger& logger_;
  ScanObserver& observer_;
  const ServiceOptions& options_;
  SignatureChecker* const signatures_;
  ScanSlots slots_;
};

}  // namespace xzgate::worker
