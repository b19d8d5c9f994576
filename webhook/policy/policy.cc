#include "webhook/policy/policy.h"

#include <algorithm>
#include <set>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "webhook/policy/policy_reader.h"
#include "webhook/policy/shadowed.h"

namespace xzgate::policy {
namespace {

constexpr std::size_t kVersionDigits = 12;

// No patterns: every image.
bool CoversAny(const std::vector<std::string>& patterns, const oci::Repository& repository) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return CoversImage(pattern, repository); });
}

bool CoversNamespace(const Rule& rule, std::string_view namespace_name) {
  return rule.namespaces.empty() ||
         std::any_of(rule.namespaces.begin(), rule.namespaces.end(),
                     [&](const std::string& glob) { return GlobMatches(glob, namespace_name); });
}

std::string VersionOf(std::string_view text) {
  return crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(text)).substr(0, kVersionDigits);
}

Rule BuiltInRule() {
  Rule rule;
  rule.policy = "default";
  return rule;
}

}  // namespace

std::string_view ToString(Mode mode) {
  switch (mode) {
    case Mode::kEnforce:
      return "enforce";
    case Mode::kWarn:
      return "warn";
    case Mode::kAudit:
      return "audit";
  }
  return "enforce";
}

std::string_view ToString(Action action) {
  switch (action) {
    case Action::kAllow:
      return "allow";
    case Action::kWarn:
      return "warn";
    case Action::kDeny:
      return "deny";
  }
  return "deny";
}

PolicySet::PolicySet() : fallback_(BuiltInRule()), version_("built-in") {}

Result<PolicySet> PolicySet::Parse(const std::vector<std::pair<std::string, std::string>>& files,
                                   const FileReader& read) {
  PolicySet set;
  NamedFiles named(read);
  ReadPoliciesInto into{.rules = set.rules_, .notes = set.notes_};
  yaml::Problems problems;
  std::string all;
  for (const auto& [file, text] : files) {
    const std::size_t before = set.rules_.size();
    const std::size_t problems_before = problems.list().size();
    ReadPolicies(text, file, named, problems, into);
    // A file that lost its content must not bring the built-in default into force.
    if (set.rules_.size() == before && problems.list().size() == problems_before)
      problems.Add(file + ": no ImagePolicy in it");
    all += text;
    all += '\0';
  }
  if (!problems.empty()) return std::unexpected(problems.ToError());
  AddShadowed(set.rules_, set.notes_);
  if (!set.rules_.empty()) set.version_ = VersionOf(all + named.Contents());
  return set;
}

std::vector<signature::SealedRequirement> Rule::RequirementsFor(
    const oci::Repository& repository) const {
  std::vector<signature::SealedRequirement> found;
  for (const auto& entry : signature_rules) {
    if (CoversAny(entry.images, repository)) found.push_back(entry.sealed);
  }
  return found;
}

std::vector<signature::SealedRequirement> PolicySet::RequirementsFor(
    const oci::Repository& repository, std::string_view namespace_name) const {
  return Match(repository, namespace_name).RequirementsFor(repository);
}

std::vector<signature::SealedRequirement> PolicySet::RequirementsFor(
    const oci::Repository& repository) const {
  std::vector<signature::SealedRequirement> found;
  std::set<std::string> fingerprints;
  for (const auto& rule : rules_) {
    if (!CoversAny(rule.images, repository)) continue;
    for (auto& sealed : rule.RequirementsFor(repository)) {
      if (fingerprints.insert(sealed.fingerprint).second) found.push_back(std::move(sealed));
    }
    if (rule.namespaces.empty()) break;  // it matches first in every namespace that is left
  }
  return found;
}

const Rule& PolicySet::Match(const oci::Repository& repository,
                             std::string_view namespace_name) const {
  for (const auto& rule : rules_) {
    if (CoversAny(rule.images, repository) && CoversNamespace(rule, namespace_name)) return rule;
  }
  return fallback_;
}

const Rule& PolicySet::MatchUnparsed(std::string_view namespace_name) const {
  for (const auto& rule : rules_) {
    if (rule.images.empty() && CoversNamespace(rule, namespace_name)) return rule;
  }
  return fallback_;
}

}  // namespace xzgate::policy
