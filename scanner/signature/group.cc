#include "scanner/signature/group.h"

#include <vector>

#include "base/text.h"

namespace xzgate::signature {
namespace {

std::size_t Size(const Group& group) {
  return group.authorities.size() + group.groups.size();
}

}  // namespace

bool IsMet(const Group& group, const std::set<std::string>& vouching) {
  std::size_t met = 0;
  // A name that stands there twice is one authority.
  for (const std::string& name : std::set(group.authorities.begin(), group.authorities.end()))
    met += vouching.contains(name) ? 1 : 0;
  for (const Group& inner : group.groups) met += IsMet(inner, vouching) ? 1 : 0;
  return group.at_least > 0 && met >= group.at_least;
}

std::string Describe(const Group& group) {
  std::vector<std::string> parts = group.authorities;
  for (const Group& inner : group.groups) parts.push_back(Describe(inner));
  const std::string list = xzgate::Join(parts, ", ");
  if (Size(group) == 1) return list;
  if (group.at_least == Size(group)) return "all of (" + list + ")";
  if (group.at_least == 1) return "any of (" + list + ")";
  return std::to_string(group.at_least) + " of (" + list + ")";
}

void AddAuthorities(const Group& group, std::set<std::string>& names) {
  names.insert(group.authorities.begin(), group.authorities.end());
  for (const Group& inner : group.groups) AddAuthorities(inner, names);
}

std::set<std::string> AuthoritiesOf(const Requirement& requirement) {
  std::set<std::string> names;
  if (requirement.signatures) AddAuthorities(*requirement.signatures, names);
  for (const AttestationRule& rule : requirement.attestations) AddAuthorities(rule.by, names);
  return names;
}

std::string Join(const std::set<std::string>& names) {
  return xzgate::Join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

}  // namespace xzgate::signature
