#include "cmd/services.h"

#include <malloc.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include "cmd/config.h"
#include "cmd/exit_code.h"
#include "cmd/scanner_app.h"
#include "cmd/signals.h"
#include "cmd/supervisor.h"
#include "cmd/webhook_app.h"

namespace xzgate::cmd {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

int CannotStart(const Error& error) {
  std::fprintf(stderr, "xzgate: cannot start: %s\n", error.message().c_str());
  SayLastWords(error.message());
  return kUsage;
}

// Runs `serve` between reading the configuration and the stop signal.
int RunService(
    const std::string& config_path, Role role,
    const std::function<Result<void>(const Config&, const Clock&, log::Logger&)>& serve) {
  BlockStopSignals();
  const auto config = LoadConfig(config_path, role);
  if (!config) return CannotStart(config.error());
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(config->log.format, config->log.level);
  if (auto served = serve(*config, clock, *logger); !served) return CannotStart(served.error());
  return kNothingFound;
}

// Request bodies, the only large blocks of a webhook, are mapped: those that are freed go back to
// the system at once and leave no holes in the heap (hardening.md A7).
void MapLargeBlocks() {
#ifdef __GLIBC__
  constexpr int kLargeBytes = 256 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
#endif
}

// Until the API server has heard that this pod goes, it sends new connections here: they are served
// for a while, with readiness failing. SIGINT is a person at a terminal, who need not wait.
void ServeUntilStopped(WebhookApp& app, const Config& config, log::Logger& logger) {
  const int number = WaitForStopSignal();
  logger.Info("webhook stopping", {{"signal", number}});
  app.BeginShutdown();
  if (number == SIGTERM)
    WaitForStopSignal(std::chrono::milliseconds(config.server.shutdown_delay_ms));
  app.Stop();
  logger.Info("webhook stopped", {});
}

Result<void> Webhook(const Config& config, const Clock& clock, log::Logger& logger) {
  MapLargeBlocks();
  XZGATE_ASSIGN(const auto app, WebhookApp::Create(config, clock, logger));
  XZGATE_RETURN_IF_ERROR(app->Start());
  ServeUntilStopped(*app, config, logger);
  return {};
}

Result<void> Scanner(const Config& config, const Clock& clock, log::Logger& logger) {
  XZGATE_ASSIGN(const auto app, ScannerApp::Create(config, clock, logger));
  app->Start();
  logger.Info("scanner runs", {{"threads", config.scanner.threads}});
  logger.Info("scanner stopping", {{"signal", WaitForStopSignal()}});
  app->Stop();
  logger.Info("scanner stopped", {});
  return {};
}

Result<void> Serve(const std::string& config_path, const Config& config, const Clock& clock,
                   log::Logger& logger) {
  MapLargeBlocks();
  // Outlives the app, whose health page asks it until the end.
  Supervisor scanner({kSelf, "scanner", "--config", config_path}, logger);
  XZGATE_ASSIGN(const auto app, WebhookApp::Create(config, clock, logger));
  app->Show(scanner);
  scanner.Start();
  XZGATE_RETURN_IF_ERROR(app->Start());
  // Answers first: a scan under way may still be what a request waits for.
  ServeUntilStopped(*app, config, logger);
  scanner.Stop();
  return {};
}

}  // namespace

int RunServe(const std::string& config_path) {
  return RunService(config_path, Role::kServe,
                    [&config_path](const Config& config, const Clock& clock, log::Logger& logger) {
                      return Serve(config_path, config, clock, logger);
                    });
}

int RunWebhook(const std::string& config_path) {
  return RunService(config_path, Role::kWebhook, Webhook);
}

int RunScanner(const std::string& config_path) {
  return RunService(config_path, Role::kScanner, Scanner);
}

}  // namespace xzgate::cmd
