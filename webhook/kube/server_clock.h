#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace xzgate::kube {

// The API server's time, for what all replicas have to agree on: its last Date header (RFC 9110,
// section 6.6.1) and our steady clock since; our own wall clock until one came. Right to a second
// or two. Thread-safe; borrows the clock.
class ServerClock {
 public:
  explicit ServerClock(const Clock& clock) : clock_(clock) {}

  // Takes a Date header; one that is no date is ignored.
  void Note(std::string_view date);
  WallTime Now() const;

 private:
  struct Seen {
    WallTime date;
    SteadyTime at;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards seen_
  std::optional<Seen> seen_;
};

}  // namespace xzgate::kube
