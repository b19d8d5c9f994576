#pragma once

#include <string>
#include <vector>

#include "scanner/worker/scan_observer.h"
#include "scanner/worker/service.h"

namespace xzgate::worker {

// Runs one job of the queue to its end: a stored report, a postponement, or a dead letter.
// Thread-safe as its parts are; borrows them.
class JobRunner {
 public:
  JobRunner(ImageScanner& scanner, registry::ImageSource& source, store::Store& store,
            const Clock& clock, log::Logger& logger, ScanObserver& observer,
            const ServiceOptions& options);

  // Leases the most urgent job for `worker` and runs it; false when there was none. Errors: those
  // of the store (nothing was lost: the lease runs out). `access` bounds the scan; its deadline is
  // also how a stop cuts a scan short.
  Result<bool> RunOne(const std::string& worker, const registry::Access& access);

 private:
  Result<void> Settle(const store::Job& job, const ScanResult& result);
  Result<void> GiveUp(const store::Job& job, rules::Cause cause, const std::string& why);

  ImageScanner& scanner_;
  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  log::Logger& logger_;
  ScanObserver& observer_;
  const ServiceOptions& options_;
};

}  // namespace xzgate::worker
