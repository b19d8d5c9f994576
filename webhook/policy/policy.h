#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"
#include "scanner/signature/requirement.h"

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

  // Of an image whose signatures are asked for; content is judged apart, and the worse counts.
  Action unsigned_image = Action::kDeny;
  Action wrongly_signed = Action::kDeny;
  Action undecided = Action::kDeny;

  bool operator==(const Outcomes&) const = default;
};

// What a policy says of pods, images apart. Off (allow) by default.
struct PodFindings {
  Action writable_root = Action::kAllow;
  Action privileged = Action::kAllow;
  Action host_namespaces = Action::kAllow;     // hostNetwork, hostPID, hostIPC
  Action added_capabilities = Action::kAllow;  // beyond `allowed_capabilities`
  Action default_namespace = Action::kAllow;
  Action container_sockets = Action::kAllow;  // hostPath to one, or to a folder above one
  // What the restricted Pod Security Standard lets a container add.
  std::vector<std::string> allowed_capabilities = {"NET_BIND_SERVICE"};

  bool operator==(const PodFindings&) const = default;
};

// One entry of `signatures.require` or `attestations`: which of the rule's images must have what.
struct SignatureRule {
  std::vector<std::string> images;  // patterns as Rule::images; empty: every image of the rule
  signature::SealedRequirement sealed;
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
  PodFindings pod_findings;
  std::string message_suffix;
  std::vector<SignatureRule> signature_rules;
  // Of an image that no entry of signature_rules covers: kUndecided with SG017, or not_required.
  bool requires_signature_by_default = false;
  // Verdicts that verified signatures turn into a warning. Empty by default.
  std::vector<rules::Verdict> outvoted;

  // What an image that this rule matches must have: all of them, in file order.
  std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) const;
};

// Reads a file that a policy names (a key, certificates, a trusted root): whole, or
// kResourceExhausted beyond `max_bytes`.
using FileReader =
    std::function<Result<std::string>(const std::string& path, std::size_t max_bytes)>;

// All policies in force, in order; the first rule that matches an image use decides, and a built-in
// default stands behind them. Immutable; thread-compatible.
class PolicySet {
 public:
  // Reads `ImagePolicy` documents (xzgate.dev/v1) from YAML texts, pairs of file name and text, in
  // order. Files that they name are looked for beside them and read through `read`; without one
  // they are problems. Errors: kInvalidArgument with every problem of every file, a line each; a
  // file without any document is one.
  static Result<PolicySet> Parse(const std::vector<std::pair<std::string, std::string>>& files,
                                 const FileReader& read = {});
  // No documents: the built-in default alone.
  PolicySet();

  // The rule for this image in this namespace; never fails.
  const Rule& Match(const oci::Repository& repository, std::string_view namespace_name) const;
  // The rule that applies where no reference could be read: the first without image patterns for
  // the namespace, else the default.
  const Rule& MatchUnparsed(std::string_view namespace_name) const;

  // What must be proved about an image's signatures in this namespace: those of the rule that
  // matches. One Report each, in this order, goes into JudgedUse::signatures.
  std::vector<signature::SealedRequirement> RequirementsFor(const oci::Repository& repository,
                                                            std::string_view namespace_name) const;
  // The same for whoever does not know the namespace (the scanner): of every rule that could match
  // the image in some namespace, each fingerprint once.
  std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) const;

  const std::vector<Rule>& rules() const { return rules_; }
  // Names what is in force, for logs and metrics: first 12 hex digits of the digest over all texts,
  // those of the named files too.
  const std::string& version() const { return version_; }
  // What is no mistake and may be one, "FILE:LINE:COLUMN: PATH: …": an authority that nobody asks,
  // a document that never decides because an earlier one covers all of it.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::vector<Rule> rules_;
  Rule fallback_;
  std::string version_;
  std::vector<std::string> notes_;
};

// Whether `pattern` ("docker.io/library/*", "*.example.com/**", "reg.example:5000/shop/api") covers
// a repository. Compared by host and path components, never as raw text, so "reg.example" never
// covers "reg.example.evil.net" (hardening.md 8.5).
bool CoversImage(std::string_view pattern, const oci::Repository& repository);

}  // namespace xzgate::policy
