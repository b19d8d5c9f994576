#include "webhook/gate/look_up.h"

#include <algorithm>

#include "webhook/gate/registry_reason.h"

namespace xzgate::gate {
namespace {

// Holds the pool's permission to wait; false when too many wait already.
class Permission {
 public:
  explicit Permission(WaitPermit& permit) : permit_(permit), granted_(permit.Begin()) {}
  ~Permission() {
    if (granted_) permit_.End();
  }
  Permission(const Permission&) = delete;
  Permission& operator=(const Permission&) = delete;
  bool granted() const { return granted_; }

 private:
  WaitPermit& permit_;
  const bool granted_;
};

void Overloaded(policy::JudgedUse& judged) {
  judged.problem_code = "SY005";
  judged.problem = Error(ErrorCode::kResourceExhausted,
                         "xzgate is overloaded: too many requests wait for scans; retry");
}

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

LookUp::LookUp(registry::ImageSource& source, store::Store& store, std::string rules,
               const Clock& clock, const GateOptions& options)
    : store_(store),
      rules_(std::move(rules)),
      clock_(clock),
      tags_(source, store, clock, options.tag_life),
      reports_(options.lru_entries),
      changes_(store) {}

Found LookUp::Start(const admission::ImageUse& use, policy::Mode mode, const Terms& terms,
                    CacheState& cache) {
  Found found{.judged = Blank(use, rules_)};
  policy::JudgedUse& judged = found.judged;
  auto reference = oci::Reference::Parse(use.reference);
  if (!reference) {
    judged.problem = reference.error();
    judged.problem_code = "PL002";
    return found;
  }
  judged.reference = std::move(*reference);
  // Only enforce waits, and only for what is new: an unchanged use can do no more than warn.
  const bool may_wait = mode == policy::Mode::kEnforce && !use.unchanged;
  Pin(judged, may_wait, terms, cache);
  if (judged.pinned) Find(found, may_wait, terms, cache);
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

void LookUp::Pin(policy::JudgedUse& judged, bool may_wait, const Terms& terms, CacheState& cache) {
  const oci::Reference& reference = *judged.reference;
  if (const auto digest = reference.digest() ? reference.digest() : tags_.FindKnown(reference)) {
    judged.pinned.emplace(reference.repository(), *digest);
    return;
  }
  if (!may_wait) {
    Slower(cache, CacheState::kMiss);
    judged.scan_state = "its tag is being resolved";
    if (!terms.leave_trace) return;
    calls_.Post([this, reference] {
      const auto deadline = Deadline::After(clock_.Now(), std::chrono::seconds(15));
      if (const auto digest = tags_.Resolve(reference, deadline, true)) {
        (void)store_.Enqueue(oci::PinnedReference(reference.repository(), *digest),
                             store::Priority::kAdmission, clock_.WallNow());
      }
    });
    return;
  }
  const Permission permission(terms.permit);
  if (!permission.granted()) return Overloaded(judged);
  Slower(cache, CacheState::kWaited);
  auto digest = tags_.Resolve(reference, terms.deadline, terms.leave_trace);
  if (digest) {
    judged.pinned.emplace(reference.repository(), std::move(*digest));
    return;
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
  Slower(cache, may_wait ? CacheState::kWaited : CacheState::kMiss);
  found.may_await = may_wait && *queued;
}

void LookUp::Await(Found& found, const Terms& terms) {
  if (!found.may_await) return;
  policy::JudgedUse& judged = found.judged;
  const Permission permission(terms.permit);
  if (!permission.granted()) return Overloaded(judged);
  while (true) {
    const std::uint64_t seen = changes_.seen();
    if (TakeAnswer(judged)) return;
    if (!changes_.Wait(seen, terms.deadline)) return;
  }
}

bool LookUp::TakeAnswer(policy::JudgedUse& judged) {
  const oci::Digest& digest = judged.pinned->digest();
  auto stored = store_.FindReport(digest, rules_);
  if (!stored) {
    StoreFailed(judged, stored.error());
    return false;  // a moment later it may be back
  }
  if (*stored) {
    judged.problem.reset();
    judged.problem_code.clear();
    judged.report = std::move(**stored);
    reports_.Put(std::make_shared<const rules::Report>(judged.report), clock_.Now());
    return true;
  }
  const auto job = store_.FindJob(digest);
  if (!job || !*job) return false;
  judged.scan_state = (*job)->leased        ? "being scanned"
                      : (*job)->why.empty() ? "queued"
                                            : "postponed: " + (*job)->why;
  if ((*job)->leased || (*job)->why.empty()) return false;
  judged.report =
      rules::UnknownReport(digest.ToString(), rules::Cause::kUnreachable, (*job)->why, rules_);
  return true;
}

void LookUp::StoreFailed(policy::JudgedUse& judged, const Error& error) const {
  judged.problem = error;
  judged.problem_code = "SY003";
  judged.scan_state = "the store does not answer";
}

}  // namespace xzgate::gate
