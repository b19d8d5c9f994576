#include "scanner/rules/pack_reader.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/crypto/digest.h"
#include "base/text.h"

namespace xzgate::rules {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxTextBytes = 500;
// Shorter patterns hit by chance; longer ones cost the search more than they add.
constexpr std::size_t kMinPatternBytes = 16;
constexpr std::size_t kMaxPatternBytes = 256;
constexpr std::size_t kMaxPatterns = 64;

// e_machine numbers (System V ABI, figure 4-3; its supplements for the later ones).
struct Machine {
  std::string_view name;
  std::uint16_t number;
};
constexpr std::array<Machine, 7> kMachines{{{"x86_64", 62},
                                            {"aarch64", 183},
                                            {"i386", 3},
                                            {"arm", 40},
                                            {"ppc64", 21},
                                            {"s390x", 22},
                                            {"riscv64", 243}}};

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-' || c == '+';
         });
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// One pass over the document; each method reads one part of the schema.
class Reader {
 public:
  explicit Reader(yaml::Problems& problems) : problems_(problems) {}

  RulePack Read(const yaml::Node& document) {
    yaml::Mapping top(document, problems_);
    Fixed(top, "apiVersion", "xzgate.dev/rules/v1");
    Fixed(top, "kind", "RulePack");
    top.Take("metadata", true);
    top.Section("metadata", [this](yaml::Mapping& m) { Metadata(m); });
    top.Take("spec", true);
    top.Section("spec", [this](yaml::Mapping& m) { Spec(m); });
    top.Finish();
    if (document.IsMapping() && document.Find("spec") != nullptr && DetectsNothing()) {
      document.Complain(problems_, "want something to detect in spec, found nothing");
    }
    return std::move(pack_);
  }

 private:
  void Fixed(yaml::Mapping& m, std::string_view key, std::string_view want) {
    std::string found;
    m.Required(key, found);
    if (!found.empty() && found != want) {
      Complain(m, key, "want " + Quote(want) + ", found " + Quote(found));
    }
  }

  void Metadata(yaml::Mapping& m) {
    Name(m, "id", pack_.id);
    Name(m, "version", pack_.version);
    Text(m, "title", pack_.title);
    Text(m, "fix", pack_.fix);
  }

  void Spec(yaml::Mapping& m) {
    m.Section("payload", [this](yaml::Mapping& section) { Payload(section); });
    m.Section("library", [this](yaml::Mapping& section) { Library(section); });
    m.Each("knownFiles", [this](yaml::Mapping& entry) {
      KnownFile file = Known(entry);
      entry.Required("sha256", file.sha256);
      if (!file.sha256.empty() && !IsSha256(file.sha256)) {
        Complain(entry, "sha256", "want 64 lower-case hex digits");
      }
      AddKnown(entry, "sha256", std::move(file), pack_.known_files);
    });
    m.Each("knownLayers", [this](yaml::Mapping& entry) { Digest(entry, pack_.known_layers); });
    m.Each("knownManifests",
           [this](yaml::Mapping& entry) { Digest(entry, pack_.known_manifests); });
    m.Each("packages", [this](yaml::Mapping& entry) { Package(entry); });
  }

  void Payload(yaml::Mapping& m) {
    m.Take("machine", true);
    std::vector<std::string_view> names;
    for (const Machine& machine : kMachines) names.push_back(machine.name);
    std::size_t word = 0;
    m.OptionalWord("machine", names, word);
    pack_.payload_machine = kMachines[word].number;
    m.Take("patterns", true);
    m.Each("patterns", [this](yaml::Mapping& entry) { Pattern(entry); });
    if (pack_.probes.patterns.size() > kMaxPatterns) {
      Complain(m, "patterns", "want at most " + std::to_string(kMaxPatterns));
    }
  }

  void Pattern(yaml::Mapping& m) {
    facts::Pattern pattern{.name = {}, .bytes = {}, .machine = pack_.payload_machine};
    Name(m, "name", pattern.name);
    std::string hex;
    m.Required("hex", hex);
    Source(m);
    std::erase(hex, ' ');
    const auto bytes = crypto::HexDecode(hex);
    if (!hex.empty() &&
        (!bytes || bytes->size() < kMinPatternBytes || bytes->size() > kMaxPatternBytes)) {
      Complain(m, "hex",
               "want " + std::to_string(kMinPatternBytes) + " to " +
                   std::to_string(kMaxPatternBytes) + " bytes as pairs of hex digits");
    }
    Unique(m, "name", pattern.name);
    pattern.bytes = bytes.value_or(std::string());
    pack_.payload_patterns.push_back(pattern.name);
    pack_.probes.patterns.push_back(std::move(pattern));
  }

  void Library(yaml::Mapping& m) {
    Name(m, "name", pack_.library_name);
    Name(m, "versionSymbol", pack_.version_symbol);
    m.Optional("ifuncSymbol", pack_.ifunc_symbol);
    m.Optional("directories", pack_.library_directories);
    Source(m);
    m.Take("releases", true);
    m.Each("releases", [this](yaml::Mapping& entry) {
      BadRelease release;
      Name(entry, "version", release.version);
      entry.Take("constant", true);
      std::int64_t constant = 0;
      entry.Optional("constant", constant, 1, UINT32_MAX);
      Source(entry);
      Unique(entry, "version", release.version);
      release.constant = static_cast<std::uint32_t>(constant);
      pack_.bad_releases.push_back(std::move(release));
    });
    for (const std::string* symbol : {&pack_.version_symbol, &pack_.ifunc_symbol}) {
      if (!symbol->empty()) pack_.probes.symbols.push_back(*symbol);
    }
  }

  KnownFile Known(yaml::Mapping& m) {
    KnownFile known;
    Text(m, "what", known.what);
    Text(m, "source", known.source);
    return known;
  }

  void Digest(yaml::Mapping& m, std::vector<KnownFile>& into) {
    static constexpr std::string_view kPrefix = "sha256:";
    KnownFile known = Known(m);
    std::string digest;
    m.Required("digest", digest);
    const bool good = digest.starts_with(kPrefix) && IsSha256(digest.substr(kPrefix.size()));
    if (good) {
      known.sha256 = digest.substr(kPrefix.size());
    } else if (!digest.empty()) {
      Complain(m, "digest", R"(want "sha256:" and 64 lower-case hex digits)");
    }
    AddKnown(m, "digest", std::move(known), into);
  }

  void AddKnown(yaml::Mapping& m, std::string_view key, KnownFile known,
                std::vector<KnownFile>& into) {
    Unique(m, key, known.sha256);
    into.push_back(std::move(known));
  }

  void Package(yaml::Mapping& m) {
    PackageRule rule;
    m.Take("database", true);
    std::size_t kind = 0;
    m.OptionalWord("database", {"dpkg", "apk"}, kind);
    rule.database = kind == 0 ? facts::DatabaseKind::kDpkg : facts::DatabaseKind::kApk;
    m.Optional("libraries", rule.libraries);
    m.Optional("others", rule.others);
    m.Optional("sources", rule.sources);
    m.Take("badVersions", true);
    m.Optional("badVersions", rule.bad_versions);
    m.Optional("advisoryVersions", rule.advisory_versions);
    m.Optional("activeArchitectures", rule.active_architectures);
    Text(m, "inactiveReason", rule.inactive_reason);
    Text(m, "fix", rule.fix);
    Text(m, "source", rule.source);
    if (kind == 0) {
      m.Optional("olderMarkers", rule.older_markers);
    } else {
      std::int64_t release = 0;
      m.Optional("cleanFromRelease", release, 1, UINT32_MAX);
      rule.clean_from_release = static_cast<std::uint64_t>(release);
      m.Optional("neverCleanOn", rule.never_clean_on);
    }
    if (rule.libraries.empty() && rule.others.empty() && rule.sources.empty()) {
      m.node().Complain(problems_, "want libraries, others or sources");
    }
    if (m.node().Find("badVersions") != nullptr && rule.bad_versions.empty()) {
      Complain(m, "badVersions", "want at least one version");
    }
    pack_.packages.push_back(std::move(rule));
  }

  // Text of a person for a person: required, bounded, printable.
  void Text(yaml::Mapping& m, std::string_view key, std::string& out) {
    m.Required(key, out);
    const bool control = std::any_of(out.begin(), out.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (out.size() > kMaxTextBytes || control) {
      Complain(m, key, "want one line of at most " + std::to_string(kMaxTextBytes) + " bytes");
    }
  }

  void Name(yaml::Mapping& m, std::string_view key, std::string& out) {
    m.Required(key, out);
    if (!out.empty() && !IsName(out)) {
      Complain(m, key,
               "want 1 to " + std::to_string(kMaxNameBytes) +
                   R"( letters, digits, ".", "_", "-" or "+", found )" + Quote(out));
    }
  }

  void Source(yaml::Mapping& m) {
    std::string source;
    Text(m, "source", source);
  }

  // No two entries of one pack share a digest, a pattern's name or a release.
  void Unique(yaml::Mapping& m, std::string_view key, const std::string& value) {
    if (value.empty()) return;
    if (!seen_.insert(std::string(key) + " " + value).second) {
      Complain(m, key, Quote(value) + " is there twice");
    }
  }

  void Complain(yaml::Mapping& m, std::string_view key, const std::string& message) {
    const yaml::Node* node = m.node().Find(key);
    (node != nullptr ? *node : m.node()).Complain(problems_, message);
  }

  bool DetectsNothing() const {
    return pack_.payload_patterns.empty() && pack_.known_files.empty() &&
           pack_.known_layers.empty() && pack_.known_manifests.empty() && pack_.packages.empty() &&
           pack_.bad_releases.empty();
  }

  yaml::Problems& problems_;
  RulePack pack_;
  std::set<std::string> seen_;
};

}  // namespace

RulePack ReadPack(const yaml::Node& document, yaml::Problems& problems) {
  return Reader(problems).Read(document);
}

}  // namespace xzgate::rules
