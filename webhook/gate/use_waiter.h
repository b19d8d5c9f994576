#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "webhook/gate/callers.h"
#include "webhook/gate/change_watch.h"
#include "webhook/gate/look_up.h"

namespace xzgate::gate {

// Whether the policy refuses an image use for good, whatever becomes of the others. Pure.
using Refuses = std::function<bool(const policy::JudgedUse& judged)>;

// Waits for what is missing of one request's image uses: digests from registries, reports from the
// scanner. One that is refused by what is known of it is waited for no more. Tags are asked for
// side by side, each with a share of the time, so that a slow registry hides nothing of the other
// images. Thread-safe; owns the calling threads, borrows the rest.
class UseWaiter {
 public:
  static constexpr std::size_t kCallsOfARequest = 4;  // registry calls at once for one request
  // The least share of the time that one of many tags gets: a connection over TLS with a token.
  static constexpr std::chrono::milliseconds kLeastShare{250};
  // For the other uses of a request that is refused already: enough for a healthy registry's answer
  // and a small scan.
  static constexpr std::chrono::milliseconds kCourtesy{500};
  // Reports that are missing are looked for at least this often, whatever the store says of
  // changes.
  static constexpr std::chrono::milliseconds kLookAgain{500};

  UseWaiter(LookUp& look_up, TagResolver& tags, ChangeWatch& changes, const Clock& clock)
      : look_up_(look_up), tags_(tags), changes_(changes), clock_(clock) {}

  // Returns when nothing is missing any more, kCourtesy after one use is known to be refused, or at
  // the deadline: what is missing then says so. Needs the permit to
  // wait; without it every missing use is an overload (SY005). Calls under way at the end go on to
  // their own deadlines: the next request knows the tag.
  void Settle(std::vector<Found>& uses, const Terms& terms, const Refuses& refuses,
              CacheState& cache);

 private:
  class Round;

  LookUp& look_up_;
  TagResolver& tags_;
  ChangeWatch& changes_;
  const Clock& clock_;
  Callers callers_;
};

}  // namespace xzgate::gate
