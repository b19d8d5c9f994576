#pragma once

#include <memory>

#include "scanner/registry/request_observer.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Counts requests to registries. Thread-safe; borrows the registry of metrics.
class RegistryMetrics final : public registry::RequestObserver {
 public:
  explicit RegistryMetrics(prometheus::Registry& registry);
  ~RegistryMetrics() override;
  void OnRequest(registry::HostClass host_class, int status) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
