#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/clock.h"
#include "scanner/store/signature_state.h"

namespace xzgate::worker {

// When an image's signatures are looked at again without anybody waiting for it: pure functions of
// what is stored. Times: docs/signatures.md.

// A verified image is verified again this long before its report ends, or a quarter of the report's
// life where that is shorter.
inline constexpr std::chrono::milliseconds kRenewBefore = std::chrono::hours(1);
// Images that somebody asked for within this time are looked after by the schedule.
inline constexpr std::chrono::milliseconds kLookedAfter = std::chrono::hours(24);
// The least time between two looks at an image that is unsigned or wrongly signed; it grows to half
// the time since somebody last asked for it.
inline constexpr std::chrono::milliseconds kLeastSpacing = std::chrono::minutes(10);

// What is stored under this requirement; null when nothing is.
const store::SignatureState* FindState(std::span<const store::SignatureState> states,
                                       const std::string& requirement);

// Whether a job for the image has to verify it: there is no report that is believed, a denial is
// older than store::kDenialRefresh, or a verified report is about to end.
bool MustVerify(const store::SignatureState* state, WallTime now);

// Whether the schedule makes such a job for an image that was last asked for at `seen`.
bool IsScheduled(const store::SignatureState* state, WallTime seen, WallTime now);

}  // namespace xzgate::worker
