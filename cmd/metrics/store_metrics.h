#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "scanner/store/store.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// What the store holds, read from it when metrics are asked for. Confined to the metrics thread;
// borrows its parts.
class StoreMetrics {
 public:
  StoreMetrics(prometheus::Registry& registry, store::Store& store, const Clock& clock,
               std::string rules);
  ~StoreMetrics();
  // Sets the gauges anew; a store that fails leaves them and sets xzgate_store_up to 0.
  void Refresh();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
