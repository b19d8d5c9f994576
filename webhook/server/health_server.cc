#include "webhook/server/health_server.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "webhook/server/front.h"
#include "webhook/server/plain_channel.h"
#include "webhook/server/response.h"

namespace xzgate::server {
namespace {

// Collecting takes locks that requests need: scrapes must not be a way to burn CPU (hardening.md,
// section 5).
constexpr std::chrono::seconds kMetricsLife{1};
constexpr std::size_t kMaxMetricsBytes = 1024 * 1024;
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

struct HealthServer::Parts {
  Parts(const HealthRegistry& h, MetricsText m, const Clock& c, log::Logger& l)
      : health(h), metrics(std::move(m)), clock(c), logger(l) {}

  HttpResponse Answer(std::string_view path);
  HttpResponse Metrics();

  const HealthRegistry& health;
  const MetricsText metrics;
  const Clock& clock;
  log::Logger& logger;
  Observer nobody;
  // The last text and when it was made; the front's thread only.
  std::optional<SteadyTime> made;
  std::string text;
  std::unique_ptr<Front> front;
};

HttpResponse HealthServer::Parts::Answer(std::string_view path) {
  if (path == "/metrics") return Metrics();
  if (path == "/healthz") return PlainText(200, "ok");
  const HealthRegistry::Report report = health.Run();
  HttpResponse response = PlainText(report.ready ? 200 : 503, "");
  response.body = report.body;
  return response;
}

HttpResponse HealthServer::Parts::Metrics() {
  const SteadyTime now = clock.Now();
  if (!made || now - *made >= kMetricsLife) {
    text = metrics();
    made = now;
  }
  if (text.size() > kMaxMetricsBytes) {
    // A part of the metrics would look like the whole.
    logger.Error("metrics too large", {{"bytes", static_cast<std::uint64_t>(text.size())}});
    return PlainText(500, "metrics exceed 1 MiB");
  }
  return {.status = 200, .content_type = std::string(kMetricsType), .body = text};
}

Result<std::unique_ptr<HealthServer>> HealthServer::Create(const HealthServerConfig& config,
                                                           const HealthRegistry& health,
                                                           MetricsText metrics, const Clock& clock,
                                                           log::Logger& logger) {
  auto parts = std::make_unique<Parts>(health, std::move(metrics), clock, logger);
  FrontConfig front;
  front.address = config.address;
  front.port = config.port;
  front.max_connections = config.max_connections;
  Front::Hooks hooks{.open = [](int fd) { return std::make_unique<PlainChannel>(fd); },
                     .dispatch =
                         [raw = parts.get()](Front::ConnectionId id, const FramedRequest& request) {
                           raw->front->Answer(id, raw->Answer(request.head.route->path));
                         },
                     .tick = {}};
  std::vector<Route> routes{{"GET", "/healthz"}, {"GET", "/readyz"}, {"GET", "/metrics"}};
  XZGATE_ASSIGN(parts->front, Front::Create(front, std::move(routes), std::move(hooks), clock,
                                            logger, parts->nobody));
  return std::unique_ptr<HealthServer>(new HealthServer(std::move(parts)));
}

HealthServer::HealthServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HealthServer::~HealthServer() = default;

Result<void> HealthServer::Start() {
  return parts_->front->Start();
}
std::uint16_t HealthServer::port() const {
  return parts_->front->port();
}

}  // namespace xzgate::server
