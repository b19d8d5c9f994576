#include "webhook/gate/tag_resolver.h"

#include <utility>

namespace xzgate::gate {

std::optional<Result<oci::Digest>> TagAnswer::Get() const {
  const std::lock_guard lock(mutex_);
  return digest_;
}

void TagAnswer::Set(Result<oci::Digest> digest) noexcept {
  const std::lock_guard lock(mutex_);
  digest_ = std::move(digest);
}

TagResolver::Call::Call(TagResolver& resolver, const oci::Reference& reference)
    : resolver_(&resolver),
      reference_(reference),
      answer_(std::make_shared<TagAnswer>()),
      given_up_(ErrorCode::kInternal,
                "tag of " + reference.ToString() + ": the registry call was given up") {}

TagResolver::Call::Call(Call&& other) noexcept
    : resolver_(std::exchange(other.resolver_, nullptr)),
      reference_(std::move(other.reference_)),
      answer_(std::move(other.answer_)),
      given_up_(std::move(other.given_up_)) {}

TagResolver::Call::~Call() {
  if (resolver_ != nullptr) resolver_->Land(*this, std::unexpected(std::move(given_up_)));
}

void TagResolver::Call::Make(Deadline deadline) {
  if (resolver_ == nullptr) return;
  const Result<oci::Digest> digest = resolver_->source_.Resolve(
      reference_, {.deadline = deadline, .urgent = true, .stop = nullptr});
  const bool leave_trace = resolver_->Land(*this, digest);
  TagResolver& resolver = *std::exchange(resolver_, nullptr);
  // After the landing: nobody waits for the store.
  if (digest && leave_trace)
    (void)resolver.store_.PutTag(reference_, *digest, resolver.clock_.WallNow() + resolver.life_);
}

TagResolver::TagResolver(registry::ImageSource& source, store::Store& store, const Clock& clock,
                         std::chrono::milliseconds life, std::function<void()> on_landing)
    : source_(source),
      store_(store),
      clock_(clock),
      life_(life),
      on_landing_(std::move(on_landing)) {}

std::optional<oci::Digest> TagResolver::FindKnown(const oci::Reference& reference) {
  {
    const std::lock_guard lock(mutex_);
    if (const Known* known = FindInMemory(reference)) return known->digest;
  }
  auto stored = store_.FindTag(reference, clock_.WallNow());
  if (!stored || !*stored) return std::nullopt;
  // Not remembered here: the row knows when it ends, and the next call is one row's read.
  return **stored;
}

// With mutex_ held; null when the tag is not known or no longer believed.
const TagResolver::Known* TagResolver::FindInMemory(const oci::Reference& reference) const {
  const auto found = known_.find(reference);
  return found != known_.end() && found->second.expires > clock_.Now() ? &found->second : nullptr;
}

// With mutex_ held.
void TagResolver::Remember(const oci::Reference& reference, const oci::Digest& digest) {
  const SteadyTime now = clock_.Now();
  if (known_.size() >= kMaxTags) {
    std::erase_if(known_, [now](const auto& item) { return item.second.expires <= now; });
    if (known_.size() >= kMaxTags) known_.clear();
  }
  known_.insert_or_assign(reference, Known{digest, now + life_});
}

std::shared_ptr<const TagAnswer> TagResolver::Join(const oci::Reference& reference,
                                                   bool leave_trace) {
  const std::lock_guard lock(mutex_);
  const auto flight = flying_.find(reference);
  if (flight == flying_.end()) return nullptr;
  flight->second.leave_trace |= leave_trace;
  return flight->second.answer;
}

TagResolver::Seat TagResolver::Board(const oci::Reference& reference, bool leave_trace) {
  Call call(*this, reference);
  const std::lock_guard lock(mutex_);
  if (const Known* known = FindInMemory(reference)) {
    call.Drop();
    call.answer_->Set(known->digest);
    return {.answer = call.answer_, .call = {}};
  }
  const auto [flight, is_ours] =
      flying_.try_emplace(reference, Flight{.answer = call.answer_, .leave_trace = leave_trace});
  if (is_ours) return {.answer = call.answer_, .call = std::move(call)};
  call.Drop();
  flight->second.leave_trace |= leave_trace;
  return {.answer = flight->second.answer, .call = {}};
}

// Tells everybody who joined, and returns whether one of them wants the answer in the store. Does
// not allocate for a failure: it is also how a call ends whose thread ran out of memory.
bool TagResolver::Land(const Call& call, Result<oci::Digest> digest) {
  bool leave_trace = false;
  {
    const std::lock_guard lock(mutex_);
    if (digest) Remember(call.reference_, *digest);
    if (const auto flight = flying_.find(call.reference_);
        flight != flying_.end() && flight->second.answer == call.answer_) {
      leave_trace = flight->second.leave_trace;
      flying_.erase(flight);
    }
    call.answer_->Set(std::move(digest));
  }
  landed_.notify_all();
  if (on_landing_) on_landing_();
  return leave_trace;
}

bool TagResolver::WaitFor(const TagAnswer& answer, Deadline deadline) {
  const auto is_there = [&answer] { return answer.Get().has_value(); };
  std::unique_lock lock(mutex_);
  if (!deadline.IsNever()) return landed_.wait_until(lock, deadline.when(), is_there);
  landed_.wait(lock, is_there);
  return true;
}

Result<oci::Digest> TagResolver::Resolve(const oci::Reference& reference, Deadline deadline,
                                         bool leave_trace) {
  while (true) {
    Seat seat = Board(reference, leave_trace);
    const bool is_asker = seat.call.has_value();
    if (is_asker) seat.call->Make(deadline);
    if (!WaitFor(*seat.answer, deadline))
      return DeadlineExceeded("tag of " + reference.ToString() + " was not resolved in time");
    Result<oci::Digest> digest = *seat.answer->Get();
    if (is_asker || digest || !IsWorthAsking(digest.error(), deadline)) return digest;
  }
}

bool TagResolver::IsWorthAsking(const Error& error, Deadline deadline) const {
  return error.code() == ErrorCode::kDeadlineExceeded &&
         !deadline.HasPassed(clock_.Now() + kLeastCall);
}

}  // namespace xzgate::gate
