#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/probes.h"

namespace xzgate::rules {

// A digest known to be bad, with what to call it and where the constant comes from.
struct KnownFile {
  std::string sha256;  // hex
  std::string what;
  std::string source;
};

// A release that is bad, as files tell it: the version in names, the constant in code (xz.md 3.5).
struct BadRelease {
  std::string version;         // "5.6.1"
  std::uint32_t constant = 0;  // what the version symbol's function returns: 50060012
};

// Which versions of which packages mean what (xz.md 1.4). Versions compare exactly, never by "less
// than", after the distribution's parts were taken off.
struct PackageRule {
  facts::DatabaseKind database = facts::DatabaseKind::kDpkg;
  std::vector<std::string> libraries;          // packages that carry the library
  std::vector<std::string> others;             // tools, headers: a bad version is a version fact
  std::vector<std::string> sources;            // source packages or origins that count as `others`
  std::vector<std::string> bad_versions;       // "5.6.0", "5.6.1"
  std::vector<std::string> advisory_versions;  // in an advisory's range, no known payload
  std::vector<std::string> older_markers;      // "+really": what follows is what is inside
  std::vector<std::string> active_architectures;  // class A here, class V elsewhere
  std::uint64_t clean_from_release = 0;     // apk pkgrel from which the build is clean; 0: none
  std::vector<std::string> never_clean_on;  // os-release IDs where that does not hold
  std::string inactive_reason;              // why a class V build has no payload
  std::string fix;                          // what to do, for a finding by this rule
  std::string source;
};

// What makes an image bad: data, read from YAML (docs/detection.md has the schema). Immutable once
// parsed; thread-compatible.
struct RulePack {
  std::string id;       // "CVE-2024-3094"
  std::string version;  // "2026.11.1"
  std::string title;    // "xz-utils backdoor"
  std::string fix;      // what to do where no package rule knows better
  facts::Probes probes;
  std::vector<std::string> payload_patterns;  // names in probes.patterns whose hit is E1
  std::vector<KnownFile> known_files;         // E2
  std::vector<KnownFile> known_layers;        // E3: digests of layer blobs
  std::vector<KnownFile> known_manifests;     // E3: digests of manifests
  std::vector<PackageRule> packages;          // E6, E7, E8

  // The library, as files show it; all empty when the pack has none.
  std::string library_name;                      // "liblzma", for names and sonames
  std::string version_symbol;                    // "lzma_version_number"
  std::string ifunc_symbol;                      // "lzma_crc64"
  std::uint16_t payload_machine = 0;             // e_machine that the payload is for
  std::vector<BadRelease> bad_releases;          // E9, E11
  std::vector<std::string> library_directories;  // where packages put it

  // "CVE-2024-3094@2026.11.1", the key of verdicts.
  std::string Key() const { return id + "@" + version; }

  // Reads a pack of at most kMaxPackBytes. Errors: kInvalidArgument with every problem, a line
  // each.
  static Result<RulePack> Parse(std::string_view yaml, std::string_view file);
  // The pack that is compiled in (packs/cve-2024-3094.yaml). Thread-safe.
  static const RulePack& BuiltIn();
};

inline constexpr std::size_t kMaxPackBytes = 1024 * 1024;

}  // namespace xzgate::rules
