#pragma once

#include <string>
#include <vector>

#include "base/yaml/document.h"
#include "scanner/signature/requirement.h"
#include "webhook/policy/authority_reader.h"

namespace xzgate::policy {

// Reads who must vouch: one of `any: […]`, `all: […]` and `atLeast: N, of: […]`, whose items are
// names of authorities or groups of the same form. Marks who was asked. Adds every problem: names
// that nobody has, a number that nothing or everything meets, and what would count twice where
// several must vouch: one authority, or one key under two names.
signature::Group ReadGroup(yaml::Mapping& map, std::vector<NamedAuthority>& authorities);

// The authorities that a group names, each once.
std::vector<std::shared_ptr<const signature::Authority>> AuthoritiesOf(
    const signature::Group& group, const std::vector<NamedAuthority>& authorities);

}  // namespace xzgate::policy
