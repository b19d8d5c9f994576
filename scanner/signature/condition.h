#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json/value.h"
#include "base/result.h"
#include "scanner/signature/identity.h"
#include "scanner/signature/pointer.h"

namespace xzgate::signature {

// One thing that a predicate must say. A value; thread-compatible.
//
// `pointer` is one of pointer.h: with "*" it reaches several values. A document of another shape
// never passes: what stands before the first "*" has to be there, and where there are elements, at
// least one of them must have what the rest of the pointer names. Texts are compared byte for byte,
// numbers and booleans by their JSON text; null, arrays and objects equal nothing, and an array or
// object is no value that kNone could pass.
struct Condition {
  enum class Kind : std::uint8_t {
    kPresent,  // one value that is not null
    kOneOf,    // one value equals one of `texts`
    kNone,     // no value equals one of `texts`, or matches one of `expressions`
    kMatches,  // the whole of one value matches one of `expressions`
    kAtMost,   // numbers: none is more than `number`
    kAtLeast,  // numbers: there is one, and none is less
    // RFC 3339 times: there is one, and each is not older than `age` and not after the signature.
    kYoungerThan,
  };

  std::string pointer = {};
  Kind kind = Kind::kPresent;
  std::vector<std::string> texts = {};
  std::vector<TextMatcher> expressions = {};
  double number = 0;
  std::chrono::milliseconds age{0};

  // One line for messages: "/metadata/scanFinishedOn younger than 7d".
  std::string ToString() const;
};

// When a condition that holds stops to do so: absent for never.
struct Held {
  std::optional<WallTime> until;
};

// Whether `predicate` says what `condition` wants. `signed_at` is the newest trusted time, absent
// where there is none; `now` bounds ages. Pure. Errors: kPermissionDenied with the pointer, what
// was wanted and what was found; kResourceExhausted.
Result<Held> CheckCondition(const Condition& condition, const json::Value& predicate,
                            std::optional<WallTime> signed_at, WallTime now);

}  // namespace xzgate::signature
