#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/output_format.h"
#include "cmd/registry_flags.h"
#include "scanner/signature/report.h"
#include "scanner/signature/requirement.h"
#include "scanner/worker/image_scanner.h"

namespace xzgate::cmd {

// The flags that `scan` and `explain` share.
struct ScanFlags {
  RegistryFlags registry;
  std::string rules;
  std::string store;
  std::vector<std::string> platforms;
  OutputFormat format = OutputFormat::kTable;
};

// What came of one image named at the command line.
struct ScannedImage {
  std::string name;                            // as typed
  std::optional<oci::PinnedReference> pinned;  // absent when it could not be resolved
  std::string registry_failure = {};           // why, with its code; else ""
  rules::Report report;
};

// Scans images for a person or CI: from registries and OCI layouts, keeping nothing unless a store
// was named. Confined to one thread; borrows clock and logger.
class ScanSession {
 public:
  // Errors name the flag: --rules, --store, --ca, --docker-config, --platform.
  static Result<std::unique_ptr<ScanSession>> Create(const ScanFlags& flags, const Clock& clock,
                                                     log::Logger& logger);

  // "reg.example/app:1", "oci:DIR[:TAG]", "oci:DIR@DIGEST". Errors: kInvalidArgument for a name
  // that is neither; what cannot be read is a report.
  Result<ScannedImage> Scan(const std::string& name, const worker::Progress& progress);

  // The same for references only: "oci:1.0" is an image of Docker Hub.
  Result<ScannedImage> ScanReference(const std::string& name, const worker::Progress& progress);

  // What each requirement makes of the signatures of an image that was scanned, in order.
  std::vector<signature::Report> VerifySignatures(
      const ScannedImage& image, const std::vector<signature::SealedRequirement>& requirements);

  const rules::RulePack& pack() const { return pack_; }

 private:
  ScanSession(rules::RulePack pack, RegistryFlags flags, const Clock& clock, log::Logger& logger)
      : pack_(std::move(pack)), flags_(std::move(flags)), clock_(clock), logger_(logger) {}
  Result<ScannedImage> ScanLayout(const std::string& name, const worker::Progress& progress);
  ScannedImage Failed(const std::string& name, const Error& error) const;

  const rules::RulePack pack_;
  const RegistryFlags flags_;
  const Clock& clock_;
  log::Logger& logger_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<RegistryStack> registries_;
  worker::ScanOptions options_;
};

// 0 nothing found, 1 findings, 3 could not decide (design.md section 7): of the worst verdict.
int ExitCodeOf(const std::vector<ScannedImage>& images);

}  // namespace xzgate::cmd
