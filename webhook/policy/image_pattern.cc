#include "webhook/policy/image_pattern.h"

#include <algorithm>

#include "base/text.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

namespace {

constexpr std::string_view kWild = "*?";

// One registry under all its spellings, in references and patterns alike, so that none of them
// slips past a policy written for another.
std::string_view OneSpelling(std::string_view host) {
  if (host.ends_with(":443")) host.remove_suffix(4);
  return host == "registry-1.docker.io" || host == "index.docker.io" ? "docker.io" : host;
}

struct Parts {
  std::string_view host;
  std::string_view path;
};

// Each is matched against its own part of the image.
Parts PartsOf(std::string_view pattern) {
  const auto slash = pattern.find('/');
  if (slash == pattern.npos) return {OneSpelling(pattern), "**"};
  return {OneSpelling(pattern.substr(0, slash)), pattern.substr(slash + 1)};
}

bool IsEverything(std::string_view pattern) {
  return pattern == "*" || pattern == "**";
}

std::string_view LiteralFront(std::string_view glob) {
  return glob.substr(0, glob.find_first_of(kWild));
}

std::string_view LiteralBack(std::string_view glob) {
  const auto last = glob.find_last_of(kWild);
  return last == glob.npos ? glob : glob.substr(last + 1);
}

// Whether nothing matches both.
bool AreDisjointGlobs(std::string_view a, std::string_view b) {
  if (LiteralFront(a) == a) return !GlobMatches(b, a);
  if (LiteralFront(b) == b) return !GlobMatches(a, b);
  const std::string_view front_a = LiteralFront(a);
  const std::string_view front_b = LiteralFront(b);
  const std::string_view back_a = LiteralBack(a);
  const std::string_view back_b = LiteralBack(b);
  return !(front_a.starts_with(front_b) || front_b.starts_with(front_a)) ||
         !(back_a.ends_with(back_b) || back_b.ends_with(back_a));
}

}  // namespace

bool CoversGlob(std::string_view outer, std::string_view inner) {
  if (outer == inner || outer == "**") return true;
  if (inner.find("**") != inner.npos) {
    if (!outer.ends_with("**")) return false;
    outer.remove_suffix(2);
    return LiteralFront(outer) == outer && LiteralFront(inner).starts_with(outer);
  }
  // A `*` of the inner one, taken as a character, is matched by one of the outer one alone, which
  // then matches all that it stands for; a `?` of the outer one would match it and not all of that.
  return (outer.find('?') == outer.npos || LiteralFront(inner) == inner) &&
         GlobMatches(outer, inner);
}

bool CoversPattern(std::string_view outer, std::string_view inner) {
  if (IsEverything(outer) || outer == inner) return true;
  if (IsEverything(inner)) return false;
  const Parts all = PartsOf(outer);
  const Parts some = PartsOf(inner);
  // No host has a slash.
  return (all.host == "*" || CoversGlob(all.host, some.host)) && CoversGlob(all.path, some.path);
}

bool AreDisjoint(std::string_view a, std::string_view b) {
  if (IsEverything(a) || IsEverything(b)) return false;
  const Parts one = PartsOf(a);
  const Parts other = PartsOf(b);
  return AreDisjointGlobs(one.host, other.host) || AreDisjointGlobs(one.path, other.path);
}

// Host and path are matched apart, each against its own part of the pattern: no text of one can
// stand in for the other.
bool CoversImage(std::string_view pattern, const oci::Repository& repository) {
  if (IsEverything(pattern)) return true;
  const Parts parts = PartsOf(pattern);
  return GlobMatches(parts.host, OneSpelling(repository.host)) &&
         GlobMatches(parts.path, repository.path);
}

}  // namespace xzgate::policy
