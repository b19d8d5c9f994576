#include "cmd/metrics/server_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>

namespace xzgate::cmd {
namespace {

// In the order of the enums.
constexpr std::array<const char*, 7> kCloseReasons = {"done",    "handshake", "timeout", "cap",
                                                      "refused", "failed",    "drain"};
constexpr std::array<const char*, 3> kShedReasons = {"queue_full", "queue_time", "body_budget"};
constexpr std::array<int, 11> kStatuses = {200, 400, 404, 405, 408, 411, 413, 415, 417, 431, 503};

}  // namespace

struct ServerMetrics::State {
  explicit State(prometheus::Registry& registry)
      : connections(prometheus::BuildGauge()
                        .Name("xzgate_http_connections")
                        .Help("Connections open at the webhook port.")
                        .Register(registry)
                        .Add({})),
        handshakes(prometheus::BuildCounter()
                       .Name("xzgate_tls_handshakes_total")
                       .Help("TLS handshakes completed.")
                       .Register(registry)
                       .Add({})),
        expiry(prometheus::BuildGauge()
                   .Name("xzgate_tls_cert_expiry_timestamp_seconds")
                   .Help("When the serving certificate ends; 0 while there is none.")
                   .Register(registry)
                   .Add({})),
        reload_good(prometheus::BuildGauge()
                        .Name("xzgate_tls_cert_last_reload_successful")
                        .Help("1 when the certificate files as they are now are in use.")
                        .Register(registry)
                        .Add({})) {
    auto& closed_family = prometheus::BuildCounter()
                              .Name("xzgate_http_connections_closed_total")
                              .Help("Connections closed at the webhook port, by why.")
                              .Register(registry);
    for (std::size_t i = 0; i < kCloseReasons.size(); ++i)
      closed[i] = &closed_family.Add({{"reason", kCloseReasons[i]}});
    auto& shed_family = prometheus::BuildCounter()
                            .Name("xzgate_admission_rejected_overload_total")
                            .Help(
                                "Requests answered without a look-up because there was too much to "
                                "do, by what ran out.")
                            .Register(registry);
    for (std::size_t i = 0; i < kShedReasons.size(); ++i)
      shed[i] = &shed_family.Add({{"reason", kShedReasons[i]}});
    auto& response_family = prometheus::BuildCounter()
                                .Name("xzgate_http_responses_total")
                                .Help("Answers of the webhook port, by status code.")
                                .Register(registry);
    for (std::size_t i = 0; i < kStatuses.size(); ++i)
      responses[i] = &response_family.Add({{"code", std::to_string(kStatuses[i])}});
    responses[kStatuses.size()] = &response_family.Add({{"code", "other"}});
  }

  prometheus::Gauge& connections;
  prometheus::Counter& handshakes;
  prometheus::Gauge& expiry;
  prometheus::Gauge& reload_good;
  std::array<prometheus::Counter*, kCloseReasons.size()> closed = {};
  std::array<prometheus::Counter*, kShedReasons.size()> shed = {};
  std::array<prometheus::Counter*, kStatuses.size() + 1> responses = {};
};

ServerMetrics::ServerMetrics(prometheus::Registry& registry)
    : state_(std::make_unique<State>(registry)) {}
ServerMetrics::~ServerMetrics() = default;

void ServerMetrics::OnConnectionOpened() {
  state_->connections.Increment();
}

void ServerMetrics::OnConnectionClosed(server::CloseReason reason) {
  state_->connections.Decrement();
  state_->closed[static_cast<std::size_t>(reason)]->Increment();
}

void ServerMetrics::OnHandshakeDone() {
  state_->handshakes.Increment();
}

void ServerMetrics::OnResponse(int status) {
  std::size_t i = 0;
  while (i < kStatuses.size() && kStatuses[i] != status) ++i;
  state_->responses[i]->Increment();
}

void ServerMetrics::OnShed(server::ShedReason reason) {
  state_->shed[static_cast<std::size_t>(reason)]->Increment();
}

void ServerMetrics::ShowCertificate(const server::CertificateState& state) {
  state_->expiry.Set(
      state.loaded ? std::chrono::duration<double>(state.not_after.time_since_epoch()).count() : 0);
  state_->reload_good.Set(state.loaded && state.last_error.empty() ? 1 : 0);
}

}  // namespace xzgate::cmd
