#include "cmd/metrics/supervisor_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace xzgate::cmd {

struct SupervisorMetrics::State {
  explicit State(prometheus::Registry& registry)
      : restarts(prometheus::BuildCounter()
                     .Name("xzgate_scanner_restarts_total")
                     .Help("Times the scanner process ended by itself and had to be started again.")
                     .Register(registry)
                     .Add({})) {}
  prometheus::Counter& restarts;
};

SupervisorMetrics::SupervisorMetrics(prometheus::Registry& registry)
    : state_(std::make_unique<State>(registry)) {}
SupervisorMetrics::~SupervisorMetrics() = default;

void SupervisorMetrics::Show(std::uint64_t restarts) {
  state_->restarts.Increment(static_cast<double>(restarts) - state_->restarts.Value());
}

}  // namespace xzgate::cmd
