#include "cmd/scanner_app.h"

#include "cmd/followed_requirements.h"
#include "cmd/health_page.h"
#include "cmd/metrics/process_metrics.h"
#include "cmd/metrics/registry_metrics.h"
#include "cmd/metrics/scan_metrics.h"
#include "cmd/metrics/store_metrics.h"
#include "cmd/policy_follower.h"
#include "cmd/registry_stack.h"
#include "cmd/rules_file.h"
#include "cmd/version.h"
#include "scanner/store/sqlite_store.h"
#include "scanner/worker/service.h"

namespace xzgate::cmd {
namespace {

worker::ScanOptions ScanOptionsOf(const ScannerConfig& config) {
  worker::ScanOptions options;
  options.platforms = config.platforms;
  options.layer_limits.max_unpacked_bytes = config.max_layer_bytes;
  options.max_image_bytes = config.max_image_bytes;
  options.max_image_time = std::chrono::milliseconds(config.max_image_time_ms);
  return options;
}

worker::ServiceOptions ServiceOptionsOf(const Config& whole) {
  const ScannerConfig& config = whole.scanner;
  worker::ServiceOptions options;
  options.retention = std::chrono::milliseconds(whole.store.retention_ms);
  options.threads = static_cast<int>(config.threads);
  options.per_host = options.threads;
  options.tag_refresh = std::chrono::milliseconds(config.tag_refresh_ms);
  options.max_tags = static_cast<std::size_t>(config.max_tags);
  options.repositories = config.repositories;
  return options;
}

}  // namespace

// In the order of construction: each part borrows those above it.
struct ScannerApp::State {
  State(const Config& the_config, rules::RulePack the_pack, std::unique_ptr<store::Store> the_store,
        const Clock& clock)
      : config(the_config),
        pack(std::move(the_pack)),
        store(std::move(the_store)),
        process(page.metrics(), clock, std::string(kVersion)),
        stored(page.metrics(), *store, clock, pack.Key()),
        scans(page.metrics()),
        requests(page.metrics()) {
    page.BeforeScrape([this] {
      process.Refresh();
      stored.Refresh();
    });
    page.AddStoreCheck(*store);
  }

  const Config config;
  const rules::RulePack pack;
  std::unique_ptr<store::Store> store;
  HealthPage page;
  ProcessMetrics process;
  StoreMetrics stored;
  ScanMetrics scans;
  RegistryMetrics requests;
  std::unique_ptr<RegistryStack> registries;
  FollowedRequirements requirements;
  std::unique_ptr<PolicyFollower> policies;
  std::unique_ptr<worker::ImageScanner> scanner;
  std::unique_ptr<worker::Service> service;
};

ScannerApp::ScannerApp(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScannerApp::~ScannerApp() {
  Stop();
}

Result<std::unique_ptr<ScannerApp>> ScannerApp::Create(const Config& config, const Clock& clock,
                                                       log::Logger& logger) {
  auto pack = LoadRules(config.rules);
  if (!pack) return Annotate(pack.error(), "rules");
  auto store = store::SqliteStore::Open(config.store.path, logger);
  if (!store) return Annotate(store.error(), "store.path");
  auto state = std::make_unique<State>(config, std::move(*pack), std::move(*store), clock);
  XZGATE_ASSIGN(state->registries,
                RegistryStack::Create(config.registries, clock, logger, &state->requests));
  registry::ImageSource& source = state->registries->source();
  state->scanner = std::make_unique<worker::ImageScanner>(source, *state->store, state->pack, clock,
                                                          logger, ScanOptionsOf(config.scanner));
  state->policies = std::make_unique<PolicyFollower>(
      config.policies,
      [requirements = &state->requirements](auto policies) {
        requirements->SetPolicies(std::move(policies));
      },
      logger, state->page.metrics());
  state->page.AddPolicyCheck(*state->policies, false);
  state->service =
      std::make_unique<worker::Service>(*state->scanner, source, *state->store, state->requirements,
                                        clock, logger, state->scans, ServiceOptionsOf(config));
  XZGATE_RETURN_IF_ERROR(state->page.Start(config.scanner.listen, "scanner.listen", clock, logger));
  return std::unique_ptr<ScannerApp>(new ScannerApp(std::move(state)));
}

void ScannerApp::Start() {
  state_->policies->Start();
  state_->service->Start();
}

void ScannerApp::Stop() {
  state_->page.checks().BeginShutdown();
  state_->service->BeginStop();
  state_->registries->Stop();
  state_->service->Stop();
  state_->policies->Stop();
  state_->page.Stop();
}

}  // namespace xzgate::cmd
