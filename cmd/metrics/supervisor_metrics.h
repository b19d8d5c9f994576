#pragma once

#include <cstdint>
#include <memory>

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Counts what `serve` does for its scanner process. Confined to the metrics thread; borrows the
// registry.
class SupervisorMetrics {
 public:
  explicit SupervisorMetrics(prometheus::Registry& registry);
  ~SupervisorMetrics();
  // `restarts` since the start of this process; never less than before.
  void Show(std::uint64_t restarts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
