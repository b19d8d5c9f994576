#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scanner/worker/image_scanner.h"

namespace xzgate::worker {

// What one scan works with. Borrows everything for its life.
struct ScanParts {
  registry::ImageSource& source;
  store::Store& store;
  const rules::RulePack& pack;
  log::Logger& logger;
  const ScanOptions& options;
  const std::string& probes;
  LayerFlight& flight;
  registry::Access access;
  const Progress& progress;
};

// One scan of one image, from its digest to the report. Used once, by one thread.
class ScanRun {
 public:
  ScanRun(ScanParts parts, const oci::PinnedReference& image);

  ScanResult Execute();

 private:
  // The document of a digest, from the store or the source. `expected` is the descriptor that led
  // here, null for the image itself.
  Result<oci::Document> Document(const oci::Digest& digest, const oci::Descriptor* expected);
  Result<oci::ImageConfig> Config(const oci::Descriptor& config);
  Result<facts::LayerFacts> Layer(const oci::Descriptor& layer);

  void AddIndex(const oci::Index& index, std::size_t depth);
  void AddChild(const oci::Descriptor& child, std::size_t depth);
  rules::PlatformReport JudgeManifest(const oci::Manifest& manifest, const oci::Digest& digest,
                                      const std::optional<oci::Platform>& named);
  rules::PlatformReport Unknown(const oci::Platform& platform, const oci::Digest& digest,
                                rules::Cause cause, std::string detail) const;
  rules::PlatformReport Failed(const oci::Platform& platform, const oci::Digest& digest,
                               const Error& error);
  void Remember(const Error& error);
  void Tell();

  ScanParts parts_;
  const oci::PinnedReference& image_;
  ScanCost cost_;
  std::vector<rules::PlatformReport> platforms_;
  std::optional<Error> retry_;  // the first error that may pass
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
};

}  // namespace xzgate::worker
