#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/clock.h"

namespace xzgate::server {

// Remembers when to look at which connection again. Lazy: a deadline that moves later costs
// nothing, the connection is just looked at too early once and noted again. Confined to one thread.
class DeadlineQueue {
 public:
  using Id = std::uint64_t;

  // Looks at `id` at `deadline` or before. True when this became the earliest of all.
  bool Note(Id id, Deadline deadline) {
    if (deadline.IsNever()) return false;
    const auto [known, is_new] = when_.try_emplace(id, deadline.when());
    if (!is_new) {
      if (known->second <= deadline.when()) return false;
      order_.erase({known->second, id});
      known->second = deadline.when();
    }
    order_.emplace(deadline.when(), id);
    return order_.begin()->second == id;
  }

  void Remove(Id id) {
    const auto known = when_.find(id);
    if (known == when_.end()) return;
    order_.erase({known->second, id});
    when_.erase(known);
  }

  // Takes out one id whose time has come.
  std::optional<Id> PopDue(SteadyTime now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    const Id id = order_.begin()->second;
    Remove(id);
    return id;
  }

  // The earliest time at which PopDue gives something; Never when empty.
  Deadline Next() const {
    return order_.empty() ? Deadline::Never() : Deadline::At(order_.begin()->first);
  }

 private:
  std::set<std::pair<SteadyTime, Id>> order_;
  std::unordered_map<Id, SteadyTime> when_;  // the same entries by id
};

}  // namespace xzgate::server
