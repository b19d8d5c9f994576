#include <algorithm>

#include "base/text.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Host and path are matched apart, each against its own part of the pattern: no text of one can
// stand in for the other.
bool CoversImage(std::string_view pattern, const oci::Repository& repository) {
  if (pattern == "*" || pattern == "**") return true;
  const auto slash = pattern.find('/');
  const std::string_view host = pattern.substr(0, slash);
  const std::string_view path =
      slash == pattern.npos ? std::string_view("**") : pattern.substr(slash + 1);
  return GlobMatches(host, repository.host) && GlobMatches(path, repository.path);
}

}  // namespace xzgate::policy
