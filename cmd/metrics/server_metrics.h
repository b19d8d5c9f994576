#pragma once

#include <memory>

#include "webhook/server/certificate_source.h"
#include "webhook/server/observer.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Counts what the TLS listener does. Thread-safe; borrows the registry.
class ServerMetrics final : public server::Observer {
 public:
  explicit ServerMetrics(prometheus::Registry& registry);
  ~ServerMetrics() override;

  void OnConnectionOpened() override;
  void OnConnectionClosed(server::CloseReason reason) override;
  void OnHandshakeDone() override;
  void OnResponse(int status) override;
  void OnShed(server::ShedReason reason) override;

  // Sets the gauges of the certificate; when metrics are asked for.
  void ShowCertificate(const server::CertificateState& state);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
