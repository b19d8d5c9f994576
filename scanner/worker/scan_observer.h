#pragma once

#include <chrono>

#include "scanner/worker/image_scanner.h"

namespace xzgate::worker {

// Told of every finished scan, for metrics. Called on scanning threads; thread-safe.
class ScanObserver {
 public:
  virtual ~ScanObserver() = default;
  virtual void OnScan(const ScanResult& result, std::chrono::nanoseconds took) = 0;
};

}  // namespace xzgate::worker
