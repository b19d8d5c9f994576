#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/yaml/document.h"
#include "scanner/signature/authority.h"
#include "webhook/policy/trust_reader.h"

namespace xzgate::policy {

// The authorities of one ImagePolicy, and whether somebody asked for them.
struct NamedAuthority {
  std::shared_ptr<const signature::Authority> authority;
  std::string place;  // of its name
  bool is_asked = false;
};

// Reads `authorities` of `spec`. Adds every problem: a name that is missing or used twice, none or
// several of `key`, `keys`, `keyless` and `certificate`, keys and certificates that are none, an
// identity that anybody has, a threshold that nothing or everything meets.
std::vector<NamedAuthority> ReadAuthorities(yaml::Mapping& spec, const ReadingFrom& from);

}  // namespace xzgate::policy
