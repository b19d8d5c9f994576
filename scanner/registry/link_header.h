#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::registry {

inline constexpr std::size_t kMaxLinkBytes = 16 * 1024;

// The target of the first link with relation "next" in the value of one Link header (RFC 8288,
// section 3), as written: it may be relative. Absent when there is none. Errors: kInvalidArgument
// (grammar), kResourceExhausted.
Result<std::optional<std::string>> FindNextLink(std::string_view header);

}  // namespace xzgate::registry
