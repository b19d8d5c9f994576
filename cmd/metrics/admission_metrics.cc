#include "cmd/metrics/admission_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string_view>
#include <tuple>

#include "cmd/metrics/words.h"

namespace xzgate::cmd {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// Seconds; from a cached answer to the API server's longest patience.
const Histogram::BucketBoundaries kLatencyBuckets = {.0005, .001, .0025, .005, .01, .025, .05, .1,
                                                     .25,   .5,   1,     2.5,  5,   10,   30};

// What the API server takes for the name of a namespace (RFC 1123, section 2.1; RFC 1035, section
// 2.3.4). Anything else comes from nobody whom we need to tell apart, and could be of any length.
bool IsDnsLabel(std::string_view name) {
  constexpr std::size_t kMaxLabelBytes = 63;
  const auto is_inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kMaxLabelBytes && name.front() != '-' &&
         name.back() != '-' && std::all_of(name.begin(), name.end(), is_inner);
}

std::string ResourceOf(const admission::Request& request) {
  return request.subresource.empty() ? request.resource
                                     : request.resource + "/" + request.subresource;
}

// The reason of the image that is denied, or would be: beside a warning in enforce mode the worst
// image is not the one.
std::string_view WhyBlocked(const policy::Decision& decision) {
  const auto denied = std::find_if(
      decision.uses.begin(), decision.uses.end(),
      [](const policy::UseDecision& use) { return use.action == policy::Action::kDeny; });
  return denied == decision.uses.end() ? decision.reason : denied->reason;
}

// One counter for each place in the product of the label sets. A handle is resolved once
// (Family::Add costs a lock and a map: hardening.md section 5) and then only incremented; those of
// ordinary operation are made at the start, so that increase() sees their first event.
class RequestCounters {
 public:
  explicit RequestCounters(prometheus::Registry& registry)
      : family_(prometheus::BuildCounter()
                    .Name("xzgate_admission_requests_total")
                    .Help("Admission requests answered, by what was asked and what was decided.")
                    .Register(registry)) {
    for (std::size_t reason = 0; reason < kReasons.size(); ++reason) {
      for (std::size_t mode = 0; mode < kModes.size(); ++mode) {
        for (std::size_t decision = 0; decision < kDecisions.size(); ++decision) {
          if (CanBe(decision, mode)) At({0, 0, decision, mode, reason});
        }
      }
    }
  }

  // Warn mode denies nothing, and audit mode only allows.
  static bool CanBe(std::size_t decision, std::size_t mode) {
    return decision + mode < kDecisions.size();
  }

  struct Place {
    std::size_t operation, resource, decision, mode, reason;
  };

  Counter& At(const Place& p) {
    const std::size_t index =
        (((p.operation * kResources.size() + p.resource) * kDecisions.size() + p.decision) *
             kModes.size() +
         p.mode) *
            kReasons.size() +
        p.reason;
    std::atomic<Counter*>& slot = counters_[index];
    if (Counter* known = slot.load(std::memory_order_acquire)) return *known;
    Counter& made = family_.Add({{"operation", std::string(kOperations[p.operation])},
                                 {"resource", std::string(kResources[p.resource])},
                                 {"decision", std::string(kDecisions[p.decision])},
                                 {"mode", std::string(kModes[p.mode])},
                                 {"reason", std::string(kReasons[p.reason])}});
    slot.store(&made, std::memory_order_release);
    return made;
  }

 private:
  static constexpr std::size_t kCount =
      kOperations.size() * kResources.size() * kDecisions.size() * kModes.size() * kReasons.size();
  Family<Counter>& family_;
  std::array<std::atomic<Counter*>, kCount> counters_ = {};
};

}  // namespace

struct AdmissionMetrics::State {
  explicit State(prometheus::Registry& registry)
      : requests(registry),
        blocked(prometheus::BuildCounter()
                    .Name("xzgate_admission_blocked_total")
                    .Help("Requests denied, or (in warn and audit mode) that would have been, by "
                          "namespace and reason.")
                    .Register(registry)),
        latency(prometheus::BuildHistogram()
                    .Name("xzgate_admission_request_duration_seconds")
                    .Help("From the last byte of a request to its decision, by where the verdicts "
                          "came from.")
                    .Register(registry)),
        malformed(prometheus::BuildCounter()
                      .Name("xzgate_admission_malformed_total")
                      .Help("AdmissionReviews that could not be read.")
                      .Register(registry)
                      .Add({})),
        signature_family(prometheus::BuildCounter()
                             .Name("xzgate_admission_signatures_total")
                             .Help("Image uses judged, by what was known of their signatures; "
                                   "not_required: no policy asks for any.")
                             .Register(registry)),
        in_flight(prometheus::BuildGauge()
                      .Name("xzgate_admission_requests_in_flight")
                      .Help("Requests being decided now.")
                      .Register(registry)
                      .Add({})) {
    for (std::size_t i = 0; i < kCacheStates.size(); ++i) {
      latencies[i] = &latency.Add({{"cache", std::string(kCacheStates[i])}}, kLatencyBuckets);
    }
    for (std::size_t i = 0; i < kOutcomes.size(); ++i)
      signatures[i] = &signature_family.Add({{"outcome", std::string(kOutcomes[i])}});
  }

  Counter& Blocked(const std::string& namespace_name, bool enforced, std::string_view why) {
    const std::lock_guard lock(mutex);
    const bool known = namespaces.contains(namespace_name) ||
                       (namespaces.size() < kMaxNamespaces && IsDnsLabel(namespace_name));
    if (known) namespaces.insert(namespace_name);
    const std::string label = known ? namespace_name : "other";
    const std::size_t reason = PlaceOf(kReasons, why);
    Counter*& counter = by_namespace[{label, enforced, reason}];
    if (counter == nullptr) {
      counter = &blocked.Add({{"namespace", label},
                              {"blocked", enforced ? "true" : "would_be"},
                              {"reason", std::string(kReasons[reason])}});
    }
    return *counter;
  }

  RequestCounters requests;
  Family<Counter>& blocked;
  Family<Histogram>& latency;
  Counter& malformed;
  Family<Counter>& signature_family;
  Gauge& in_flight;
  std::array<Counter*, kOutcomes.size()> signatures = {};
  std::array<Histogram*, kCacheStates.size()> latencies = {};
  std::mutex mutex;
  std::set<std::string> namespaces;  // those with a label of their own; guarded by mutex
  std::map<std::tuple<std::string, bool, std::size_t>, Counter*> by_namespace;  // guarded by mutex
};

AdmissionMetrics::AdmissionMetrics(prometheus::Registry& registry)
    : state_(std::make_unique<State>(registry)) {}
AdmissionMetrics::~AdmissionMetrics() = default;

void AdmissionMetrics::OnDecision(const admission::Request& request,
                                  const policy::Decision& decision, gate::CacheState cache,
                                  std::chrono::nanoseconds took) {
  state_->requests
      .At({PlaceOf(kOperations, admission::ToString(request.operation)),
           PlaceOf(kResources, ResourceOf(request)),
           PlaceOf(kDecisions, policy::ToString(decision.action)),
           PlaceOf(kModes, policy::ToString(decision.mode)), PlaceOf(kReasons, decision.reason)})
      .Increment();
  const bool denied = decision.action == policy::Action::kDeny;
  if (denied || decision.would_block)
    state_->Blocked(request.namespace_name, denied, WhyBlocked(decision)).Increment();
  for (const auto& use : decision.uses)
    state_->signatures[PlaceOf(kOutcomes, signature::ToString(use.signatures))]->Increment();
  state_->latencies[PlaceOf(kCacheStates, gate::ToString(cache))]->Observe(
      std::chrono::duration<double>(took).count());
}

void AdmissionMetrics::OnMalformed() {
  state_->malformed.Increment();
}
void AdmissionMetrics::OnRequestStart() {
  state_->in_flight.Increment();
}
void AdmissionMetrics::OnRequestEnd() {
  state_->in_flight.Decrement();
}

}  // namespace xzgate::cmd
