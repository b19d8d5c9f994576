#pragma once

#include <memory>

#include "scanner/worker/scan_observer.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Counts what the scanner reads, finds and verifies. Thread-safe; borrows the registry.
class ScanMetrics final : public worker::ScanObserver {
 public:
  explicit ScanMetrics(prometheus::Registry& registry);
  ~ScanMetrics() override;
  void OnScan(const worker::ScanResult& result, std::chrono::nanoseconds took) override;
  void OnVerification(const signature::Report& report, std::chrono::nanoseconds took) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
