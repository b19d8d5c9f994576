#include "cmd/health_page.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "webhook/server/health_server.h"

namespace xzgate::cmd {

struct HealthPage::State {
  prometheus::Registry metrics;
  server::HealthRegistry checks;
  std::vector<std::function<void()>> refreshes;
  std::unique_ptr<server::HealthServer> server;

  std::string MetricsText() {
    for (const auto& refresh : refreshes) refresh();
    return prometheus::TextSerializer().Serialize(metrics.Collect());
  }
};

HealthPage::HealthPage() : state_(std::make_unique<State>()) {}
HealthPage::~HealthPage() = default;

prometheus::Registry& HealthPage::metrics() {
  return state_->metrics;
}
server::HealthRegistry& HealthPage::checks() {
  return state_->checks;
}
void HealthPage::AddStoreCheck(store::Store& store) {
  state_->checks.Add("store", true, [&store]() -> server::CheckResult {
    if (const auto checked = store.Check(); !checked) return {false, checked.error().message()};
    const std::string problem = store.WriteProblem();
    return {true, problem.empty() ? "ok" : "what is known is served, writes fail: " + problem};
  });
}
void HealthPage::AddPolicyCheck(PolicyFollower& policies, bool required) {
  state_->checks.Add("policy", required, [&policies]() -> server::CheckResult {
    const std::string error = policies.LastError();
    if (!policies.IsLoaded())
      return {false, error.empty() ? "not read yet" : "only the built-in default: " + error};
    return {true, error.empty() ? "ok" : "the old ones are in force: " + error};
  });
}
void HealthPage::AddScannerCheck(Supervisor& scanner) {
  state_->checks.Add("scanner", false, [&scanner]() -> server::CheckResult {
    const bool runs = scanner.IsRunning();
    const std::uint64_t restarts = scanner.restarts();
    if (runs && restarts == 0) return {true, "ok"};
    // One that dies at once runs for a moment at each try: how it ended is told then, too.
    std::string text = runs ? "runs" : "not running";
    text += ", started again " + std::to_string(restarts) + " times";
    const std::string last = scanner.last_end();
    if (!last.empty()) text += ", the last one ended with " + last;
    return {runs, text};
  });
}
void HealthPage::BeforeScrape(std::function<void()> refresh) {
  state_->refreshes.push_back(std::move(refresh));
}

Result<void> HealthPage::Start(const ListenAddress& address, std::string_view setting,
                               const Clock& clock, log::Logger& logger) {
  auto server = server::HealthServer::Create(
      {.address = address.host, .port = address.port}, state_->checks,
      [state = state_.get()] { return state->MetricsText(); }, clock, logger);
  if (!server) return Annotate(server.error(), setting);
  state_->server = std::move(*server);
  return state_->server->Start();
}

void HealthPage::Stop() {
  state_->server.reset();
}

}  // namespace xzgate::cmd
