#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log/logger.h"
#include "scanner/store/file_lock.h"
#include "scanner/store/store.h"

namespace xzgate::store {

class SqliteConnections;

// The store in one SQLite file (WAL), shared by the webhook and the scanner process. A corrupt file
// is set aside under a name ending in ".corrupt-N", a new one takes its place with the sightings
// that could still be read, and a line is logged as an error; this also happens while running (the
// call that meets the damage does it, and reads the file for it; others fail meanwhile), and
// another process that has the old file open notices the exchange at its next call. Thread-safe.
class SqliteStore final : public Store {
 public:
  // Opens or creates the file. Errors: kUnavailable (folder missing, read-only, disk full),
  // kUnsupported (a newer schema). Borrows `logger`.
  static Result<std::unique_ptr<SqliteStore>> Open(const std::string& path, log::Logger& logger);
  // A private store that lasts as long as the object: the command line without --store.
  static Result<std::unique_ptr<SqliteStore>> OpenInMemory(log::Logger& logger);
  ~SqliteStore() override;

  // sqlite_content.cc
  Result<std::optional<facts::LayerFacts>> FindLayer(const oci::Digest& layer,
                                                     std::string_view probes,
                                                     WallTime now) override;
  Result<void> PutLayer(const facts::LayerFacts& layer, std::string_view probes,
                        WallTime now) override;
  Result<std::optional<CachedDocument>> FindDocument(const oci::Digest& digest,
                                                     WallTime now) override;
  Result<void> PutDocument(const oci::Digest& digest, const CachedDocument& document,
                           WallTime now) override;

  Result<std::optional<rules::Report>> FindReport(const oci::Digest& digest,
                                                  std::string_view rules) override;
  Result<void> PutReport(const rules::Report& report, WallTime now) override;
  Result<std::optional<oci::Digest>> FindTag(const oci::Reference& reference,
                                             WallTime now) override;
  Result<void> PutTag(const oci::Reference& reference, const oci::Digest& digest,
                      WallTime expires) override;

  // sqlite_signatures.cc
  Result<std::optional<signature::Report>> FindSignatures(const oci::PinnedReference& image,
                                                          std::string_view requirement) override;
  Result<void> PutSignatures(const oci::PinnedReference& image, std::string_view requirement,
                             const signature::Report& report, WallTime now) override;
  Result<std::vector<SignatureState>> SignatureStates(const oci::PinnedReference& image) override;
  Result<std::optional<signature::Listing>> FindListing(
      const oci::PinnedReference& subject) override;
  Result<void> PutListing(const oci::PinnedReference& subject, const signature::Listing& listing,
                          WallTime now) override;

  // sqlite_enqueue.cc
  Result<bool> Enqueue(const oci::PinnedReference& image, Priority priority, WallTime now) override;
  // sqlite_queue.cc
  Result<std::string> ClaimWorkerName(WallTime now) override;
  Result<std::optional<Job>> Lease(std::string_view worker, std::chrono::milliseconds lease,
                                   WallTime now, const LeaseFilter& filter) override;
  Result<Priority> ExtendLease(std::int64_t job, std::string_view worker,
                               std::chrono::milliseconds lease, WallTime now) override;
  Result<void> Complete(std::int64_t job, std::string_view worker) override;
  Result<void> Postpone(std::int64_t job, std::string_view worker,
                        const Postponement& postponement) override;
  Result<void> Bury(std::int64_t job, std::string_view worker, const Failure& failure,
                    WallTime now) override;
  Result<QueueStats> Stats(WallTime now) override;
  Result<std::optional<JobState>> FindJob(const oci::PinnedReference& image) override;

  // sqlite_sightings.cc
  Result<void> RecordSighting(const Sighting& sighting) override;
  Result<void> RecordSightings(std::span<const Sighting> sightings) override;
  Result<std::vector<Sighting>> RecentSightings(std::size_t max) override;
  Result<std::vector<SeenImage>> ImagesSeenSince(WallTime since, std::size_t max) override;
  Result<std::vector<oci::PinnedReference>> UnansweredImages(std::string_view rules,
                                                             WallTime unknown_before,
                                                             std::size_t max) override;
  // sqlite_expiry.cc
  Result<std::uint64_t> Expire(WallTime before, WallTime now) override;

  Result<std::vector<std::pair<rules::Verdict, std::uint64_t>>> CountVerdicts(
      std::string_view rules) override;
  Result<std::uint64_t> ChangeCounter() override;
  Result<void> Check() override;
  std::string WriteProblem() override;

 private:
  explicit SqliteStore(std::unique_ptr<SqliteConnections> connections, log::Logger& logger);

  std::unique_ptr<SqliteConnections> connections_;
  log::Logger& logger_;
  std::mutex names_mutex_;
  std::vector<FileLock> names_;  // those claimed; guarded by names_mutex_
};

}  // namespace xzgate::store
