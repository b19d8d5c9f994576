#pragma once

#include <string>
#include <vector>

#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Adds a note for each rule that never decides: all of its images and namespaces are equal to, or
// plainly covered by, those of one rule before it. What several cover only together is not seen.
// Pure.
void AddShadowed(const std::vector<Rule>& rules, std::vector<std::string>& notes);

}  // namespace xzgate::policy
