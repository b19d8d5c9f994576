#include <algorithm>

#include "base/text.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

namespace {

// One registry under all its spellings, in references and patterns alike, so that none of them
// slips past a policy written for another.
std::string_view OneSpelling(std::string_view host) {
  if (host.ends_with(":443")) host.remove_suffix(4);
  return host == "registry-1.docker.io" || host == "index.docker.io" ? "docker.io" : host;
}

}  // namespace

// Host and path are matched apart, each against its own part of the pattern: no text of one can
// stand in for the other.
bool CoversImage(std::string_view pattern, const oci::Repository& repository) {
  if (pattern == "*" || pattern == "**") return true;
  const auto slash = pattern.find('/');
  const std::string_view host = OneSpelling(pattern.substr(0, slash));
  const std::string_view path =
      slash == pattern.npos ? std::string_view("**") : pattern.substr(slash + 1);
  return GlobMatches(host, OneSpelling(repository.host)) && GlobMatches(path, repository.path);
}

}  // namespace xzgate::policy
