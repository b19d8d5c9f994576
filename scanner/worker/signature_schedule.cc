#include "scanner/worker/signature_schedule.h"

#include <algorithm>

namespace xzgate::worker {
namespace {

bool IsEnding(const store::SignatureState& state, WallTime now) {
  const auto quarter = (state.valid_until - state.made) / 4;
  return now >= state.valid_until - std::min(kRenewBefore, quarter);
}

}  // namespace

const store::SignatureState* FindState(std::span<const store::SignatureState> states,
                                       const std::string& requirement) {
  const auto found = std::ranges::find(states, requirement, &store::SignatureState::requirement);
  return found == states.end() ? nullptr : &*found;
}

bool MustVerify(const store::SignatureState* state, WallTime now) {
  if (state == nullptr || !store::IsBelieved(state->made, state->valid_until, now)) return true;
  return store::IsDenial(state->outcome) ? store::IsStaleDenial(state->outcome, state->made, now)
                                         : IsEnding(*state, now);
}

bool IsScheduled(const store::SignatureState* state, WallTime seen, WallTime now) {
  if (state == nullptr) return true;
  // A denial's life is shorter than the spacing: that it ended is no reason by itself.
  if (!store::IsDenial(state->outcome) || state->made > now + store::kMaxClockSkew)
    return MustVerify(state, now);
  const std::chrono::milliseconds unseen = now - seen;
  return now >= state->made + std::max(kLeastSpacing, unseen / 2);
}

}  // namespace xzgate::worker
