#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"

namespace xzgate::store {

// Who asked for a scan, most urgent first. Admission misses go before everything.
enum class Priority : std::uint8_t { kAdmission = 0, kWatched = 1, kRepository = 2, kRescan = 3 };

struct Job {
  std::int64_t id = 0;
  oci::PinnedReference image;
  Priority priority = Priority::kRepository;
  int attempts =
      0;            // times it was leased and failed by its own fault (a crash, unreadable content)
  int crashes = 0;  // leases that ended without an answer
};

// Which jobs a worker takes.
struct LeaseFilter {
  std::vector<std::string> skip_hosts = {};   // registries that are passed over
  Priority least_urgent = Priority::kRescan;  // nothing less urgent than this
};

struct QueueStats {
  std::uint64_t ready = 0;    // may be leased now
  std::uint64_t waiting = 0;  // parked until their not-before
  std::uint64_t leased = 0;
  std::uint64_t dead = 0;          // dead letters
  std::optional<WallTime> oldest;  // when the oldest ready job was queued
};

// What became of a scan attempt that did not answer.
struct Postponement {
  WallTime not_before;
  bool costs_attempt = false;  // 429, 5xx and 401 cost none
  std::string why;             // shown to who waits for it
};

// What is known of a queued image, for the message of a denial.
struct JobState {
  bool leased = false;
  bool dead = false;
  std::string why;  // why it was postponed or given up, "" if it was not
  std::optional<WallTime> not_before;
};

// One workload that asked for an image.
struct Sighting {
  std::string image;      // pinned reference
  std::string reference;  // as the pod says
  std::string workload;   // "pods/shop/api-7d9f"
  std::string namespace_name;
  WallTime when;
};

struct CachedDocument {
  std::string content_type;
  std::string bytes;
};

// Where facts, verdicts, tags and the work queue live. Implementations are thread-safe; several
// processes may share one store. Every call may fail with kUnavailable (locked, disk full,
// read-only, gone) and never blocks longer than 250 ms for a lock.
class Store {
 public:
  virtual ~Store() = default;

  // Facts of one layer as read with one set of probes.
  virtual Result<std::optional<facts::LayerFacts>> FindLayer(const oci::Digest& layer,
                                                             std::string_view probes) = 0;
  virtual Result<void> PutLayer(const facts::LayerFacts& layer, std::string_view probes) = 0;

  // Verified manifests, indexes and configs.
  virtual Result<std::optional<CachedDocument>> FindDocument(const oci::Digest& digest) = 0;
  virtual Result<void> PutDocument(const oci::Digest& digest, const CachedDocument& document) = 0;

  // Verdicts, keyed by digest and rules ("CVE-2024-3094@2026.11.1"). `pending` is never stored.
  virtual Result<std::optional<rules::Report>> FindReport(const oci::Digest& digest,
                                                          std::string_view rules) = 0;
  virtual Result<void> PutReport(const rules::Report& report, WallTime now) = 0;

  // Tag resolutions, alive until `expires`.
  virtual Result<std::optional<oci::Digest>> FindTag(const oci::Reference& reference,
                                                     WallTime now) = 0;
  virtual Result<void> PutTag(const oci::Reference& reference, const oci::Digest& digest,
                              WallTime expires) = 0;

  // The queue. Enqueue joins a job of the same digest that is there already, and raises its
  // priority; a dead or stale one comes back to life only for kRescan or after its not-before.
  // Returns false when the queue is full (kMaxQueued).
  static constexpr std::uint64_t kMaxQueued = 100'000;
  virtual Result<bool> Enqueue(const oci::PinnedReference& image, Priority priority,
                               WallTime now) = 0;
  // The most urgent ready job that `filter` lets through, now held by `worker` until now + lease. A
  // lease that ran out counts as a crash of its job.
  virtual Result<std::optional<Job>> Lease(std::string_view worker, std::chrono::milliseconds lease,
                                           WallTime now, const LeaseFilter& filter) = 0;
  virtual Result<void> ExtendLease(std::int64_t job, std::string_view worker,
                                   std::chrono::milliseconds lease, WallTime now) = 0;
  virtual Result<void> Complete(std::int64_t job) = 0;
  virtual Result<void> Postpone(std::int64_t job, const Postponement& postponement) = 0;
  // Parks a job as a dead letter.
  virtual Result<void> Bury(std::int64_t job, std::string_view why, WallTime now) = 0;
  // At a scanner's start: what its dead predecessor held is free again, and counts as a crash.
  virtual Result<void> ReleaseLeases(std::string_view worker, WallTime now) = 0;
  virtual Result<QueueStats> Stats(WallTime now) = 0;
  virtual Result<std::optional<JobState>> FindJob(const oci::Digest& digest) = 0;

  virtual Result<void> RecordSighting(const Sighting& sighting) = 0;
  // Images by their last sighting, newest first: what is scanned first after a lost store.
  virtual Result<std::vector<Sighting>> RecentSightings(std::size_t max) = 0;

  // Verdicts known now under these rules, by verdict.
  virtual Result<std::vector<std::pair<rules::Verdict, std::uint64_t>>> CountVerdicts(
      std::string_view rules) = 0;

  // A number that changes whenever any process wrote: cheap (microseconds), for those who wait.
  virtual Result<std::uint64_t> ChangeCounter() = 0;

  // Whether the store answers, for readiness.
  virtual Result<void> Check() = 0;
};

}  // namespace xzgate::store
