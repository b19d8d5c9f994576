#include "webhook/policy/signature_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "scanner/signature/statement.h"
#include "webhook/policy/condition_reader.h"
#include "webhook/policy/group_reader.h"
#include "webhook/policy/image_pattern.h"
#include "webhook/policy/image_patterns_reader.h"

namespace xzgate::policy {
namespace {

using signature::Requirement;

constexpr std::size_t kMaxTypeShown = 64;
constexpr std::size_t kMaxEntries = 64;  // of `require`, and of `attestations`

constexpr std::size_t kMaxPatternsShown = 400;

// The words stand in the order of their enums.
const std::vector<std::string_view> kDefaults = {"notRequired", "require"};
const std::vector<std::string_view> kWhich = {"newest", "all", "any"};

// The verdicts that may be outvoted at all: the others deny for what nobody knows, or do not deny.
constexpr std::array kOutvotable = {rules::Verdict::kAffected, rules::Verdict::kSuspicious,
                                    rules::Verdict::kAffectedVersion};

void ReadOutvote(yaml::Mapping& map, Rule& rule) {
  const yaml::Node* list = map.Take("outvote");
  if (list == nullptr) return;
  if (!list->IsSequence()) return list->Complain(map.problems(), "want a list of verdicts");
  for (const yaml::Node& item : list->items()) {
    bool is_known = false;
    for (const rules::Verdict verdict : kOutvotable) {
      if (item.scalar() != rules::ToString(verdict)) continue;
      rule.outvoted.push_back(verdict);
      is_known = true;
    }
    if (!is_known) {
      item.Complain(map.problems(), "want affected_version, suspicious or affected, found " +
                                        Quote(item.scalar(), 64) +
                                        ": signatures say nothing about others");
    }
  }
}

std::optional<oci::Repository> ReadRepository(yaml::Mapping& map, std::string_view key) {
  const yaml::Node* node = map.Take(key);
  if (node == nullptr) return std::nullopt;
  if (!node->IsScalar()) {
    node->Complain(map.problems(), "want a repository");
    return std::nullopt;
  }
  auto repository = oci::Repository::Parse(node->scalar());
  if (repository) return std::move(*repository);
  node->Complain(map.problems(), repository.error().message());
  return std::nullopt;
}

// What every entry of a policy shares.
class EntryReader {
 public:
  EntryReader(std::vector<NamedAuthority>& authorities, Rule& rule)
      : authorities_(authorities), rule_(rule) {}

  void ReadSection(yaml::Mapping& signatures) {
    std::size_t word = 0;
    signatures.OptionalWord("default", kDefaults, word);
    rule_.requires_signature_by_default = word == 1;
    repository_ = ReadRepository(signatures, "signatureRepository");
    signatures.Optional("verifyChildren", verify_children_);
    ReadOutvote(signatures, rule_);
    signatures.Each("require", [this](yaml::Mapping& map) {
      Requirement requirement = Start("signatures.require[" + std::to_string(required_++) + "]");
      requirement.signatures = ReadGroup(map, authorities_);
      requirement.authorities = AuthoritiesOf(*requirement.signatures, authorities_);
      Add(map, std::move(requirement));
    });
    CheckCount(signatures, "require");
  }

  void ReadAttestations(yaml::Mapping& spec) {
    spec.Each("attestations", [this](yaml::Mapping& map) {
      Requirement requirement = Start("attestations[" + std::to_string(attested_++) + "]");
      signature::AttestationRule attestation;
      attestation.predicate_type = ReadType(map);
      const yaml::Node* type = map.node().Find("type");
      if (type != nullptr) requirement.entry += " (" + Escape(type->scalar(), kMaxTypeShown) + ")";
      attestation.by = ReadGroup(map, authorities_);
      std::size_t which = 0;
      map.OptionalWord("which", kWhich, which);
      attestation.which = static_cast<signature::Which>(which);
      attestation.conditions = ReadConditions(map);
      requirement.authorities = AuthoritiesOf(attestation.by, authorities_);
      requirement.attestations.push_back(std::move(attestation));
      Add(map, std::move(requirement));
    });
    CheckCount(spec, "attestations");
  }

 private:
  Requirement Start(std::string entry) const {
    Requirement requirement;
    requirement.name = rule_.policy;
    requirement.entry = std::move(entry);
    requirement.signature_repository = repository_;
    requirement.verify_children = verify_children_;
    return requirement;
  }

  void Add(yaml::Mapping& map, Requirement requirement) {
    SignatureRule entry;
    ReadImagePatterns(map, "images", entry.images);
    const yaml::Node* images = map.node().Find("images");
    if (images != nullptr && images->IsSequence() && images->items().empty()) {
      images->Complain(map.problems(),
                       "want a pattern, or no \"images\" at all for every image of the policy");
    }
    if (images != nullptr) CheckReach(*images, map.problems());
    entry.sealed = signature::Seal(std::move(requirement));
    rule_.signature_rules.push_back(std::move(entry));
  }

  // An entry asks for nothing of an image that the policy does not cover.
  void CheckReach(const yaml::Node& images, yaml::Problems& problems) const {
    if (rule_.images.empty()) return;
    for (const yaml::Node& item : images.items()) {
      const bool can_cover = std::ranges::any_of(rule_.images, [&item](const auto& pattern) {
        return !AreDisjoint(item.scalar(), pattern);
      });
      if (can_cover || !item.IsScalar()) continue;
      std::vector<std::string> quoted;
      for (const auto& pattern : rule_.images) quoted.push_back(Quote(pattern, 96));
      item.Complain(problems,
                    "pattern " + Quote(item.scalar()) +
                        " covers no image of this policy: want one within its \"images\": " +
                        Truncate(Join(quoted, ", "), kMaxPatternsShown));
    }
  }

  static std::string ReadType(yaml::Mapping& map) {
    std::string text;
    map.Required("type", text);
    if (text.empty()) return text;
    auto type = signature::PredicateTypeOf(text);
    if (type) return std::move(*type);
    map.node().Find("type")->Complain(map.problems(), type.error().message());
    return text;
  }

  static void CheckCount(yaml::Mapping& map, std::string_view key) {
    const yaml::Node* list = map.node().Find(key);
    if (list == nullptr || !list->IsSequence()) return;
    if (list->items().empty() || list->items().size() > kMaxEntries) {
      list->Complain(map.problems(), "want 1 to " + std::to_string(kMaxEntries) + " entries");
    }
  }

  std::vector<NamedAuthority>& authorities_;
  Rule& rule_;
  std::optional<oci::Repository> repository_;
  bool verify_children_ = false;
  std::size_t required_ = 0;  // entries that were read
  std::size_t attested_ = 0;
};

}  // namespace

void ReadSignatures(yaml::Mapping& spec, const ReadingFrom& from, Rule& rule,
                    std::vector<std::string>& notes) {
  yaml::Problems& problems = spec.problems();
  auto authorities = ReadAuthorities(spec, from);
  EntryReader reader(authorities, rule);
  spec.Section("signatures", [&reader](yaml::Mapping& map) { reader.ReadSection(map); });
  reader.ReadAttestations(spec);
  for (const auto& known : authorities) {
    if (!known.is_asked)
      notes.push_back(known.place + ": note: nothing asks for authority " +
                      Quote(known.authority->name));
  }
  const yaml::Node* section = spec.node().Find("signatures");
  if (section == nullptr || !rule.signature_rules.empty()) return;
  if (rule.requires_signature_by_default) {
    section->Complain(problems,
                      "\"default: require\" without an entry of \"require\" or "
                      "\"attestations\": no image could meet it");
  }
  if (!rule.outvoted.empty()) {
    section->Complain(problems,
                      "\"outvote\" without an entry of \"require\" or "
                      "\"attestations\": no signature could do it");
  }
}

}  // namespace xzgate::policy
