#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"
#include "cmd/registry_stack.h"
#include "scanner/worker/image_scanner.h"

namespace xzgate::cmd {

enum class OutputFormat : std::uint8_t { kTable, kJson };

// The flags that `scan` and `explain` share.
struct ScanFlags {
  bool plain_http = false;
  std::vector<std::string> ca;
  std::string docker_config;
  std::string rules;
  std::string store;
  std::vector<std::string> platforms;
  OutputFormat format = OutputFormat::kTable;
};

// What came of one image named at the command line.
struct ScannedImage {
  std::string name;                            // as typed
  std::optional<oci::PinnedReference> pinned;  // absent when it could not be resolved
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

  const rules::RulePack& pack() const { return pack_; }

 private:
  ScanSession(rules::RulePack pack, bool plain_http, const Clock& clock, log::Logger& logger)
      : pack_(std::move(pack)), plain_http_(plain_http), clock_(clock), logger_(logger) {}
  Result<ScannedImage> ScanLayout(const std::string& name, const worker::Progress& progress);
  ScannedImage Failed(const std::string& name, const Error& error) const;

  const rules::RulePack pack_;
  const bool plain_http_;
  const Clock& clock_;
  log::Logger& logger_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<RegistryStack> registries_;
  worker::ScanOptions options_;
};

// A person who forgot "oci:" would else only read that no registry knows the image: a note on
// standard error about a file or folder of that name.
void PrintHint(std::string_view command, const ScannedImage& image);

// 0 nothing found, 1 findings, 3 could not decide (design.md section 7): of the worst verdict.
int ExitCodeOf(const std::vector<ScannedImage>& images);

}  // namespace xzgate::cmd
