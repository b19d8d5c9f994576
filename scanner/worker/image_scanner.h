#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "scanner/facts/read_layer.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/image_source.h"
#include "scanner/rules/judge.h"
#include "scanner/store/store.h"
#include "scanner/worker/facts_keys.h"
#include "scanner/worker/layer_flight.h"

namespace xzgate::worker {

// What a scan cost, for metrics and the progress bar.
struct ScanCost {
  std::uint64_t layers_read = 0;
  std::uint64_t layers_reused = 0;
  std::uint64_t bytes_read = 0;
};

// Told while a scan runs, from the scanning thread: packed bytes of layers done and, as far as
// manifests were read, in all.
using Progress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

struct ScanOptions {
  std::vector<oci::Platform> platforms;  // deciding ones; empty: every Linux platform
  facts::LayerLimits layer_limits;
  std::uint64_t max_image_bytes = 64ULL * 1024 * 1024 * 1024;  // unpacked, hardening.md 8.1
  std::chrono::milliseconds max_image_time = std::chrono::minutes(15);
};

// A finished scan, or why it has to be tried again.
struct ScanResult {
  rules::Report report;
  ScanCost cost;
  // Set when the source failed to give what it was asked for, and nothing worse than that was
  // found: the report holds for this source at this time only. Its code says the cause (CauseOf).
  std::optional<Error> retry;
};

// Which cause of `unknown` an error of a source or a layer leads to (registry/image_source.h has
// the table).
rules::Cause CauseOf(ErrorCode code);

// Scans images: manifest or index -> layers (each read once in its life) -> facts -> report.
// Thread-safe as its parts are. Borrows all of them.
class ImageScanner {
 public:
  ImageScanner(registry::ImageSource& source, store::Store& store, const rules::RulePack& pack,
               const Clock& clock, log::Logger& logger, ScanOptions options);

  // Never fails: what cannot be read is `unknown` with its cause. Facts, documents and (unless it
  // may be retried) the report are put into the store; a store that fails costs reuse, not the
  // answer. With a warm store and new rules it reads no byte of a layer. Blocks until
  // access.deadline or max_image_time.
  ScanResult Scan(const oci::PinnedReference& image, const registry::Access& access,
                  const Progress& progress = {});

  const rules::RulePack& pack() const { return pack_; }

 private:
  registry::ImageSource& source_;
  store::Store& store_;
  const rules::RulePack& pack_;
  const Clock& clock_;
  log::Logger& logger_;
  const ScanOptions options_;
  const FactsKeys keys_;
  LayerFlight flight_;
};

}  // namespace xzgate::worker
