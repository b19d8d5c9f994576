#pragma once

#include <chrono>

#include "scanner/signature/report.h"
#include "scanner/worker/image_scanner.h"

namespace xzgate::worker {

// Told of every finished scan and verification, for metrics. Called on scanning threads;
// thread-safe.
class ScanObserver {
 public:
  virtual ~ScanObserver() = default;
  virtual void OnScan(const ScanResult& result, std::chrono::nanoseconds took) = 0;
  // One image under one requirement.
  virtual void OnVerification(const signature::Report& report, std::chrono::nanoseconds took) = 0;
};

}  // namespace xzgate::worker
