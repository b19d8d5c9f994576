#include "webhook/gate/look_up.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "webhook/gate/registry_reason.h"

namespace xzgate::gate {
namespace {

// How long a registry may take for a tag that nobody waits for.
constexpr std::chrono::seconds kLaterTime{5};

policy::JudgedUse Blank(const admission::ImageUse& use, const std::string& rules) {
  return {.use = use,
          .reference = {},
          .pinned = {},
          .problem = {},
          .problem_code = {},
          .report = rules::UnknownReport("", rules::Cause::kPending, "", rules),
          .scan_state = {},
          .signatures = {}};
}

bool IsScanPending(const policy::JudgedUse& judged) {
  return judged.report.verdict == rules::Verdict::kUnknown &&
         judged.report.cause == rules::Cause::kPending;
}

void Slower(CacheState& cache, CacheState seen) {
  cache = std::max(cache, seen);
}

}  // namespace

LookUp::LookUp(TagResolver& tags, store::Store& store, std::string rules, const Clock& clock,
               std::size_t lru_entries)
    : tags_(tags),
      store_(store),
      rules_(std::move(rules)),
      clock_(clock),
      reports_(lru_entries),
      signatures_(store, clock, lru_entries) {}

Found LookUp::Start(const admission::ImageUse& use, Result<oci::Reference> reference,
                    const policy::Rule& rule, const Terms& terms, CacheState& cache) {
  Found found{.judged = Blank(use, rules_)};
  policy::JudgedUse& judged = found.judged;
  if (!reference) {
    judged.problem = reference.error();
    judged.problem_code = "PL002";
    return found;
  }
  judged.reference = std::move(*reference);
  const oci::Reference& named = *judged.reference;
  found.wanted = rule.RequirementsFor(named.repository());
  // Only enforce waits, and only for what is new: an unchanged use can do no more than warn.
  const bool may_wait = rule.mode == policy::Mode::kEnforce && !use.unchanged;
  if (const auto digest = named.digest() ? named.digest() : tags_.FindKnown(named)) {
    judged.pinned.emplace(named.repository(), *digest);
    Find(found, may_wait, terms, cache);
  } else if (may_wait) {
    found.missing = Missing::kDigest;
  } else {
    Slower(cache, CacheState::kMiss);
    judged.scan_state = "its tag is being resolved";
    Later(found, terms);
  }
  return found;
}

void LookUp::Later(const Found& found, const Terms& terms) {
  if (!terms.leave_trace) return;
  const oci::Reference& named = *found.judged.reference;
  later_.Post(named.repository().host,
              [this, named, wanted = found.wanted] { return ResolveLater(named, wanted); });
}

void LookUp::FollowUp(const Found& found, const Terms& terms) {
  const policy::JudgedUse& judged = found.judged;
  const bool may_come = judged.reference && !judged.pinned &&
                        judged.report.verdict == rules::Verdict::kUnknown &&
                        (judged.report.cause == rules::Cause::kPending ||
                         judged.report.cause == rules::Cause::kUnreachable);
  if (may_come && !judged.use.unchanged) Later(found, terms);
}

policy::JudgedUse LookUp::Shed(const admission::ImageUse& use, const std::string& reason_code,
                               const std::string& why) const {
  policy::JudgedUse judged = Blank(use, rules_);
  if (auto reference = oci::Reference::Parse(use.reference))
    judged.reference = std::move(*reference);
  judged.problem_code = reason_code;
  judged.problem = Error(ErrorCode::kResourceExhausted, why);
  return judged;
}

void LookUp::TakeDigest(Found& found, const Result<oci::Digest>& digest, const Terms& terms,
                        CacheState& cache) {
  policy::JudgedUse& judged = found.judged;
  found.missing = Missing::kNothing;
  if (digest) {
    judged.pinned.emplace(judged.reference->repository(), *digest);
    return Find(found, true, terms, cache);
  }
  judged.problem = digest.error();
  judged.problem_code = RegistryReasonCode(digest.error());
  judged.report =
      rules::UnknownReport("", RegistryCause(digest.error()), digest.error().message(), rules_);
  const auto reason = judged.report.cause == rules::Cause::kUnreachable
                          ? signature::Reason::kRegistry
                          : signature::Reason::kPending;
  judged.signatures.assign(
      found.wanted.size(),
      signature::Report::Undecided(reason, digest.error().message(), clock_.WallNow()));
}

// Whether the verdict is there; `unknown` is one, unless it is pending.
Result<bool> LookUp::FindVerdict(policy::JudgedUse& judged, CacheState& cache) {
  const oci::Digest& digest = judged.pinned->digest();
  if (const auto known = reports_.Find(digest.ToString(), clock_.Now())) {
    judged.report = *known;
    return true;
  }
  XZGATE_ASSIGN(auto stored, store_.FindReport(digest, rules_));
  if (!stored) return false;
  Slower(cache, CacheState::kStore);
  judged.report = std::move(*stored);
  reports_.Put(std::make_shared<const rules::Report>(judged.report), clock_.Now());
  return true;
}

Result<void> LookUp::FindSignatures(Found& found, CacheState& cache) {
  std::vector<signature::Report>& reports = found.judged.signatures;
  XZGATE_ASSIGN(const bool asked,
                signatures_.Find(*found.judged.pinned, found.wanted, "not queued", reports));
  if (asked) Slower(cache, CacheState::kStore);
  return {};
}

void LookUp::Find(Found& found, bool may_wait, const Terms& terms, CacheState& cache) {
  policy::JudgedUse& judged = found.judged;
  const auto verdict = FindVerdict(judged, cache);
  if (!verdict) return StoreFailed(judged, verdict.error());
  if (!FindSignatures(found, cache))
    return ReplacePending(judged.signatures, signatures_.Pending("the store does not answer"));
  if (!*verdict) {
    judged.report = rules::UnknownReport(judged.pinned->digest().ToString(), rules::Cause::kPending,
                                         "not scanned yet", rules_);
  }
  if (!*verdict || HasPending(judged.signatures)) {
    if (terms.leave_trace) return Queue(found, may_wait, cache);
    Slower(cache, CacheState::kMiss);
    judged.scan_state = "a dry run starts no scan";
    ReplacePending(judged.signatures, signatures_.Pending("a dry run starts no verification"));
  } else if (terms.leave_trace && signatures_.IsStale(judged.signatures)) {
    // Somebody may have signed it since. Behind those who wait: nobody does for this.
    (void)store_.Enqueue(*judged.pinned, store::Priority::kWatched, clock_.WallNow());
  }
}

void LookUp::Queue(Found& found, bool may_wait, CacheState& cache) {
  policy::JudgedUse& judged = found.judged;
  auto queued = store_.Enqueue(*judged.pinned, store::Priority::kAdmission, clock_.WallNow());
  if (!queued) return StoreFailed(judged, queued.error());
  found.queued = clock_.Now();
  SetState(found, *queued ? "queued" : "the queue is full");
  if (may_wait && *queued) {
    found.missing = Missing::kReport;
  } else {
    Slower(cache, CacheState::kMiss);
  }
}

// What is said of what is missing while it is.
void LookUp::SetState(Found& found, std::string state) {
  ReplacePending(found.judged.signatures, signatures_.Pending(state));
  found.judged.scan_state = std::move(state);
}

void LookUp::TakeReport(Found& found) {
  policy::JudgedUse& judged = found.judged;
  CacheState cache = CacheState::kWaited;
  const auto verdict = IsScanPending(judged) ? FindVerdict(judged, cache) : true;
  if (!verdict) return StoreFailed(judged, verdict.error());  // a moment later it may be back
  if (!FindSignatures(found, cache))
    return ReplacePending(judged.signatures, signatures_.Pending("the store does not answer"));
  judged.problem.reset();
  judged.problem_code.clear();
  if (!*verdict || HasPending(judged.signatures)) return TakeJob(found);
  found.missing = Missing::kNothing;
}

// What the queue says of an image without a report: a job that rests or was given up will not
// answer in time.
void LookUp::TakeJob(Found& found) {
  const auto job = store_.FindJob(*found.judged.pinned);
  if (!job) return;
  if (!*job) return QueueAgain(found);
  const store::JobState& state = **job;
  if (state.leased || state.why.empty())
    return SetState(found, state.leased ? "being scanned" : "queued");
  // What befell another repository (no access, another policy's trust root) says nothing of ours.
  if (state.image != found.judged.pinned->ToString()) return QueueAgain(found);
  TakeFailure(found, state);
}

void LookUp::QueueAgain(Found& found) {
  const SteadyTime now = clock_.Now();
  if (now < found.queued + kQueueAgain) return;
  found.queued = now;
  (void)store_.Enqueue(*found.judged.pinned, store::Priority::kAdmission, clock_.WallNow());
  SetState(found, "queued");
}

void LookUp::TakeFailure(Found& found, const store::JobState& job) {
  policy::JudgedUse& judged = found.judged;
  found.missing = Missing::kNothing;
  judged.scan_state = (job.dead ? "given up: " : "postponed: ") + job.why;
  if (IsScanPending(judged)) {
    judged.report =
        rules::UnknownReport(judged.pinned->digest().ToString(), job.cause, job.why, rules_);
  }
  if (!HasPending(judged.signatures)) return;
  signature::Reason reason = job.signature;
  if (reason == signature::Reason::kNone) {
    // The scan failed, and so nothing was verified.
    reason = job.cause == rules::Cause::kUnreachable ? signature::Reason::kRegistry
                                                     : signature::Reason::kPending;
  }
  ReplacePending(judged.signatures,
                 signature::Report::Undecided(reason, judged.scan_state, clock_.WallNow()));
}

bool LookUp::ResolveLater(const oci::Reference& reference,
                          const std::vector<signature::SealedRequirement>& wanted) {
  const auto digest = tags_.Resolve(reference, Deadline::After(clock_.Now(), kLaterTime), true);
  if (!digest) return RegistryCause(digest.error()) != rules::Cause::kUnreachable;
  const oci::PinnedReference image(reference.repository(), *digest);
  const auto stored = store_.FindReport(*digest, rules_);
  std::vector<signature::Report> reports;
  const auto looked = signatures_.Find(image, wanted, "", reports);
  if (stored && *stored && looked && !HasPending(reports)) return true;
  (void)store_.Enqueue(image, store::Priority::kAdmission, clock_.WallNow());
  return true;
}

void LookUp::StoreFailed(policy::JudgedUse& judged, const Error& error) const {
  judged.problem = error;
  judged.problem_code = "SY003";
  judged.scan_state = "the store does not answer";
}

}  // namespace xzgate::gate
