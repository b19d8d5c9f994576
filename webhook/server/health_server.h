#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "webhook/server/health_registry.h"

namespace xzgate::server {

struct HealthServerConfig {
  std::string address = "0.0.0.0";  // numeric; "::" takes IPv4 too
  std::uint16_t port = 0;           // 0: the kernel chooses
  std::size_t max_connections = 128;
};

// Serves /healthz, /readyz and /metrics over plain HTTP, on a port and a thread of its own, so that
// it answers when the workers are full (hardening.md, 4.5 rule 7). Thread-safe.
//
//   /healthz  200 while the process can answer at all
//   /readyz   200 or 503, and each check with what it says
//   /metrics  the Prometheus text format, at most a second old
class HealthServer {
 public:
  using MetricsText = std::function<std::string()>;  // must not throw

  // Listens. Borrows all references. Errors: as Front::Create.
  static Result<std::unique_ptr<HealthServer>> Create(const HealthServerConfig& config,
                                                      const HealthRegistry& health,
                                                      MetricsText metrics, const Clock& clock,
                                                      log::Logger& logger);
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

  Result<void> Start();
  std::uint16_t port() const;

 private:
  struct Parts;
  explicit HealthServer(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace xzgate::server
