#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log/logger.h"
#include "scanner/registry/image_source.h"
#include "scanner/rules/rule_pack.h"
#include "scanner/store/store.h"
#include "webhook/admission/review.h"
#include "webhook/policy/decision.h"

namespace xzgate::gate {

// How the decision was come by, for the latency metric.
enum class CacheState : std::uint8_t { kHit, kStore, kWaited, kMiss };
std::string_view ToString(CacheState state);  // "hit", "store", "waited", "miss"

// Told of every decision, for metrics. Implementations are thread-safe and do not block: they are
// called on the threads that answer.
class Observer {
 public:
  virtual ~Observer() = default;
  // Once a decision, before its answer is sent; `took` counts from the request's arrival.
  virtual void OnDecision(const admission::Request& request, const policy::Decision& decision,
                          CacheState cache, std::chrono::nanoseconds took) = 0;
};

// Lets the caller's thread pool know that the request's thread waits (server::Blocking without the
// include going up a floor). One object a request, confined to its thread; what it guards, the
// number of requests that wait at once, is shared by all. Registry calls that helpers make for the
// request are covered by the permit of the thread that waits for them.
class WaitPermit {
 public:
  virtual ~WaitPermit() = default;
  // True when this thread may wait from now on; false when too many wait already: the answer is
  // then given at once (SY005). Never blocks.
  virtual bool Begin() = 0;
  // After a granted Begin, once: the thread runs on.
  virtual void End() = 0;
};

// How the gate weighs time and memory.
struct GateOptions {
  // How long a tag's resolution is believed at admission.
  std::chrono::milliseconds tag_life{60'000};
  // Of the caller's patience, for waiting: an answer within 0.8 of ?timeout= in every fault
  // (hardening.md A6).
  double deadline_share = 0.75;
  // When the API server gave none (its own default).
  std::chrono::milliseconds default_timeout{10'000};
  std::size_t lru_entries = 50'000;  // reports in memory
};

// The use case: resolve each reference once, look it up, queue and wait for a miss until the
// deadline, decide. Thread-safe; one object a process. Owns its threads and borrows the rest; the
// destructor waits for registry calls under way, which end at their deadlines or with `source`.
class Gate {
 public:
  Gate(registry::ImageSource& source, store::Store& store, const rules::RulePack& pack,
       const Clock& clock, log::Logger& logger, Observer& observer, GateOptions options);
  ~Gate();

  // Swaps in new policies; requests under way finish with the old ones.
  void SetPolicies(std::shared_ptr<const policy::PolicySet> policies);

  // Decides one request that arrived at `arrived` and whose caller gives up after `timeout` (zero:
  // not given). Blocks until the images are known, one of them is refused whatever the others are,
  // or a share of `timeout` is over. Never fails: a fault of ours or of others is a decision with
  // its reason. Dry run leaves no trace in the store.
  admission::Response Decide(const admission::Request& request, SteadyTime arrived,
                             std::chrono::milliseconds timeout, WaitPermit& permit);

  // The decision when nothing can be looked up (overload, a fault of ours): every image is
  // `pending` for the reason given, and the policy says what follows. Cheap; reads no store.
  admission::Response Shed(const admission::Request& request, SteadyTime arrived,
                           const std::string& reason_code, const std::string& why);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::gate
