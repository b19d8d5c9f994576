#include "webhook/gate/use_waiter.h"

#include <algorithm>
#include <memory>
#include <optional>

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

bool IsMissing(const Found& use) {
  return use.missing != Missing::kNothing;
}

void Overloaded(policy::JudgedUse& judged) {
  judged.problem_code = "SY005";
  judged.problem = Error(ErrorCode::kResourceExhausted,
                         "xzgate is overloaded: too many requests wait for scans; retry");
}

}  // namespace

// One request's wait; confined to the request's thread.
class UseWaiter::Round {
 public:
  Round(UseWaiter& waiter, std::vector<Found>& uses, const Terms& terms, const Refuses& refuses,
        CacheState& cache);

  // Whether a use is refused for good: then little needs to be waited for.
  bool is_refused() const { return is_refused_; }
  bool is_settled() const { return missing_ == 0; }
  // Until nothing is missing, or the end.
  void Run();
  // Says of each digest that is missing still why it is.
  void Close();

 private:
  // A use of which something is missing, with the registry call for its digest.
  struct Slot {
    Found& use;
    std::shared_ptr<const TagAnswer> answer;  // null: not asked yet
    bool is_ours = false;                     // else another request's call, which we joined
    bool is_helped = false;                   // made by one of the calling threads
  };

  bool IsUnasked(const Slot& slot) const {
    return slot.use.missing == Missing::kDigest && !slot.answer;
  }
  void LookAgain(const ChangeWatch::Seen& seen);
  void TakeCall(Slot& slot);
  bool MakeCalls();
  bool MakeCall(Slot& slot);
  Deadline Share(std::size_t callers) const;
  void Judge(Found& use);
  Deadline NextLook() const;

  UseWaiter& waiter_;
  const Terms& terms_;
  const Refuses& refuses_;
  CacheState& cache_;
  std::vector<Slot> slots_;
  std::size_t missing_ = 0;  // slots of which something is missing still
  std::size_t helped_ = 0;   // calls that calling threads make for us now
  Deadline end_;             // the request's, until one use is refused
  bool is_refused_ = false;
  std::optional<std::uint64_t> looked_;  // the store's changes at our last look into it
};

UseWaiter::Round::Round(UseWaiter& waiter, std::vector<Found>& uses, const Terms& terms,
                        const Refuses& refuses, CacheState& cache)
    : waiter_(waiter), terms_(terms), refuses_(refuses), cache_(cache), end_(terms.deadline) {
  for (Found& use : uses) {
    Judge(use);
    if (IsMissing(use)) slots_.push_back({.use = use, .answer = nullptr});
  }
  missing_ = slots_.size();
}

// A refusal is certain with the first refused use; a moment more tells whoever reads it of the
// others that are bad. Of the refused use itself no more needs to be known.
void UseWaiter::Round::Judge(Found& use) {
  if (use.missing == Missing::kDigest || !refuses_(use.judged)) return;
  use.missing = Missing::kNothing;
  if (is_refused_) return;
  is_refused_ = true;
  end_ = end_.Min(Deadline::After(waiter_.clock_.Now(), kCourtesy));
}

void UseWaiter::Round::Run() {
  while (missing_ > 0) {
    const ChangeWatch::Seen seen = waiter_.changes_.seen();
    LookAgain(seen);
    if (missing_ == 0 || MakeCalls()) continue;
    if (waiter_.changes_.Wait(seen, NextLook())) continue;
    if (end_.HasPassed(waiter_.clock_.Now())) return;
    looked_.reset();
  }
}

Deadline UseWaiter::Round::NextLook() const {
  const bool has_report = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.use.missing == Missing::kReport;
  });
  return has_report ? end_.Min(Deadline::After(waiter_.clock_.Now(), kLookAgain)) : end_;
}

void UseWaiter::Round::LookAgain(const ChangeWatch::Seen& seen) {
  const bool has_changed = looked_ != seen.changes;
  looked_ = seen.changes;
  for (Slot& slot : slots_) {
    if (!IsMissing(slot.use)) continue;
    const bool had_digest = slot.use.missing == Missing::kReport;
    if (slot.answer) TakeCall(slot);
    // Also right after it was queued: the queue may have given it up long ago, which is no change.
    const bool is_new = !had_digest && slot.use.missing == Missing::kReport;
    if (is_new || (had_digest && has_changed)) waiter_.look_up_.TakeReport(slot.use);
    Judge(slot.use);
    if (!IsMissing(slot.use)) --missing_;
  }
}

void UseWaiter::Round::TakeCall(Slot& slot) {
  const auto digest = slot.answer->Get();
  if (!digest) return;
  if (slot.is_helped) --helped_;
  const bool ask_anew =
      !slot.is_ours && !*digest && waiter_.tags_.IsWorthAsking(digest->error(), terms_.deadline);
  slot.answer = nullptr;
  if (!ask_anew) waiter_.look_up_.TakeDigest(slot.use, *digest, terms_, cache_);
}

// Sees that tags are asked for; true when there is news at once.
bool UseWaiter::Round::MakeCalls() {
  for (Slot& slot : slots_) {
    if (!IsUnasked(slot)) continue;
    if (end_.HasPassed(waiter_.clock_.Now())) return false;
    slot.answer = waiter_.tags_.Join(*slot.use.judged.reference, terms_.leave_trace);
    slot.is_ours = false;
    slot.is_helped = false;
    if (slot.answer) continue;
    if (helped_ == kCallsOfARequest) return false;
    if (MakeCall(slot)) return true;
  }
  return false;
}

// A call that is this request's to make. It is made here, and true returned, when there is nothing
// else to look after meanwhile, or no thread that helps.
bool UseWaiter::Round::MakeCall(Slot& slot) {
  const Deadline helped = Share(kCallsOfARequest);
  const Deadline here = Share(1);
  TagResolver::Seat seat = waiter_.tags_.Board(*slot.use.judged.reference, terms_.leave_trace);
  slot.answer = std::move(seat.answer);
  slot.is_ours = seat.call.has_value();
  if (!slot.is_ours) return slot.answer->Get().has_value();
  slot.is_helped = missing_ > 1 && waiter_.callers_.TryMake(helped_, *seat.call, helped);
  if (slot.is_helped) {
    ++helped_;
    return false;
  }
  seat.call->Make(here);
  return true;
}

// The time for the next call where `callers` make all that are left: the whole of it when each has
// a caller of its own.
Deadline UseWaiter::Round::Share(std::size_t callers) const {
  const auto tags = static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [this](const Slot& slot) { return IsUnasked(slot); }));
  if (tags <= callers) return end_;
  const SteadyTime now = waiter_.clock_.Now();
  const auto share =
      end_.Remaining(now) * static_cast<std::int64_t>(callers) / static_cast<std::int64_t>(tags);
  return Deadline::After(now, std::max<std::chrono::milliseconds>(share, kLeastShare)).Min(end_);
}

void UseWaiter::Round::Close() {
  for (const Slot& slot : slots_) {
    if (slot.use.missing != Missing::kDigest) continue;
    policy::JudgedUse& judged = slot.use.judged;
    if (is_refused_) {
      judged.scan_state = "its tag is not resolved yet";
    } else {
      waiter_.look_up_.TakeDigest(
          slot.use,
          DeadlineExceeded("tag of " + judged.reference->ToString() + " was not resolved in time"),
          terms_, cache_);
    }
  }
}

void UseWaiter::Settle(std::vector<Found>& uses, const Terms& terms, const Refuses& refuses,
                       CacheState& cache) {
  if (std::none_of(uses.begin(), uses.end(), IsMissing)) return;
  Round round(*this, uses, terms, refuses, cache);
  if (round.is_settled()) return;
  const Permission permission(terms.permit);
  if (!permission.granted()) {
    cache = std::max(cache, CacheState::kMiss);
    if (round.is_refused()) return round.Close();
    for (Found& use : uses) {
      if (IsMissing(use)) Overloaded(use.judged);
    }
    return;
  }
  cache = std::max(cache, CacheState::kWaited);
  round.Run();
  round.Close();
}

}  // namespace xzgate::gate
