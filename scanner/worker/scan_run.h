#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scanner/worker/layer_reader.h"

namespace xzgate::worker {

// One scan of one image, from its digest to the report. Used once, by one thread.
class ScanRun {
 public:
  ScanRun(ScanParts parts, const oci::PinnedReference& image);

  // Never fails: what cannot be read is `unknown` with its cause, and `retry` is set when another
  // try may tell more. The report is not stored. Blocks until the deadline of the parts' access.
  ScanResult Execute();

 private:
  // The document of a digest, from the store or the source. `expected` is the descriptor that led
  // here, null for the image itself.
  Result<oci::Document> Document(const oci::Digest& digest, const oci::Descriptor* expected);
  Result<oci::ImageConfig> Config(const oci::Descriptor& config);

  void AddIndex(const oci::Index& index, std::size_t depth);
  void AddChild(const oci::Descriptor& child, std::size_t depth);
  rules::PlatformReport JudgeManifest(const oci::Manifest& manifest, const oci::Digest& digest,
                                      const std::optional<oci::Platform>& named);
  rules::PlatformReport JudgeLayers(const oci::Manifest& manifest, const oci::Digest& digest,
                                    const oci::Platform& platform, const oci::ImageConfig& config);
  rules::PlatformReport Unknown(const oci::Platform& platform, const oci::Digest& digest,
                                rules::Cause cause, std::string detail) const;
  rules::PlatformReport Failed(const oci::Platform& platform, const oci::Digest& digest,
                               const Error& error) const;
  // Remembers what the source, not the content of a digest, is to blame for: it says nothing about
  // the same digest from another place, and must never be stored as if it did.
  std::unexpected<Error> Blame(const Error& error);

  const ScanParts parts_;
  const oci::PinnedReference& image_;
  LayerReader layers_;
  std::vector<rules::PlatformReport> platforms_;
  std::optional<Error> retry_;  // the first that the source is to blame for
};

}  // namespace xzgate::worker
