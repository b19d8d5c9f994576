#include "webhook/policy/group_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/signature/group.h"

namespace xzgate::policy {
namespace {

using signature::Authority;
using signature::Group;

constexpr std::size_t kMaxGroupDepth = 4;
constexpr std::size_t kMaxGroupItems = 32;

// Reads the groups of one entry. Recursion is kMaxGroupDepth deep at most.
class Reader {
 public:
  Reader(std::vector<NamedAuthority>& authorities, yaml::Problems& problems)
      : authorities_(authorities), problems_(problems) {}

  // NOLINTNEXTLINE(misc-no-recursion): kMaxGroupDepth
  Group Read(yaml::Mapping& map, std::size_t depth) {
    const yaml::Node* any = map.Take("any");
    const yaml::Node* all = map.Take("all");
    const yaml::Node* of = map.Take("of");
    std::int64_t at_least = 0;
    map.Optional("atLeast", at_least, 1, static_cast<std::int64_t>(kMaxGroupItems));
    const bool has_number = map.node().Find("atLeast") != nullptr;
    const int kinds = (any != nullptr) + (all != nullptr) + (of != nullptr || has_number);
    if (kinds != 1 || (of == nullptr) == has_number) {
      map.node().Complain(problems_,
                          "want one of \"any: [AUTHORITY, …]\", \"all: […]\" and \"atLeast: N\" "
                          "with \"of: […]\"");
      return {};
    }
    const yaml::Node& list = any != nullptr ? *any : all != nullptr ? *all : *of;
    Group group = ReadItems(list, depth);
    const std::size_t count = group.authorities.size() + group.groups.size();
    group.at_least = all != nullptr   ? count
                     : any != nullptr ? 1
                                      : static_cast<std::size_t>(at_least);
    group.by_different_signers = has_number && group.at_least > 1;
    if (has_number && group.at_least > list.items().size()) {
      map.node().Find("atLeast")->Complain(
          problems_, "asks for " + std::to_string(at_least) + " of " +
                         std::to_string(list.items().size()) + ": nothing would do");
    }
    if (group.at_least > 1) CheckDistinct(group, list);
    return group;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): kMaxGroupDepth
  Group ReadItems(const yaml::Node& list, std::size_t depth) {
    Group group;
    if (!list.IsSequence() || list.items().empty() || list.items().size() > kMaxGroupItems) {
      list.Complain(problems_, "want a list of 1 to " + std::to_string(kMaxGroupItems) +
                                   " authorities or groups");
      return group;
    }
    for (const yaml::Node& item : list.items()) {
      if (item.IsScalar()) {
        ReadName(item, group);
      } else if (depth == kMaxGroupDepth) {
        item.Complain(problems_,
                      "groups are deeper than " + std::to_string(kMaxGroupDepth) + " levels");
      } else {
        yaml::Mapping inner(item, problems_);
        if (!item.IsMapping()) continue;
        group.groups.push_back(Read(inner, depth + 1));
        inner.Finish();
      }
    }
    return group;
  }

  void ReadName(const yaml::Node& item, Group& group) {
    const std::string& name = item.scalar();
    NamedAuthority* found = Find(name);
    if (found == nullptr) return item.Complain(problems_, Unknown(name));
    found->is_asked = true;
    if (std::ranges::find(group.authorities, name) != group.authorities.end())
      return item.Complain(problems_, Quote(name) + " stands in this list before");
    group.authorities.push_back(name);
  }

  NamedAuthority* Find(std::string_view name) {
    const auto found = std::ranges::find_if(authorities_, [name](const NamedAuthority& known) {
      return known.authority->name == name;
    });
    return found == authorities_.end() ? nullptr : &*found;
  }

  std::string Unknown(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& known : authorities_) names.push_back(Quote(known.authority->name, 64));
    return "no authority is named " + Quote(name, 64) + ": " +
           (names.empty() ? "\"authorities\" has none" : "want one of " + Join(names, ", "));
  }

  // Where several must vouch, none may do so twice by standing in two branches or having two names.
  void CheckDistinct(const Group& group, const yaml::Node& list) {
    std::map<std::string, std::string> seen;  // what vouches, and the authority's name
    for (const auto& name : group.authorities) CheckBranch(VouchersOf({name}), list, seen);
    for (const auto& inner : group.groups) {
      std::set<std::string> names;
      signature::AddAuthorities(inner, names);
      CheckBranch(VouchersOf(names), list, seen);
    }
  }

  void CheckBranch(const std::map<std::string, std::string>& branch, const yaml::Node& list,
                   std::map<std::string, std::string>& seen) {
    for (const auto& [voucher, name] : branch) {
      const auto [other, is_new] = seen.emplace(voucher, name);
      if (is_new) continue;
      list.Complain(problems_,
                    other->second == name
                        ? "authority " + Quote(name) + " would count twice"
                        : "authorities " + Quote(other->second) + " and " + Quote(name) +
                              " have the same key or identities: one signature would count twice");
      return;
    }
  }

  std::map<std::string, std::string> VouchersOf(const std::set<std::string>& names) {
    std::map<std::string, std::string> vouchers;
    for (const auto& name : names) {
      vouchers.emplace("name " + name, name);
      const Authority& authority = *Find(name)->authority;
      if (const auto* kind = std::get_if<signature::KeyAuthority>(&authority.kind)) {
        for (const auto& key : kind->keys) vouchers.emplace("key " + key.der(), name);
      } else {
        Authority nameless = authority;
        nameless.name.clear();
        vouchers.emplace("kind " + nameless.Fingerprint(), name);
      }
    }
    return vouchers;
  }

  std::vector<NamedAuthority>& authorities_;
  yaml::Problems& problems_;
};

// NOLINTNEXTLINE(misc-no-recursion): kMaxGroupDepth
void Collect(const Group& group, const std::vector<NamedAuthority>& known,
             std::vector<std::shared_ptr<const Authority>>& out) {
  for (const auto& named : known) {
    const bool is_wanted =
        std::ranges::find(group.authorities, named.authority->name) != group.authorities.end();
    if (is_wanted && std::ranges::find(out, named.authority) == out.end())
      out.push_back(named.authority);
  }
  for (const auto& inner : group.groups) Collect(inner, known, out);
}

}  // namespace

Group ReadGroup(yaml::Mapping& map, std::vector<NamedAuthority>& authorities) {
  return Reader(authorities, map.problems()).Read(map, 1);
}

std::vector<std::shared_ptr<const Authority>> AuthoritiesOf(
    const Group& group, const std::vector<NamedAuthority>& authorities) {
  std::vector<std::shared_ptr<const Authority>> found;
  Collect(group, authorities, found);
  return found;
}

}  // namespace xzgate::policy
