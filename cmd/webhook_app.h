#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"

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
  // Not ready, then no new connections, then everything accepted is answered (style rule 40).
  void Stop();

  // Shown by /readyz beside the webhook's own checks: the scanner process under `serve`. Before
  // Start.
  void AddCheck(std::string name, std::function<bool()> is_well, std::string when_not);

 private:
  struct State;
  explicit WebhookApp(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
