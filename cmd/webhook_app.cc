#include "cmd/webhook_app.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <thread>

#include "cmd/admission_handler.h"
#include "cmd/health_page.h"
#include "cmd/metrics/process_metrics.h"
#include "cmd/metrics/registry_metrics.h"
#include "cmd/metrics/server_metrics.h"
#include "cmd/metrics/store_metrics.h"
#include "cmd/metrics/supervisor_metrics.h"
#include "cmd/policy_follower.h"
#include "cmd/registry_stack.h"
#include "cmd/rules_file.h"
#include "cmd/version.h"
#include "scanner/store/sqlite_store.h"
#include "webhook/server/certificate_check.h"
#include "webhook/server/listener.h"

namespace xzgate::cmd {
namespace {

// Longer than the API server's longest patience (30 s) would be of no use to it.
constexpr std::chrono::seconds kDrainTime{25};

server::ListenerConfig ListenerConfigOf(const ServerConfig& config) {
  server::ListenerConfig listener;
  listener.front.address = config.listen.host;
  listener.front.port = config.listen.port;
  listener.front.max_connections = static_cast<std::size_t>(config.max_connections);
  listener.workers.threads = static_cast<std::size_t>(config.workers);
  listener.workers.max_waiting = static_cast<std::size_t>(config.max_waiting);
  return listener;
}

gate::GateOptions GateOptionsOf(const AdmissionConfig& config) {
  gate::GateOptions options;
  options.tag_life = std::chrono::milliseconds(config.tag_life_ms);
  options.default_timeout = std::chrono::milliseconds(config.default_timeout_ms);
  options.lru_entries = static_cast<std::size_t>(config.cache_entries);
  return options;
}

}  // namespace

// In the order of construction: each part borrows those above it.
struct WebhookApp::State {
  State(const Config& the_config, rules::RulePack the_pack, std::unique_ptr<store::Store> the_store,
        const Clock& the_clock, log::Logger& the_logger)
      : config(the_config),
        clock(the_clock),
        logger(the_logger),
        pack(std::move(the_pack)),
        store(std::move(the_store)),
        process(page.metrics(), clock, std::string(kVersion)),
        stored(page.metrics(), *store, clock, pack.Key()),
        admissions(page.metrics()),
        served(page.metrics()),
        requests(page.metrics()),
        certificates({config.server.certificate, config.server.key}, clock, logger) {
    prometheus::BuildGauge()
        .Name("xzgate_rules_info")
        .Help("The rule pack in use; always 1.")
        .Register(page.metrics())
        .Add({{"id", pack.id}, {"version", pack.version}})
        .Set(1);
    page.BeforeScrape([this] {
      process.Refresh();
      stored.Refresh();
      served.ShowCertificate(certificates.state());
    });
  }

  void AddChecks() {
    page.checks().Add("certificate", true, server::CheckCertificate(certificates));
    page.AddStoreCheck(*store);
    page.AddPolicyCheck(*policies, true);
  }

  void Drain() {
    if (auto drained = listener->Drain(Deadline::After(clock.Now(), kDrainTime)); !drained) {
      logger.Warning("not everything accepted was answered before the end",
                     {{"error", drained.error().message()}});
    }
  }

  const Config config;
  const Clock& clock;
  log::Logger& logger;
  const rules::RulePack pack;
  std::unique_ptr<store::Store> store;
  HealthPage page;
  ProcessMetrics process;
  StoreMetrics stored;
  AdmissionMetrics admissions;
  ServerMetrics served;
  RegistryMetrics requests;
  std::unique_ptr<SupervisorMetrics> supervised;  // null without a scanner of our own
  server::CertificateSource certificates;
  std::unique_ptr<RegistryStack> registries;
  std::unique_ptr<gate::Gate> gate;
  std::unique_ptr<PolicyFollower> policies;
  std::unique_ptr<AdmissionHandler> handler;
  std::unique_ptr<server::Listener> listener;
  bool started = false;
  bool listening = false;  // a listener that never started has nothing to drain
};

WebhookApp::WebhookApp(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebhookApp::~WebhookApp() {
  Stop();
}

Result<std::unique_ptr<WebhookApp>> WebhookApp::Create(const Config& config, const Clock& clock,
                                                       log::Logger& logger) {
  auto pack = LoadRules(config.rules);
  if (!pack) return Annotate(pack.error(), "rules");
  auto store = store::SqliteStore::Open(config.store.path, logger);
  if (!store) return Annotate(store.error(), "store.path");
  auto state = std::make_unique<State>(config, std::move(*pack), std::move(*store), clock, logger);
  XZGATE_ASSIGN(state->registries,
                RegistryStack::Create(config.registries, clock, logger, &state->requests));
  state->gate =
      std::make_unique<gate::Gate>(state->registries->source(), *state->store, state->pack, clock,
                                   logger, state->admissions, GateOptionsOf(config.admission));
  state->policies = std::make_unique<PolicyFollower>(
      config.policies,
      [gate = state->gate.get()](auto policies) { gate->SetPolicies(std::move(policies)); }, logger,
      state->page.metrics());
  auto kinds = admission::KindTable::Create(config.admission.extra_kinds);
  if (!kinds) return Annotate(kinds.error(), "admission.extraKinds");
  state->handler = std::make_unique<AdmissionHandler>(*state->gate, std::move(*kinds),
                                                      state->admissions, logger);
  auto listener = server::Listener::Create(ListenerConfigOf(config.server),
                                           {{{"POST", "/validate"}, state->handler.get()}},
                                           state->certificates, clock, logger, state->served);
  if (!listener) return Annotate(listener.error(), "server.listen");
  state->listener = std::move(*listener);
  state->AddChecks();
  return std::unique_ptr<WebhookApp>(new WebhookApp(std::move(state)));
}

void WebhookApp::Show(Supervisor& scanner) {
  state_->page.AddScannerCheck(scanner);
  state_->supervised = std::make_unique<SupervisorMetrics>(state_->page.metrics());
  state_->page.BeforeScrape(
      [&scanner, state = state_.get()] { state->supervised->Show(scanner.restarts()); });
}

Result<void> WebhookApp::Start() {
  state_->started = true;
  state_->policies->Start();
  XZGATE_RETURN_IF_ERROR(state_->page.Start(state_->config.health.listen, "health.listen",
                                            state_->clock, state_->logger));
  XZGATE_RETURN_IF_ERROR(state_->listener->Start());
  state_->listening = true;
  state_->logger.Info("webhook serves", {{"address", state_->config.server.listen.ToString()},
                                         {"rules", state_->pack.Key()}});
  return {};
}

void WebhookApp::BeginShutdown() {
  state_->page.checks().BeginShutdown();
}

void WebhookApp::Stop() {
  if (!state_->started) return;
  state_->started = false;
  BeginShutdown();
  if (state_->listening) state_->Drain();
  state_->registries->Stop();
  state_->policies->Stop();
  state_->page.Stop();
}

}  // namespace xzgate::cmd
