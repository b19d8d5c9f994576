#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "scanner/signature/report.h"

namespace xzgate::store {

// A stored report on an image's signatures without what it says. A value.
struct SignatureState {
  std::string requirement;  // its fingerprint
  signature::Outcome outcome = signature::Outcome::kUndecided;
  WallTime made;
  WallTime valid_until;
};

// How far the clocks of those who share a store may be apart: what was made later than that after
// `now` was made before a clock was set back, and is not believed.
inline constexpr std::chrono::milliseconds kMaxClockSkew{60'000};
// Who is denied may sign and try again: a denial that is older than this is looked into again when
// somebody asks for the image, without being waited for.
inline constexpr std::chrono::milliseconds kDenialRefresh{5'000};

inline bool IsDenial(signature::Outcome outcome) {
  return outcome == signature::Outcome::kUnsigned || outcome == signature::Outcome::kWronglySigned;
}

// Whether what was found out at `made` stands at `now`. No report lives longer than
// Report::kVerifiedLife, whatever it says of itself.
inline bool IsBelieved(WallTime made, WallTime valid_until, WallTime now) {
  return made <= now + kMaxClockSkew && now < valid_until &&
         now < made + signature::Report::kVerifiedLife;
}
inline bool IsBelieved(const signature::Report& report, WallTime now) {
  return IsBelieved(report.made(), report.valid_until(), now);
}

// A denial that it is time to look into again.
inline bool IsStaleDenial(signature::Outcome outcome, WallTime made, WallTime now) {
  return IsDenial(outcome) && now >= made + kDenialRefresh;
}

}  // namespace xzgate::store
