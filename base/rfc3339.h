#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace xzgate {

// Reads a moment as RFC 3339, section 5.6 writes it: "2026-11-24T09:51:48Z", with a fraction of up
// to nine digits (what is finer than a millisecond is cut off), "Z" or an offset as "+01:00".
// Strict: 'T' and 'Z' in upper case, years from 1 to 9999, dates that exist, no leap second (a
// WallTime has none). Errors: kInvalidArgument, naming what was found.
Result<WallTime> ParseRfc3339(std::string_view text);

}  // namespace xzgate
