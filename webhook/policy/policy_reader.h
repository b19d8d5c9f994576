#pragma once

#include <string_view>
#include <vector>

#include "base/yaml/document.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Reads the `ImagePolicy` documents (apiVersion xzgate.dev/v1) of one YAML text and appends their
// rules in file order. Adds every problem: an unknown kind or key, a wrong word, a pattern that
// could never match, a name used twice (names in `rules` count as used).
void ReadPolicies(std::string_view text, std::string_view file, yaml::Problems& problems,
                  std::vector<Rule>& rules);

}  // namespace xzgate::policy
