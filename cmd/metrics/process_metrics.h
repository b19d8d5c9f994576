#pragma once

#include <memory>
#include <string>

#include "base/clock.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// The usual process_* series (prometheus-cpp has none) and xzgate_build_info. Confined to the
// metrics thread; borrows the registry.
class ProcessMetrics {
 public:
  ProcessMetrics(prometheus::Registry& registry, const Clock& clock, const std::string& version);
  ~ProcessMetrics();
  void Refresh();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
