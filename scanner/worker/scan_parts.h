#pragma once

#include "scanner/worker/image_scanner.h"

namespace xzgate::worker {

// What one scan works with. Borrows everything for its life.
struct ScanParts {
  registry::ImageSource& source;
  store::Store& store;
  const rules::RulePack& pack;
  const Clock& clock;
  log::Logger& logger;
  const ScanOptions& options;
  const FactsKeys& keys;
  LayerFlight& flight;
  registry::Access access;
  const Progress& progress;
};

}  // namespace xzgate::worker
