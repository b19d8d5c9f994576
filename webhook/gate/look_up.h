#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "webhook/gate/background.h"
#include "webhook/gate/gate.h"
#include "webhook/gate/report_cache.h"
#include "webhook/gate/signature_look_up.h"
#include "webhook/gate/tag_resolver.h"

namespace xzgate::gate {

// How one request may be served.
struct Terms {
  Deadline deadline = Deadline::Never();
  bool leave_trace = true;  // false for dry run
  WaitPermit& permit;
};

// What is still to come of an image use, for a request that may wait for it: the digest of its tag,
// or what the scanner finds out (the verdict, reports on signatures).
enum class Missing : std::uint8_t { kNothing, kDigest, kReport };

// What is known of one image use. A value.
struct Found {
  policy::JudgedUse judged;
  Missing missing = Missing::kNothing;
  // What must be proved of its signatures: a report each is, or will be, in judged.signatures.
  std::vector<signature::SealedRequirement> wanted = {};
  SteadyTime queued = {};  // when a job for it was last made or joined
};

// Finds out what is known of one image use: reference -> digest -> reports, from memory and the
// store; a miss is queued, and so is a denial of signatures that is worth another look. Asks no
// registry and waits for nobody (UseWaiter does); blocks for the store's bound at most. Never
// fails: a fault of the store or the reference is part of what is known. Thread-safe; borrows
// everything.
class LookUp {
 public:
  // A job that ended without the report that is waited for, or failed, was for another repository
  // of its host, or the scanner does not have our policies yet: it is queued anew, and no sooner
  // than this.
  static constexpr std::chrono::milliseconds kQueueAgain{500};

  LookUp(TagResolver& tags, store::Store& store, std::string rules, const Clock& clock,
         std::size_t lru_entries);

  // What is known of a use without asking anybody. Only in enforce mode and for what is new may
  // something be missing; else an unknown tag is resolved, and its image queued, after the answer.
  // `cache` becomes the slower of itself and what this use cost.
  Found Start(const admission::ImageUse& use, Result<oci::Reference> reference,
              const policy::Rule& rule, const Terms& terms, CacheState& cache);
  // Goes on with a use whose digest was missing, once the registry has said what it is.
  void TakeDigest(Found& found, const Result<oci::Digest>& digest, const Terms& terms,
                  CacheState& cache);
  // Looks again for reports that were missing; nothing is missing afterwards when they came, or
  // when the queue says why they do not.
  void TakeReport(Found& found);

  // After the wait for a pod template: a digest that did not come in time is asked for after the
  // answer, so that its image is queued before its pods come.
  void FollowUp(const Found& found, const Terms& terms);

  // What is said of a use when nothing can be looked up.
  policy::JudgedUse Shed(const admission::ImageUse& use, const std::string& reason_code,
                         const std::string& why) const;

 private:
  void Find(Found& found, bool may_wait, const Terms& terms, CacheState& cache);
  Result<bool> FindVerdict(policy::JudgedUse& judged, CacheState& cache);
  Result<void> FindSignatures(Found& found, CacheState& cache);
  void Queue(Found& found, bool may_wait, CacheState& cache);
  void Later(const Found& found, const Terms& terms);
  void SetState(Found& found, std::string state);
  void TakeJob(Found& found);
  void QueueAgain(Found& found);
  void TakeFailure(Found& found, const store::JobState& job);
  // Whether the registry answered.
  bool ResolveLater(const oci::Reference& reference,
                    const std::vector<signature::SealedRequirement>& wanted);
  void StoreFailed(policy::JudgedUse& judged, const Error& error) const;

  TagResolver& tags_;
  store::Store& store_;
  const std::string rules_;
  const Clock& clock_;
  ReportCache reports_;
  SignatureLookUp signatures_;
  Background later_;  // tags that nobody waits for; the last member: its task uses the others
};

}  // namespace xzgate::gate
