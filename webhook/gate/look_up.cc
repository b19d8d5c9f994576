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
          .scan_state = {}};
}

void Slower(CacheState& cache, CacheState seen) {
  cache = std::max(cache, seen);
}

}  // namespace

LookUp::LookUp(TagResolver& tags, store::Store& store, std::string rules, const Clock& clock,
               std::size_t lru_entries)
    : tags_(tags), store_(store), rules_(std::move(rules)), clock_(clock), reports_(lru_entries) {}

Found LookUp::Start(const admission::ImageUse& use, Result<oci::Reference> reference,
                    policy::Mode mode, const Terms& terms, CacheState& cache) {
  Found found{.judged = Blank(use, rules_)};
  policy::JudgedUse& judged = found.judged;
  if (!reference) {
    judged.problem = reference.error();
    judged.problem_code = "PL002";
    return found;
  }
  judged.reference = std::move(*reference);
  const oci::Reference& named = *judged.reference;
  // Only enforce waits, and only for what is new: an unchanged use can do no more than warn.
  const bool may_wait = mode == policy::Mode::kEnforce && !use.unchanged;
  if (const auto digest = named.digest() ? named.digest() : tags_.FindKnown(named)) {
    judged.pinned.emplace(named.repository(), *digest);
    Find(found, may_wait, terms, cache);
  } else if (may_wait) {
    found.missing = Missing::kDigest;
  } else {
    Slower(cache, CacheState::kMiss);
    judged.scan_state = "its tag is being resolved";
    if (terms.leave_trace) {
      later_.Post(named.repository().host, [this, named] { return ResolveLater(named); });
    }
  }
  return found;
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
}

void LookUp::Find(Found& found, bool may_wait, const Terms& terms, CacheState& cache) {
  policy::JudgedUse& judged = found.judged;
  const oci::Digest& digest = judged.pinned->digest();
  if (const auto known = reports_.Find(digest.ToString(), clock_.Now())) {
    judged.report = *known;
    return;
  }
  auto stored = store_.FindReport(digest, rules_);
  if (!stored) return StoreFailed(judged, stored.error());
  if (*stored) {
    Slower(cache, CacheState::kStore);
    judged.report = std::move(**stored);
    reports_.Put(std::make_shared<const rules::Report>(judged.report), clock_.Now());
    return;
  }
  judged.report =
      rules::UnknownReport(digest.ToString(), rules::Cause::kPending, "not scanned yet", rules_);
  if (!terms.leave_trace) {
    Slower(cache, CacheState::kMiss);
    judged.scan_state = "a dry run starts no scan";
    return;
  }
  Queue(found, may_wait, cache);
}

void LookUp::Queue(Found& found, bool may_wait, CacheState& cache) {
  policy::JudgedUse& judged = found.judged;
  auto queued = store_.Enqueue(*judged.pinned, store::Priority::kAdmission, clock_.WallNow());
  if (!queued) return StoreFailed(judged, queued.error());
  judged.scan_state = *queued ? "queued" : "the queue is full";
  if (may_wait && *queued) {
    found.missing = Missing::kReport;
  } else {
    Slower(cache, CacheState::kMiss);
  }
}

void LookUp::TakeReport(Found& found) {
  policy::JudgedUse& judged = found.judged;
  auto stored = store_.FindReport(judged.pinned->digest(), rules_);
  if (!stored) return StoreFailed(judged, stored.error());  // a moment later it may be back
  judged.problem.reset();
  judged.problem_code.clear();
  if (!*stored) return TakeJob(found);
  found.missing = Missing::kNothing;
  judged.report = std::move(**stored);
  reports_.Put(std::make_shared<const rules::Report>(judged.report), clock_.Now());
}

// What the queue says of an image without a report: a job that rests or was given up will not
// answer in time.
void LookUp::TakeJob(Found& found) {
  policy::JudgedUse& judged = found.judged;
  const auto job = store_.FindJob(*judged.pinned);
  if (!job || !*job) return;
  const store::JobState& state = **job;
  if (state.leased || state.why.empty()) {
    judged.scan_state = state.leased ? "being scanned" : "queued";
    return;
  }
  judged.scan_state = (state.dead ? "given up: " : "postponed: ") + state.why;
  judged.report =
      rules::UnknownReport(judged.pinned->digest().ToString(), state.cause, state.why, rules_);
  found.missing = Missing::kNothing;
}

bool LookUp::ResolveLater(const oci::Reference& reference) {
  const auto digest = tags_.Resolve(reference, Deadline::After(clock_.Now(), kLaterTime), true);
  if (!digest) return RegistryCause(digest.error()) != rules::Cause::kUnreachable;
  const auto stored = store_.FindReport(*digest, rules_);
  if (stored && *stored) return true;
  (void)store_.Enqueue(oci::PinnedReference(reference.repository(), *digest),
                       store::Priority::kAdmission, clock_.WallNow());
  return true;
}

void LookUp::StoreFailed(policy::JudgedUse& judged, const Error& error) const {
  judged.problem = error;
  judged.problem_code = "SY003";
  judged.scan_state = "the store does not answer";
}

}  // namespace xzgate::gate
