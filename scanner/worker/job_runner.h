#pragma once

#include <map>
#include <mutex>
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
  // also how a stop cuts a scan short. A worker that is `urgent_only` takes admission misses alone.
  // No registry gets more than options.per_host of the workers: a slow one cannot hold all of them.
  Result<bool> RunOne(const std::string& worker, const registry::Access& access,
                      bool urgent_only = false);

 private:
  Result<void> Settle(const store::Job& job, const ScanResult& result);
  store::LeaseFilter Filter(bool urgent_only);
  // Takes one of the host's places; false when there is none.
  bool Enter(const std::string& host);
  void Leave(const std::string& host);
  ScanResult Scan(const store::Job& job, const std::string& worker, registry::Access access);
  Result<void> GiveUp(const store::Job& job, rules::Cause cause, const std::string& why);

  ImageScanner& scanner_;
  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  log::Logger& logger_;
  ScanObserver& observer_;
  const ServiceOptions& options_;
  std::mutex mutex_;
  std::map<std::string, int> scans_of_host_;  // under way; guarded by mutex_
};

}  // namespace xzgate::worker
