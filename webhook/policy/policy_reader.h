#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/yaml/document.h"
#include "webhook/policy/named_files.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// What ReadPolicies appends to.
struct ReadPoliciesInto {
  std::vector<Rule>& rules;         // names in it count as used
  std::vector<std::string>& notes;  // what is no mistake and may be one
};

// Reads the `ImagePolicy` documents (apiVersion xzgate.dev/v1) of one YAML text and appends their
// rules in file order. Adds every problem: an unknown kind or key, a wrong word, a pattern that
// could never match, a name used twice, and those of signature_reader.h.
void ReadPolicies(std::string_view text, std::string_view file, NamedFiles& files,
                  yaml::Problems& problems, ReadPoliciesInto& into);

}  // namespace xzgate::policy
