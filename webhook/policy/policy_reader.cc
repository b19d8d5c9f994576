#include "webhook/policy/policy_reader.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::policy {
namespace {

constexpr std::size_t kMaxSuffixBytes =
    200;  // it shares a message of 1,000 bytes with the evidence

// The words stand in the order of their enums.
const std::vector<std::string_view> kActions = {"allow", "warn", "deny"};
const std::vector<std::string_view> kModes = {"enforce", "warn", "audit"};
const std::vector<std::string_view> kRequireDigest = {"off", "warn", "deny"};

template <typename Enum>
void ReadWord(yaml::Mapping& map, std::string_view key, const std::vector<std::string_view>& words,
              Enum& out) {
  auto index = static_cast<std::size_t>(out);
  map.OptionalWord(key, words, index);
  out = static_cast<Enum>(index);
}

void ReadOutcomes(yaml::Mapping& map, Outcomes& out) {
  ReadWord(map, "affected", kActions, out.affected);
  ReadWord(map, "suspicious", kActions, out.suspicious);
  ReadWord(map, "affected_version", kActions, out.affected_version);
  ReadWord(map, "fixed_by_distro", kActions, out.fixed_by_distro);
  ReadWord(map, "clean", kActions, out.clean);
  map.Section("unknown", [&out](yaml::Mapping& unknown) {
    ReadWord(unknown, "pending", kActions, out.pending);
    ReadWord(unknown, "unreachable", kActions, out.unreachable);
    ReadWord(unknown, "unreadable", kActions, out.unreadable);
    unknown.Section("not_an_image", [&out](yaml::Mapping& artifact) {
      ReadWord(artifact, "container", kActions, out.not_an_image_container);
      ReadWord(artifact, "volume", kActions, out.not_an_image_volume);
    });
  });
}

// A pattern is HOST/PATH or a lone "*": one without a path is most likely a mistake ("debian"), and
// would match nothing.
void CheckPattern(const std::string& pattern, yaml::Mapping& map) {
  if (pattern == "*" || pattern == "**") return;
  const auto slash = pattern.find('/');
  const bool upper =
      std::any_of(pattern.begin(), pattern.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (slash == pattern.npos || slash == 0 || slash + 1 == pattern.size()) {
    map.node().Complain(
        map.problems(),
        "images: pattern " + Quote(pattern) +
            ": want HOST/PATH, such as \"docker.io/library/*\" or \"*.example.com/**\"");
  } else if (upper) {
    map.node().Complain(map.problems(), "images: pattern " + Quote(pattern) +
                                            ": references are compared in lower case");
  } else if (pattern.find('@') != pattern.npos || pattern.find(':', slash) != pattern.npos) {
    map.node().Complain(map.problems(), "images: pattern " + Quote(pattern) +
                                            ": patterns name repositories, without tag or digest");
  }
}

void ReadSpec(yaml::Mapping& spec, Rule& rule) {
  spec.Optional("images", rule.images);
  for (const auto& pattern : rule.images) CheckPattern(pattern, spec);
  spec.Optional("namespaces", rule.namespaces);
  ReadWord(spec, "mode", kModes, rule.mode);
  ReadWord(spec, "requireDigest", kRequireDigest, rule.require_digest);
  spec.Optional("messageSuffix", rule.message_suffix);
  if (rule.message_suffix.size() > kMaxSuffixBytes) {
    spec.node().Complain(spec.problems(), "messageSuffix: longer than " +
                                              std::to_string(kMaxSuffixBytes) + " bytes");
  }
  spec.Section("outcomes",
               [&rule](yaml::Mapping& outcomes) { ReadOutcomes(outcomes, rule.outcomes); });
}

void ReadOne(const yaml::Node& node, yaml::Problems& problems, std::vector<Rule>& rules) {
  yaml::Mapping map(node, problems);
  std::string api_version;
  std::string kind;
  map.Required("apiVersion", api_version);
  map.Required("kind", kind);
  if (!api_version.empty() && api_version != "xzgate.dev/v1") {
    node.Complain(problems, "apiVersion: want \"xzgate.dev/v1\", found " + Quote(api_version));
  }
  if (!kind.empty() && kind != "ImagePolicy") {
    node.Complain(problems, "kind: want \"ImagePolicy\", found " + Quote(kind));
    return;
  }
  Rule rule;
  map.Section("metadata",
              [&rule](yaml::Mapping& metadata) { metadata.Required("name", rule.policy); });
  map.Section("spec", [&rule](yaml::Mapping& spec) { ReadSpec(spec, rule); });
  map.Finish();
  if (rule.policy.empty()) {
    node.Complain(problems, "metadata.name: missing");
  } else if (std::any_of(rules.begin(), rules.end(),
                         [&rule](const Rule& other) { return other.policy == rule.policy; })) {
    node.Complain(problems, "metadata.name: " + Quote(rule.policy) + " is used twice");
  }
  rules.push_back(std::move(rule));
}

}  // namespace

void ReadPolicies(std::string_view text, std::string_view file, yaml::Problems& problems,
                  std::vector<Rule>& rules) {
  for (const auto& node : yaml::ReadDocuments(text, file, yaml::Limits{}, problems))
    ReadOne(node, problems, rules);
}

}  // namespace xzgate::policy
