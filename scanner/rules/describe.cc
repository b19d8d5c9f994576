#include "scanner/rules/describe.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace xzgate::rules {
namespace {

constexpr std::size_t kMaxNameBytes = 128;   // package names and versions
constexpr std::size_t kMaxPathBytes = 1024;  // paths
constexpr std::size_t kMaxWhatBytes = 300;

// The strongest first; within one rank by layer and path. What decided is named by the report's
// detail in any case: where one kind of finding can lead to two verdicts (an advisory, a name) its
// line may stand behind others, and be cut.
enum class Rank : std::uint8_t {
  kPayload,
  kKnownFile,
  kKnownDigest,
  kActivePackage,
  kBehindTheEnd,
  kBadPackage,
  kAdvisory,
  kBadVersion,
  kName,
  kIncomplete,
  kFixedPackage,
  kExplainedVersion,
  kOtherVersion,
  kHistorical,
};

struct Kind {
  std::string_view id;
  std::string_view name;
};
// By the order of the ranks; identifiers and names of xz.md 7.1.
constexpr std::array<Kind, 14> kKinds{{{"E1", "payload_signature"},
                                       {"E2", "known_bad_file"},
                                       {"E3", "known_bad_layer"},
                                       {"E6", "pkg_active"},
                                       {"E1", "payload_signature"},
                                       {"E7", "pkg_version_only"},
                                       {"E7", "pkg_advisory"},
                                       {"E9", "elf_version"},
                                       {"E11", "file_name"},
                                       {"E17", "incomplete"},
                                       {"E8", "pkg_fixed"},
                                       {"E9", "elf_version"},
                                       {"E10", "elf_version_other"},
                                       {"E18", "historical_layer"}}};

std::string_view KindName(facts::DatabaseKind kind) {
  return kind == facts::DatabaseKind::kApk ? "apk" : "dpkg";
}

// Collects ranked lines of one image.
class Lines {
 public:
  Lines(const ImageFacts& image, const RulePack& pack) : image_(image), pack_(pack) {}

  Evidence& Add(Rank rank, std::string summary, const std::string& path, std::size_t layer) {
    const Kind kind = kKinds[static_cast<std::size_t>(rank)];
    Evidence evidence{.id = std::string(kind.id),
                      .kind = std::string(kind.name),
                      .summary = std::move(summary),
                      .path = Escape(path, kMaxPathBytes),
                      .layer = layer + 1,
                      .layer_digest = {},
                      .historical = rank == Rank::kHistorical};
    if (layer < image_.layer_digests.size()) evidence.layer_digest = image_.layer_digests[layer];
    lines_.emplace_back(rank, std::move(evidence));
    return lines_.back().second;
  }

  void AddPackage(const PackageFinding& package) {
    Rank rank = Rank::kFixedPackage;
    std::string suffix;
    switch (package.meaning) {
      case PackageClass::kBadActive:
        rank = Rank::kActivePackage;
        break;
      case PackageClass::kBadVersion:
        rank = Rank::kBadPackage;
        break;
      case PackageClass::kAdvisory:
        rank = Rank::kAdvisory;
        suffix = ", in the advisory's range";
        break;
      case PackageClass::kFixedOlder:
        suffix = ", really an older release";
        break;
      case PackageClass::kFixedRebuild:
        suffix = ", rebuilt from clean sources";
        break;
      case PackageClass::kUnrelated:
        return;
    }
    Add(rank, DescribePackage(package) + suffix, package.database, package.layer);
  }

  void AddFile(const FileFinding& file) {
    if (file.file->after_end) return AddBehindTheEnd(file);
    if (!file.IsVisible()) return AddHistorical(file);
    const std::string& path = file.paths.front();
    const std::string place = " in " + Escape(path, kMaxPathBytes) + file.MemberSuffix();
    if (file.has_payload) {
      Add(Rank::kPayload, "payload signature" + place + Others(file), path, file.layer);
    }
    if (file.known != nullptr) {
      Add(Rank::kKnownFile, "known backdoored file" + place + ": " + file.known->what, path,
          file.layer);
    }
    if (file.constant) {
      const Rank rank = !file.is_bad_version ? Rank::kOtherVersion
                        : file.is_explained  ? Rank::kExplainedVersion
                                             : Rank::kBadVersion;
      Add(rank, pack_.library_name + " " + VersionOfConstant(*file.constant) + place, path,
          file.layer);
    } else if (file.name_claims_bad && file.is_library && !file.is_explained) {
      Add(Rank::kName, "named like a backdoored release: " + Escape(path, kMaxPathBytes), path,
          file.layer);
    }
  }

  void AddKnown(const KnownDigest& known) {
    if (known.is_manifest) {
      Evidence& line =
          Add(Rank::kKnownDigest, "known backdoored image: " + known.known->what, "", 0);
      line.kind = "known_bad_manifest";
      line.layer = 0;
      line.layer_digest.clear();
    } else if (!known.was_read || !known.bad_file_seen) {
      Add(Rank::kKnownDigest, "known backdoored layer: " + known.known->what, "", known.layer);
    }
  }

  void AddIncomplete(const IncompleteFinding& incomplete) {
    Add(Rank::kIncomplete, DescribeIncomplete(incomplete, image_.layers.size()), incomplete.path,
        incomplete.layer);
  }

  void AddName(const NameFinding& name) {
    if (name.incomplete.empty()) return;
    Add(Rank::kName, "named like a backdoored release: " + Escape(name.path, kMaxPathBytes),
        name.path, name.layer);
  }

  std::vector<Evidence> Finish() {
    std::sort(lines_.begin(), lines_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first, a.second.layer, a.second.path, a.second.summary) <
             std::tie(b.first, b.second.layer, b.second.path, b.second.summary);
    });
    std::vector<Evidence> evidence;
    for (auto& [rank, line] : lines_) {
      const bool repeats = !evidence.empty() && evidence.back() == line;
      if (!repeats) evidence.push_back(std::move(line));
    }
    return evidence;
  }

 private:
  static std::string Others(const FileFinding& file) {
    if (file.paths.size() < 2) return {};
    return " (and " + std::to_string(file.paths.size() - 1) + " more names)";
  }

  void AddBehindTheEnd(const FileFinding& file) {
    if (!file.IsBad() && !file.is_bad_version) return;
    const std::string place = " in " + Escape(file.file->path, kMaxPathBytes) +
                              file.MemberSuffix() + ", behind the end of the layer's archive";
    Evidence& line =
        Add(Rank::kBehindTheEnd, "payload signature" + place, file.file->path, file.layer);
    if (file.has_payload) return;
    const Kind kind =
        file.known != nullptr ? Kind{"E2", "known_bad_file"} : Kind{"E9", "elf_version"};
    line.id = kind.id;
    line.kind = kind.name;
    line.summary =
        (file.known != nullptr ? "known backdoored file"
                               : pack_.library_name + " " + VersionOfConstant(*file.constant)) +
        place;
  }

  void AddHistorical(const FileFinding& file) {
    if (!file.IsBad()) return;
    Add(Rank::kHistorical,
        std::string(file.has_payload ? "payload signature" : "known backdoored file") + " in " +
            Escape(file.file->path, kMaxPathBytes) + file.MemberSuffix(),
        file.file->path, file.layer);
  }

  const ImageFacts& image_;
  const RulePack& pack_;
  std::vector<std::pair<Rank, Evidence>> lines_;
};

}  // namespace

std::string DescribePackage(const PackageFinding& package) {
  return Escape(package.package->name, kMaxNameBytes) + " " +
         Escape(package.package->version, kMaxNameBytes) + " (" +
         std::string(KindName(package.rule->database)) + ")";
}

std::string DescribeIncomplete(const IncompleteFinding& incomplete, std::size_t layer_count) {
  const std::string layer =
      "layer " + std::to_string(incomplete.layer + 1) + " of " + std::to_string(layer_count);
  const std::string what = ": " + EscapeOnce(incomplete.what, kMaxWhatBytes);
  if (incomplete.whole_layer_unread) return layer + " was not read" + what;
  if (incomplete.path.empty()) return layer + " was not read to the end" + what;
  return Escape(incomplete.path, kMaxPathBytes) + " in " + layer + " was not read to the end" +
         what;
}

std::vector<Evidence> Describe(const Findings& findings, const ImageFacts& image,
                               const RulePack& pack) {
  Lines lines(image, pack);
  for (const PackageFinding& package : findings.packages) lines.AddPackage(package);
  for (const FileFinding& file : findings.files) lines.AddFile(file);
  for (const NameFinding& name : findings.names) lines.AddName(name);
  for (const KnownDigest& known : findings.known) lines.AddKnown(known);
  for (const IncompleteFinding& incomplete : findings.incomplete) lines.AddIncomplete(incomplete);
  return lines.Finish();
}

}  // namespace xzgate::rules
