#pragma once

#include <string_view>

namespace xzgate::policy {

// How two patterns of policy.h (CoversImage) stand to each other. Neither is always told: what
// cannot be seen plainly is "no". Pure; thread-safe.

// Whether all that `inner` covers is plainly covered by `outer` too.
bool CoversPattern(std::string_view outer, std::string_view inner);

// Whether certainly no image is covered by both: their hosts or their paths begin or end with texts
// that differ, or one of them is a plain name that the other does not match.
bool AreDisjoint(std::string_view a, std::string_view b);

// The same as CoversPattern for single globs of GlobMatches, such as those of namespaces.
bool CoversGlob(std::string_view outer, std::string_view inner);

}  // namespace xzgate::policy
