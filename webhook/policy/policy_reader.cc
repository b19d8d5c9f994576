#include "webhook/policy/policy_reader.h"

#include <algorithm>

#include "base/text.h"
#include "webhook/policy/image_patterns_reader.h"
#include "webhook/policy/pod_findings_reader.h"
#include "webhook/policy/signature_reader.h"

namespace xzgate::policy {
namespace {

constexpr std::string_view kApiVersion = "xzgate.dev/v1";
constexpr std::string_view kKind = "ImagePolicy";
constexpr std::size_t kMaxNamespaceBytes = 63;  // RFC 1035, section 2.3.4
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
  map.Section("signatures", [&out](yaml::Mapping& signatures) {
    ReadWord(signatures, "unsigned", kActions, out.unsigned_image);
    ReadWord(signatures, "wrongly_signed", kActions, out.wrongly_signed);
    ReadWord(signatures, "undecided", kActions, out.undecided);
  });
}

// A glob over names of namespaces, which are DNS labels (RFC 1123).
void CheckNamespace(const yaml::Node& node, yaml::Problems& problems) {
  const std::string& glob = node.scalar();
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*' || c == '?';
  };
  const auto least_bytes = glob.size() - static_cast<std::size_t>(std::ranges::count(glob, '*'));
  if (glob.empty() || least_bytes > kMaxNamespaceBytes ||
      !std::all_of(glob.begin(), glob.end(), fits)) {
    node.Complain(problems, "namespace " + Quote(glob) +
                                ": would match nothing: want a name of lower-case letters, digits "
                                "and '-', with * and ? as globs, such as \"prod-*\"");
  }
}

void ReadNamespaces(yaml::Mapping& spec, Rule& rule) {
  spec.Optional("namespaces", rule.namespaces);
  const yaml::Node* list = spec.node().Find("namespaces");
  if (list == nullptr) return;
  for (const yaml::Node& item : list->items()) {
    if (item.IsScalar()) CheckNamespace(item, spec.problems());
  }
}

void ReadSpec(yaml::Mapping& spec, Rule& rule) {
  ReadImagePatterns(spec, "images", rule.images);
  ReadNamespaces(spec, rule);
  ReadWord(spec, "mode", kModes, rule.mode);
  ReadWord(spec, "requireDigest", kRequireDigest, rule.require_digest);
  spec.Optional("messageSuffix", rule.message_suffix);
  if (rule.message_suffix.size() > kMaxSuffixBytes) {
    spec.node()
        .Find("messageSuffix")
        ->Complain(spec.problems(), "longer than " + std::to_string(kMaxSuffixBytes) + " bytes");
  }
  ReadPodFindings(spec, rule.pod_findings);
  spec.Section("outcomes",
               [&rule](yaml::Mapping& outcomes) { ReadOutcomes(outcomes, rule.outcomes); });
}

void ReadOne(const yaml::Node& node, const ReadingFrom& from, ReadPoliciesInto& into) {
  yaml::Problems& problems = from.problems;
  std::vector<Rule>& rules = into.rules;
  yaml::Mapping map(node, problems);
  std::string api_version;
  std::string kind;
  map.Required("apiVersion", api_version);
  map.Required("kind", kind);
  if (!api_version.empty() && api_version != kApiVersion) {
    node.Find("apiVersion")
        ->Complain(problems, "want " + Quote(kApiVersion) + ", found " + Quote(api_version));
  }
  if (!kind.empty() && kind != kKind) {
    // Its other keys are of a schema that is not known here.
    return node.Find("kind")->Complain(problems, "want " + Quote(kKind) + ", found " + Quote(kind));
  }
  Rule rule;
  map.Section("metadata", [&rule](yaml::Mapping& metadata) {
    metadata.Required("name", rule.policy);
    metadata.Take("labels");  // kustomize and the like add them; nobody asks for them here
    metadata.Take("annotations");
  });
  map.Section("spec", [&](yaml::Mapping& spec) {
    ReadSpec(spec, rule);
    ReadSignatures(spec, from, rule, into.notes);
  });
  map.Finish();
  if (rule.policy.empty()) {
    node.Complain(problems, "metadata.name: missing");
  } else {
    const yaml::Node& name = *node.Find("metadata")->Find("name");
    rule.place = name.Where();
    const auto other = std::find_if(rules.begin(), rules.end(), [&rule](const Rule& known) {
      return known.policy == rule.policy;
    });
    if (other != rules.end())
      name.Complain(problems, Quote(rule.policy) + " is used twice, first at " + other->place);
  }
  rules.push_back(std::move(rule));
}

}  // namespace

void ReadPolicies(std::string_view text, std::string_view file, NamedFiles& files,
                  yaml::Problems& problems, ReadPoliciesInto& into) {
  const ReadingFrom from{.document = file, .files = files, .problems = problems};
  for (const auto& node : yaml::ReadDocuments(text, file, yaml::Limits{}, problems))
    ReadOne(node, from, into);
}

}  // namespace xzgate::policy
