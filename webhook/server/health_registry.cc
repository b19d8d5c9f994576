#include "webhook/server/health_registry.h"

#include <utility>

#include "base/text.h"

namespace xzgate::server {
namespace {

// Longest text of a check that is shown.
constexpr std::size_t kMaxTextBytes = 1024;

std::string Line(std::string_view mark, std::string_view name, std::string_view text) {
  std::string line = std::string(mark) + " " + std::string(name);
  if (!text.empty()) line += ": " + EscapeOnce(text, kMaxTextBytes);
  return line + "\n";
}

}  // namespace

void HealthRegistry::Add(std::string name, bool required, Check check) {
  const std::lock_guard lock(mutex_);
  checks_.push_back({std::move(name), required, std::move(check)});
}

void HealthRegistry::BeginShutdown() {
  const std::lock_guard lock(mutex_);
  shutting_down_ = true;
}

HealthRegistry::Report HealthRegistry::Run() const {
  std::vector<Named> checks;
  Report report;
  {
    const std::lock_guard lock(mutex_);
    checks = checks_;
    report.ready = !shutting_down_;
  }
  if (!report.ready) report.body = Line("[-]", "shutdown", "in progress");
  for (const Named& each : checks) {
    const CheckResult result = each.check();
    const std::string_view mark = result.ok ? "[+]" : each.required ? "[-]" : "[!]";
    report.body += Line(mark, each.name, result.text);
    if (!result.ok && each.required) report.ready = false;
  }
  report.body += report.ready ? "ready\n" : "not ready\n";
  return report;
}

}  // namespace xzgate::server
