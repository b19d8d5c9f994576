#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"

namespace xzgate::policy {

enum class Mode : std::uint8_t { kEnforce, kWarn, kAudit };
std::string_view ToString(Mode mode);

enum class Action : std::uint8_t { kAllow, kWarn, kDeny };
std::string_view ToString(Action action);

enum class RequireDigest : std::uint8_t { kOff, kWarn, kDeny };

// What each verdict and each cause of `unknown` leads to. Defaults: issue text and design.md
// section 2.
struct Outcomes {
  Action affected = Action::kDeny;
  Action suspicious = Action::kDeny;
  Action affected_version = Action::kDeny;
  Action fixed_by_distro = Action::kAllow;
  Action clean = Action::kAllow;
  Action pending = Action::kDeny;  // after the wait
  Action unreachable = Action::kDeny;
  Action unreadable = Action::kDeny;
  Action not_an_image_volume = Action::kAllow;  // image volumes may hold any artifact
  Action not_an_image_container = Action::kDeny;

  bool operator==(const Outcomes&) const = default;
};

// One entry of an ImagePolicy: which images in which namespaces, and what follows.
struct Rule {
  std::string policy;  // metadata.name of its document
  std::string place;   // of that name, "FILE:LINE:COLUMN: metadata.name"; "" when built in
  std::vector<std::string> images;  // patterns over host and path components; empty: every image
  std::vector<std::string> namespaces;  // globs; empty: every namespace
  Mode mode = Mode::kEnforce;
  Outcomes outcomes;
  RequireDigest require_digest = RequireDigest::kOff;
  std::string message_suffix;
};

// All policies in force, in order; the first rule that matches an image use decides, and a built-in
// default stands behind them. Immutable; thread-compatible.
class PolicySet {
 public:
  // Reads `ImagePolicy` documents (xzgate.dev/v1) from YAML texts, pairs of file name and text, in
  // order. Errors: kInvalidArgument with every problem of every file, a line each; a file without
  // any document is one.
  static Result<PolicySet> Parse(const std::vector<std::pair<std::string, std::string>>& files);
  // No documents: the built-in default alone.
  PolicySet();

  // The rule for this image in this namespace; never fails.
  const Rule& Match(const oci::Repository& repository, std::string_view namespace_name) const;
  // The rule that applies where no reference could be read: the first without image patterns for
  // the namespace, else the default.
  const Rule& MatchUnparsed(std::string_view namespace_name) const;

  const std::vector<Rule>& rules() const { return rules_; }
  // Names what is in force, for logs and metrics: first 12 hex digits of the digest over all texts.
  const std::string& version() const { return version_; }

 private:
  std::vector<Rule> rules_;
  Rule fallback_;
  std::string version_;
};

// Whether `pattern` ("docker.io/library/*", "*.example.com/**", "reg.example:5000/shop/api") covers
// a repository. Compared by host and path components, never as raw text, so "reg.example" never
// covers "reg.example.evil.net" (hardening.md 8.5).
bool CoversImage(std::string_view pattern, const oci::Repository& repository);

}  // namespace xzgate::policy
