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

// Told of every decision, for metrics. Called on worker threads; thread-safe.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnDecision(const admission::Request& request, const policy::Decision& decision,
                          CacheState cache, std::chrono::nanoseconds took) = 0;
};

// Lets the caller's thread pool know that this thread waits (server::Blocking without the include
// going up a floor).
class WaitPermit {
 public:
  virtual ~WaitPermit() = default;
  virtual bool Begin() = 0;
  virtual void End() = 0;
};

struct GateOptions {
  std::chrono::milliseconds tag_life{
      60'000};  // how long a tag's resolution is believed at admission
  double deadline_share =
      0.75;  // an answer within 0.8 of ?timeout= in every fault (hardening.md A6)
  std::chrono::milliseconds default_timeout{
      10'000};  // when the API server gave none (its own default)
  std::size_t lru_entries = 50'000;
};

// The use case: resolve each reference once, look it up, queue and wait for a miss until the
// deadline, decide. Thread-safe; one object a process.
class Gate {
 public:
  Gate(registry::ImageSource& source, store::Store& store, const rules::RulePack& pack,
       const Clock& clock, log::Logger& logger, Observer& observer, GateOptions options);
  ~Gate();

  // Swaps in new policies; requests under way finish with the old ones.
  void SetPolicies(std::shared_ptr<const policy::PolicySet> policies);

  // Decides one request that arrived at `arrived` and whose caller gives up after `timeout` (zero:
  // not given). Never fails: a fault of ours or of others is a decision with its reason. Dry run
  // leaves no trace in the store.
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
