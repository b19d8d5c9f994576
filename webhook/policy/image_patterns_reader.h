#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/yaml/document.h"

namespace xzgate::policy {

// Reads a list of image patterns (policy.h: CoversImage). Adds every problem: what has no path, a
// scheme, a tag, upper case, or could never match.
void ReadImagePatterns(yaml::Mapping& map, std::string_view key, std::vector<std::string>& out);

}  // namespace xzgate::policy
