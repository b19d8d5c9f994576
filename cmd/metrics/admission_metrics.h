#pragma once

#include <memory>

#include "webhook/gate/gate.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Counts what the gate decides. Thread-safe; borrows the registry. docs/metrics.md describes each
// series.
class AdmissionMetrics final : public gate::Observer {
 public:
  // Further ones are counted as "other", like what is no name of a namespace (a DNS label).
  static constexpr std::size_t kMaxNamespaces = 200;

  explicit AdmissionMetrics(prometheus::Registry& registry);
  ~AdmissionMetrics() override;

  void OnDecision(const admission::Request& request, const policy::Decision& decision,
                  gate::CacheState cache, std::chrono::nanoseconds took) override;
  // A review that could not be read, and was answered all the same.
  void OnMalformed();
  void OnRequestStart();
  void OnRequestEnd();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
