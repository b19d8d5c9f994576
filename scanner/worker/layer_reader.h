#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scanner/worker/scan_parts.h"

namespace xzgate::worker {

// Reads the layers of one image: each from the store when its facts are there, else from the
// source, and then into the store. Counts what it costs, and tells the progress. Confined to one
// thread; borrows its parts and the repository.
class LayerReader {
 public:
  LayerReader(const ScanParts& parts, const oci::Repository& repository);

  // Adds layers that are going to be read to the total of the progress.
  void Expect(const std::vector<oci::Descriptor>& layers);

  // Waits while another scan reads the same layer from the same host. Every error is the source's,
  // whose bytes did not come or are not the layer's; kUnavailable when the process stops. A layer
  // for which the image's layers before it left nothing of max_image_bytes comes back unread, as
  // `incomplete`. A store that fails costs reuse only.
  Result<facts::LayerFacts> Read(const oci::Descriptor& layer);

  const ScanCost& cost() const { return cost_; }

 private:
  std::optional<facts::LayerFacts> Find(const oci::Descriptor& layer);
  Result<facts::LayerFacts> Fetch(const oci::Descriptor& layer, const facts::LayerLimits& limits);
  void Keep(const facts::LayerFacts& facts, const facts::LayerLimits& limits);
  void Tell();

  const ScanParts& parts_;
  const oci::Repository& repository_;
  ScanCost cost_;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
};

}  // namespace xzgate::worker
