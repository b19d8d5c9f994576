#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"

namespace xzgate::cmd {

// `xzgate scanner`: the background scanner with its own health and metrics port. Owns everything
// below it.
class ScannerApp {
 public:
  // Errors name the setting: store, rules, registries, scanner.listen.
  static Result<std::unique_ptr<ScannerApp>> Create(const Config& config, const Clock& clock,
                                                    log::Logger& logger);
  ~ScannerApp();

  void Start();
  // Scans under way go back to the queue.
  void Stop();

 private:
  struct State;
  explicit ScannerApp(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
