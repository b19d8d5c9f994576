#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xzgate::signature {

// Lets groups take turns: the first of each group, then the second of each, and so on. Groups come
// in the order of their first item; items of a group keep theirs. `key` names an item's group.
template <typename T, typename Key>
std::vector<T> InRounds(std::vector<T> items, Key key) {
  std::map<std::string, std::size_t> group_of;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto [found, is_new] = group_of.try_emplace(key(items[i]), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  std::vector<T> ordered;
  ordered.reserve(items.size());
  for (std::size_t round = 0; ordered.size() < items.size(); ++round) {
    for (const auto& group : groups) {
      if (round < group.size()) ordered.push_back(std::move(items[group[round]]));
    }
  }
  return ordered;
}

// Takes the items out that are not `chosen`; both parts keep their order.
template <typename T, typename IsChosen>
std::vector<T> TakeOthers(std::vector<T>& items, IsChosen chosen) {
  std::vector<T> kept;
  std::vector<T> others;
  for (T& item : items) {
    std::vector<T>& part = chosen(item) ? kept : others;
    part.push_back(std::move(item));
  }
  items = std::move(kept);
  return others;
}

}  // namespace xzgate::signature
