#include "cmd/services.h"

#include <cstdio>
#include <functional>
#include <memory>

#include "cmd/config.h"
#include "cmd/scanner_app.h"
#include "cmd/signals.h"
#include "cmd/supervisor.h"
#include "cmd/webhook_app.h"

namespace xzgate::cmd {
namespace {

constexpr int kCannotStart = 2;
constexpr const char* kSelf = "/proc/self/exe";

int CannotStart(const Error& error) {
  std::fprintf(stderr, "xzgate: cannot start: %s\n", error.message().c_str());
  return kCannotStart;
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
  return 0;
}

Result<void> Webhook(const Config& config, const Clock& clock, log::Logger& logger) {
  XZGATE_ASSIGN(const auto app, WebhookApp::Create(config, clock, logger));
  XZGATE_RETURN_IF_ERROR(app->Start());
  logger.Info("stopping", {{"signal", WaitForStopSignal()}});
  app->Stop();
  return {};
}

Result<void> Scanner(const Config& config, const Clock& clock, log::Logger& logger) {
  XZGATE_ASSIGN(const auto app, ScannerApp::Create(config, clock, logger));
  app->Start();
  logger.Info("scanner runs", {{"threads", config.scanner.threads}});
  logger.Info("stopping", {{"signal", WaitForStopSignal()}});
  app->Stop();
  return {};
}

Result<void> Serve(const std::string& config_path, const Config& config, const Clock& clock,
                   log::Logger& logger) {
  // Outlives the app, whose health page asks it until the end.
  Supervisor scanner({kSelf, "scanner", "--config", config_path}, logger);
  XZGATE_ASSIGN(const auto app, WebhookApp::Create(config, clock, logger));
  app->AddCheck(
      "scanner", [&scanner] { return scanner.IsRunning(); },
      "the scanner process is not running, it is started again");
  scanner.Start();
  XZGATE_RETURN_IF_ERROR(app->Start());
  logger.Info("stopping", {{"signal", WaitForStopSignal()}});
  // Answers first: a scan under way may still be what a request waits for.
  app->Stop();
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
