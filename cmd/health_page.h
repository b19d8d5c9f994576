#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"
#include "cmd/policy_follower.h"
#include "cmd/supervisor.h"
#include "scanner/store/store.h"
#include "webhook/server/health_registry.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// The health port of a process: its checks, its metrics registry, and what has to be refreshed
// before metrics are shown. Owns the server; thread-safe after Start.
class HealthPage {
 public:
  HealthPage();
  ~HealthPage();

  prometheus::Registry& metrics();
  server::HealthRegistry& checks();
  // Whether the store answers, which no process can do without; borrows it.
  void AddStoreCheck(store::Store& store);
  // Whether policies are in force, and what is wrong with their files now; borrows it. `required`:
  // not ready before the first good ones.
  void AddPolicyCheck(PolicyFollower& policies, bool required);
  // How the scanner process of `serve` does, which is shown and never fails; borrows it.
  void AddScannerCheck(Supervisor& scanner);
  // Runs before each new text of /metrics, on the health thread. Before Start.
  void BeforeScrape(std::function<void()> refresh);

  // Errors name `setting`: the address is in use, not ours, or no address.
  Result<void> Start(const ListenAddress& address, std::string_view setting, const Clock& clock,
                     log::Logger& logger);
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
