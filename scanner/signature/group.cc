#include "scanner/signature/group.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace xzgate::signature {
namespace {

using SignerSet = std::set<std::size_t>;

std::size_t Size(const Group& group) {
  return group.authorities.size() + group.groups.size();
}

// A name that stands there twice is one authority.
std::set<std::string> NamesOf(const Group& group) {
  return {group.authorities.begin(), group.authorities.end()};
}

SignerSet SignersOf(const std::string& authority, const Vouchers& vouchers) {
  const auto found = vouchers.find(authority);
  return found == vouchers.end() ? SignerSet() : found->second;
}

// Of every authority in it.
SignerSet SignersOf(const Group& group, const Vouchers& vouchers) {
  std::set<std::string> names;
  AddAuthorities(group, names);
  SignerSet signers;
  for (const std::string& name : names) signers.merge(SignersOf(name, vouchers));
  return signers;
}

// Whether each signer of it meets it alone.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the policy, whose reader bounds it
bool IsAny(const Group& group) {
  return group.at_least == 1 && std::ranges::all_of(group.groups, IsAny);
}

// Gives items signers, each signer to one item: the most that can be had (augmenting paths).
class Matching {
 public:
  explicit Matching(std::vector<SignerSet> items) : items_(std::move(items)) {
    for (std::size_t item = 0; item < items_.size(); ++item) {
      SignerSet tried;
      Place(item, tried);
    }
  }
  const std::map<std::size_t, std::size_t>& item_of() const { return item_of_; }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as there are items, whose number the policy bounds
  bool Place(std::size_t item, SignerSet& tried) {
    for (const std::size_t signer : items_[item]) {
      if (!tried.insert(signer).second) continue;
      const auto other = item_of_.find(signer);
      if (other != item_of_.end() && !Place(other->second, tried)) continue;
      item_of_[signer] = item;
      return true;
    }
    return false;
  }

  const std::vector<SignerSet> items_;
  std::map<std::size_t, std::size_t> item_of_;  // by signer
};

Vouchers Without(const SignerSet& used, const Vouchers& vouchers) {
  Vouchers left;
  for (const auto& [name, signers] : vouchers) {
    SignerSet others;
    std::ranges::set_difference(signers, used, std::inserter(others, others.end()));
    if (!others.empty()) left.emplace(name, std::move(others));
  }
  return left;
}

// How many items are met, none of them by a signer of another. Items that one signer meets share
// out the signers as well as can be. Groups that may need several come last and take all of theirs:
// where those overlap with others, fewer may be counted than could be, never more.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the policy, whose reader bounds it
std::size_t CountByDifferentSigners(const Group& group, const Vouchers& vouchers) {
  std::vector<SignerSet> items;
  for (const std::string& name : NamesOf(group)) items.push_back(SignersOf(name, vouchers));
  for (const Group& inner : group.groups) {
    if (IsAny(inner)) items.push_back(SignersOf(inner, vouchers));
  }
  const Matching matching(std::move(items));
  std::size_t met = matching.item_of().size();
  SignerSet used;
  for (const auto& [signer, item] : matching.item_of()) used.insert(signer);
  for (const Group& inner : group.groups) {
    if (IsAny(inner)) continue;
    const Vouchers left = Without(used, vouchers);
    if (!IsMet(inner, left)) continue;
    ++met;
    used.merge(SignersOf(inner, left));
  }
  return met;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the policy, whose reader bounds it
std::size_t Count(const Group& group, const Vouchers& vouchers) {
  std::size_t met = 0;
  for (const std::string& name : NamesOf(group)) met += vouchers.contains(name) ? 1 : 0;
  for (const Group& inner : group.groups) met += IsMet(inner, vouchers) ? 1 : 0;
  return met;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): as deep as the policy, whose reader bounds it
bool IsMet(const Group& group, const Vouchers& vouchers) {
  const std::size_t met = group.by_different_signers ? CountByDifferentSigners(group, vouchers)
                                                     : Count(group, vouchers);
  return group.at_least > 0 && met >= group.at_least;
}

std::string Describe(const Group& group) {
  std::vector<std::string> parts = group.authorities;
  for (const Group& inner : group.groups) parts.push_back(Describe(inner));
  const std::string list = xzgate::Join(parts, ", ");
  if (Size(group) == 1) return list;
  if (group.at_least == 1) return "any of (" + list + ")";
  if (group.by_different_signers)
    return std::to_string(group.at_least) + " of (" + list + ") by different signers";
  if (group.at_least == Size(group)) return "all of (" + list + ")";
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
