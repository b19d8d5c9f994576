#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"
#include "scanner/signature/image_verifier.h"
#include "scanner/signature/report.h"
#include "scanner/store/queue.h"
#include "scanner/store/sighting.h"
#include "scanner/store/signature_state.h"

namespace xzgate::store {

struct CachedDocument {
  std::string content_type;
  std::string bytes;
};

// Where facts, verdicts, tags and the work queue live. Implementations are thread-safe; several
// processes may share one store. Every call may fail with kUnavailable (locked, disk full,
// read-only, gone) and never blocks longer than 250 ms for a lock.
class Store : public signature::ListingMemory {
 public:
  // Facts of one layer as read with one set of probes. For the scanner: a hit writes down, at most
  // once a day, that the facts are in use.
  virtual Result<std::optional<facts::LayerFacts>> FindLayer(const oci::Digest& layer,
                                                             std::string_view probes,
                                                             WallTime now) = 0;
  virtual Result<void> PutLayer(const facts::LayerFacts& layer, std::string_view probes,
                                WallTime now) = 0;

  // Verified manifests, indexes and configs. For the scanner, as FindLayer.
  virtual Result<std::optional<CachedDocument>> FindDocument(const oci::Digest& digest,
                                                             WallTime now) = 0;
  virtual Result<void> PutDocument(const oci::Digest& digest, const CachedDocument& document,
                                   WallTime now) = 0;

  // Verdicts, keyed by digest and rules ("CVE-2024-3094@2026.11.1"). FindReport never writes.
  virtual Result<std::optional<rules::Report>> FindReport(const oci::Digest& digest,
                                                          std::string_view rules) = 0;
  // Keeps a report, written at `now`, in place of an older one. An `unknown` replaces only another
  // `unknown`: that one host gave wrong bytes takes nothing back. kInternal for `pending`, which is
  // no finding.
  virtual Result<void> PutReport(const rules::Report& report, WallTime now) = 0;

  // Reports on signatures, keyed by digest, repository and requirement (its fingerprint).
  // FindSignatures gives also what is believed no more: IsBelieved says. It writes only to delete a
  // row that it cannot read, which SignatureStates would go on to tell of.
  virtual Result<std::optional<signature::Report>> FindSignatures(const oci::PinnedReference& image,
                                                                  std::string_view requirement) = 0;
  // Keeps a report, written at `now`, in place of an older one. kInternal for one that is undecided
  // or not required: neither is a finding.
  virtual Result<void> PutSignatures(const oci::PinnedReference& image,
                                     std::string_view requirement, const signature::Report& report,
                                     WallTime now) = 0;
  // All that is stored of an image, under whatever requirement.
  virtual Result<std::vector<SignatureState>> SignatureStates(
      const oci::PinnedReference& image) = 0;
  // FindListing and PutListing are those of ListingMemory.

  // Tag resolutions, alive until `expires`.
  virtual Result<std::optional<oci::Digest>> FindTag(const oci::Reference& reference,
                                                     WallTime now) = 0;
  virtual Result<void> PutTag(const oci::Reference& reference, const oci::Digest& digest,
                              WallTime expires) = 0;

  // The queue has one job for a digest and a registry host: a host that answers slowly holds up
  // nobody who runs the same digest from another. Enqueue joins the job that is there, raises its
  // priority, and for kAdmission makes it ready at once; a dead one comes back to life for
  // another repository of its host, or after its rest. Returns false when the queue is full.
  static constexpr std::uint64_t kMaxQueued = 100'000;
  virtual Result<bool> Enqueue(const oci::PinnedReference& image, Priority priority,
                               WallTime now) = 0;
  // A name for a scanner ("scanner-0") that no other living one on this store has, held until the
  // store is closed; its workers are NAME/ANYTHING. What a dead scanner of that name held is ready
  // again, and counts as a crash of its job. kResourceExhausted beyond kMaxScanners.
  static constexpr int kMaxScanners = 64;
  virtual Result<std::string> ClaimWorkerName(WallTime now) = 0;
  // The most urgent ready job that `filter` lets through, now held by `worker` until now + lease. A
  // lease that ran out counts as a crash of its job.
  virtual Result<std::optional<Job>> Lease(std::string_view worker, std::chrono::milliseconds lease,
                                           WallTime now, const LeaseFilter& filter) = 0;
  // The next four end or prolong what `worker` holds; kNotFound when it holds the job no more.
  // ExtendLease returns the job's priority, which somebody may have raised.
  virtual Result<Priority> ExtendLease(std::int64_t job, std::string_view worker,
                                       std::chrono::milliseconds lease, WallTime now) = 0;
  // Drops the job, and when the digest has a report that is not `unknown`, also those for it at
  // other hosts, leased ones too.
  virtual Result<void> Complete(std::int64_t job, std::string_view worker) = 0;
  virtual Result<void> Postpone(std::int64_t job, std::string_view worker,
                                const Postponement& postponement) = 0;
  // Parks a job as a dead letter that rests for ten minutes, an hour when it is `unreadable`.
  virtual Result<void> Bury(std::int64_t job, std::string_view worker, const Failure& failure,
                            WallTime now) = 0;
  virtual Result<QueueStats> Stats(WallTime now) = 0;
  // The job for this digest at the reference's host; absent when there is none.
  virtual Result<std::optional<JobState>> FindJob(const oci::PinnedReference& image) = 0;

  virtual Result<void> RecordSighting(const Sighting& sighting) = 0;
  // All of them or none.
  virtual Result<void> RecordSightings(std::span<const Sighting> sightings) = 0;
  // Images by their last sighting, newest first.
  virtual Result<std::vector<Sighting>> RecentSightings(std::size_t max) = 0;
  // The same of images alone, of those that were seen since then.
  virtual Result<std::vector<SeenImage>> ImagesSeenSince(WallTime since, std::size_t max) = 0;
  // Images that were seen and have no report under these rules, or one of `unknown` from before
  // `unknown_before`; last seen first. What to scan first after a lost store or with new rules, and
  // what may have become readable. Without those that are queued, and those given up since
  // `unknown_before`.
  virtual Result<std::vector<oci::PinnedReference>> UnansweredImages(std::string_view rules,
                                                                     WallTime unknown_before,
                                                                     std::size_t max) = 0;

  // Forgets what nobody used since `before`: sightings, reports and listings of images not seen
  // since, documents and facts that no scan used, tags and reports on signatures whose life is
  // over, dead letters. Works in short transactions, for some seconds at most. Returns the number
  // of rows that went: until it is 0, there may be more.
  virtual Result<std::uint64_t> Expire(WallTime before, WallTime now) = 0;

  // Verdicts known now under these rules, by verdict.
  virtual Result<std::vector<std::pair<rules::Verdict, std::uint64_t>>> CountVerdicts(
      std::string_view rules) = 0;

  // A number that changes whenever any process wrote: cheap (microseconds), for those who wait.
  virtual Result<std::uint64_t> ChangeCounter() = 0;

  // Whether the store answers, for readiness.
  virtual Result<void> Check() = 0;
  // Why this process' last write failed (a full disk, say), "" when it did not: what is known is
  // still served.
  virtual std::string WriteProblem() = 0;
};

}  // namespace xzgate::store
