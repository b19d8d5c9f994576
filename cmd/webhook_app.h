#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"
#include "cmd/supervisor.h"

namespace xzgate::cmd {

// `xzgate webhook`: admission over TLS with its health and metrics port. Owns everything below it.
class WebhookApp {
 public:
  // Errors name the setting: store.path, rules, registries, server.listen, health.listen. A missing
  // certificate and bad policies are no errors: readiness tells.
  static Result<std::unique_ptr<WebhookApp>> Create(const Config& config, const Clock& clock,
                                                    log::Logger& logger);
  ~WebhookApp();

  Result<void> Start();
  // From now on /readyz fails; everything is still served. The first step of stopping, some time
  // before Stop, so that no new connections are sent here.
  void BeginShutdown();
  // Not ready, then no new connections, then everything accepted is answered (style rule 40).
  void Stop();

  // Shows the scanner process of `serve` by /readyz and /metrics; it outlives this. Before Start.
  void Show(Supervisor& scanner);

 private:
  struct State;
  explicit WebhookApp(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
