#include "cmd/metrics/registry_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>

namespace xzgate::cmd {
namespace {

// What tells an operator something; others share "other". 0 is "no answer".
constexpr std::array<int, 14> kCodes = {0,   200, 206, 301, 302, 307, 401,
                                        403, 404, 429, 500, 502, 503, 504};
constexpr std::array kClasses = {registry::HostClass::kDockerHub, registry::HostClass::kConfigured,
                                 registry::HostClass::kOther};

}  // namespace

struct RegistryMetrics::State {
  explicit State(prometheus::Registry& registry) {
    auto& family =
        prometheus::BuildCounter()
            .Name("xzgate_registry_requests_total")
            .Help("Requests to registries, by class of host and status code; none: no answer came.")
            .Register(registry);
    for (std::size_t host = 0; host < kClasses.size(); ++host) {
      const std::string host_class(registry::ToString(kClasses[host]));
      for (std::size_t code = 0; code < kCodes.size(); ++code) {
        const std::string label = kCodes[code] == 0 ? "none" : std::to_string(kCodes[code]);
        counters[host][code] = &family.Add({{"host_class", host_class}, {"code", label}});
      }
      counters[host][kCodes.size()] = &family.Add({{"host_class", host_class}, {"code", "other"}});
    }
  }
  std::array<std::array<prometheus::Counter*, kCodes.size() + 1>, kClasses.size()> counters = {};
};

RegistryMetrics::RegistryMetrics(prometheus::Registry& registry)
    : state_(std::make_unique<State>(registry)) {}
RegistryMetrics::~RegistryMetrics() = default;

void RegistryMetrics::OnRequest(registry::HostClass host_class, int status) {
  std::size_t code = 0;
  while (code < kCodes.size() && kCodes[code] != status) ++code;
  state_->counters[static_cast<std::size_t>(host_class)][code]->Increment();
}

}  // namespace xzgate::cmd
