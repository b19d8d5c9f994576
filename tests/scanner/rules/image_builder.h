#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/rules/judge.h"

namespace xzgate::rules {

// Constants that liblzma returns (xz.md 3.5).
inline constexpr std::uint32_t k545 = 50040052;
inline constexpr std::uint32_t k560 = 50060002;
inline constexpr std::uint32_t k561 = 50060012;
inline constexpr std::uint32_t k562 = 50060022;
inline constexpr std::uint16_t kX86 = 62;
inline constexpr std::uint16_t kArm = 183;

inline constexpr std::string_view kStatus = "var/lib/dpkg/status";
inline constexpr std::string_view kApkDb = "lib/apk/db/installed";
inline constexpr std::string_view kDebianLib = "usr/lib/x86_64-linux-gnu/";

// One layer's facts in memory, said in verbs.
class GivenLayer {
 public:
  explicit GivenLayer(oci::Digest digest) : facts_(std::move(digest)) {}
  GivenLayer() : GivenLayer(oci::Digest::Of(AsBytes("layer"))) {}

  // A package in a dpkg status file; its source is itself unless said otherwise.
  GivenLayer& Dpkg(std::string name, std::string version, std::string architecture = "amd64") {
    return Package(facts::DatabaseKind::kDpkg, kStatus, std::move(name), std::move(version),
                   std::move(architecture));
  }
  GivenLayer& Apk(std::string name, std::string version, std::string architecture = "x86_64") {
    return Package(facts::DatabaseKind::kApk, kApkDb, std::move(name), std::move(version),
                   std::move(architecture));
  }
  GivenLayer& DpkgAt(std::string_view path, std::string name, std::string version) {
    return Package(facts::DatabaseKind::kDpkg, path, std::move(name), std::move(version), "amd64");
  }
  // The last package: where it comes from, or that it is gone.
  GivenLayer& From(std::string source, std::string version) {
    last_->source = std::move(source);
    last_->source_version = std::move(version);
    return *this;
  }
  GivenLayer& NotInstalled() {
    last_->installed = false;
    return *this;
  }
  // The package lists the file as its own.
  GivenLayer& DpkgOwns(const std::string& name, const std::string& path) {
    return Owns(facts::DatabaseKind::kDpkg, "var/lib/dpkg/info/" + name + ".list", name, path);
  }
  GivenLayer& ApkOwns(const std::string& name, const std::string& path) {
    return Owns(facts::DatabaseKind::kApk, std::string(kApkDb), name, path);
  }

  // liblzma of a version (0: its constant is not readable), free of the payload.
  GivenLayer& Liblzma(std::string path, std::uint32_t constant, std::uint16_t machine = kX86) {
    facts::ElfFile file = NewElf(std::move(path));
    file.machine = machine;
    file.soname = "liblzma.so.5";
    facts::ElfSymbol version{.name = "lzma_version_number", .is_ifunc = false, .constant = {}};
    if (constant != 0) version.constant = constant;
    file.symbols = {version, {.name = "lzma_crc64", .is_ifunc = IsIfunc(constant), .constant = {}}};
    return AddElf(std::move(file));
  }
  // The same with the payload in it.
  GivenLayer& Infected(std::string path, std::uint32_t constant = k561) {
    Liblzma(std::move(path), constant);
    return Patterns({"xz_payload_prologue"});
  }
  GivenLayer& Elf(std::string path) { return AddElf(NewElf(std::move(path))); }
  // The last ELF file is a member of the archive at its path.
  GivenLayer& Member(std::string name) {
    facts_.elf_files.back().member = std::move(name);
    return *this;
  }
  GivenLayer& Patterns(std::vector<std::string> names) {
    facts_.elf_files.back().patterns = std::move(names);
    return *this;
  }
  GivenLayer& Sha256(std::string hex) {
    facts_.elf_files.back().sha256 = std::move(hex);
    return *this;
  }
  GivenLayer& Machine(std::uint16_t machine) {
    facts_.elf_files.back().machine = machine;
    return *this;
  }
  // The last ELF file lies behind tar's end marker, and so in no log.
  GivenLayer& BehindTheEnd() {
    facts_.elf_files.back().after_end = true;
    entries_.pop_back();
    return *this;
  }

  GivenLayer& Os(std::string id) {
    facts_.os_releases.push_back({"etc/os-release", std::move(id), ""});
    return File("etc/os-release");
  }
  GivenLayer& File(std::string path) { return Add(layer::EntryType::kFile, std::move(path)); }
  GivenLayer& Directory(std::string path) {
    return Add(layer::EntryType::kDirectory, std::move(path));
  }
  GivenLayer& Whiteout(std::string path) {
    return Add(layer::EntryType::kWhiteout, std::move(path));
  }
  GivenLayer& Opaque(std::string path) { return Add(layer::EntryType::kOpaque, std::move(path)); }
  GivenLayer& Symlink(std::string path, std::string target) {
    return Add(layer::EntryType::kSymlink, std::move(path), std::move(target));
  }
  GivenLayer& HardLink(std::string path, std::string target) {
    return Add(layer::EntryType::kHardLink, std::move(path), std::move(target));
  }
  GivenLayer& Incomplete(std::string path, std::string what) {
    facts_.incomplete.push_back({std::move(path), std::move(what)});
    return *this;
  }
  GivenLayer& Note(std::string path, std::string what) {
    facts_.notes.push_back({std::move(path), std::move(what)});
    return *this;
  }

  const oci::Digest& digest() const { return facts_.digest; }

  facts::LayerFacts Build() {
    for (const auto& entry : entries_) facts_.entries.Append(entry);
    facts_.entries.Finish();
    for (auto& [source, list] : lists_) {
      facts::Ownership ownership;
      ownership.kind = list.first;
      ownership.source = source;
      for (const auto& entry : list.second) ownership.files.Append(entry);
      ownership.files.Finish();
      facts_.ownership.push_back(std::move(ownership));
    }
    return std::move(facts_);
  }

 private:
  static bool IsIfunc(std::uint32_t constant) { return constant == k560 || constant == k561; }

  static facts::ElfFile NewElf(std::string path) {
    facts::ElfFile file;
    file.path = std::move(path);
    file.sha256 = std::string(64, 'a');
    file.machine = kX86;
    file.type = 3;
    return file;
  }
  GivenLayer& AddElf(facts::ElfFile file) {
    File(file.path);
    facts_.elf_files.push_back(std::move(file));
    return *this;
  }
  GivenLayer& Add(layer::EntryType type, std::string path, std::string target = {}) {
    entries_.push_back({type, std::move(path), std::move(target)});
    return *this;
  }
  GivenLayer& Package(facts::DatabaseKind kind, std::string_view path, std::string name,
                      std::string version, std::string architecture) {
    facts::PackageDatabase* database = nullptr;
    for (auto& one : facts_.databases) {
      if (one.path == path) database = &one;
    }
    if (database == nullptr) {
      File(std::string(path));
      facts_.databases.push_back({kind, std::string(path), {}});
      database = &facts_.databases.back();
    }
    facts::Package package;
    package.source = name;
    package.source_version = version;
    package.name = std::move(name);
    package.version = std::move(version);
    package.architecture = std::move(architecture);
    database->packages.push_back(std::move(package));
    last_ = &database->packages.back();
    return *this;
  }
  GivenLayer& Owns(facts::DatabaseKind kind, const std::string& source, const std::string& name,
                   const std::string& path) {
    if (kind == facts::DatabaseKind::kDpkg && !lists_.contains(source)) File(source);
    auto& list = lists_[source];
    list.first = kind;
    list.second.push_back({layer::EntryType::kFile, path, name});
    return *this;
  }

  facts::LayerFacts facts_;
  std::vector<layer::Entry> entries_;
  std::map<std::string, std::pair<facts::DatabaseKind, std::vector<layer::Entry>>> lists_;
  facts::Package* last_ = nullptr;
};

// An image of such layers, judged by the built-in pack.
class GivenImage {
 public:
  GivenImage() = default;

  GivenImage& With(GivenLayer& layer) {
    digests_.push_back(layer.digest().ToString());
    facts_.push_back(layer.Build());
    layers_.push_back(&facts_.back());
    unread_.emplace_back();
    return *this;
  }
  GivenImage& With(GivenLayer&& layer) { return With(layer); }
  GivenImage& Unread(std::string why, Cause cause = Cause::kUnreadable,
                     std::string digest = "sha256:" + std::string(64, 'b')) {
    digests_.push_back(std::move(digest));
    layers_.push_back(nullptr);
    unread_.push_back(std::move(why));
    cause_ = cause;
    return *this;
  }
  GivenImage& On(std::string architecture) {
    platform_.architecture = std::move(architecture);
    return *this;
  }
  GivenImage& Env(std::string variable) {
    config_.env.push_back(std::move(variable));
    return *this;
  }
  GivenImage& Manifest(std::string digest) {
    manifest_ = std::move(digest);
    return *this;
  }

  PlatformReport Judge(const RulePack& pack = RulePack::BuiltIn()) const {
    ImageFacts image;
    image.manifest_digest = manifest_;
    image.platform = platform_;
    image.config = &config_;
    image.layers = layers_;
    image.layer_digests = digests_;
    image.unread = unread_;
    image.unread_cause = cause_;
    return JudgeImage(image, pack);
  }

 private:
  std::string manifest_ = "sha256:" + std::string(64, 'c');
  oci::Platform platform_{.os = "linux", .architecture = "amd64", .variant = ""};
  oci::ImageConfig config_;
  std::deque<facts::LayerFacts> facts_;  // a deque: the pointers stay
  std::vector<const facts::LayerFacts*> layers_;
  std::vector<std::string> digests_;
  std::vector<std::string> unread_;
  Cause cause_ = Cause::kUnreadable;
};

inline void PrintTo(Verdict verdict, std::ostream* out) {
  *out << ToString(verdict);
}
inline void PrintTo(Cause cause, std::ostream* out) {
  *out << '"' << ToString(cause) << '"';
}

// The ids of a report's evidence in order: "E1 E6".
inline std::string Ids(const PlatformReport& report) {
  std::string ids;
  for (const Evidence& evidence : report.evidence) {
    if (!ids.empty()) ids += ' ';
    ids += evidence.id;
  }
  return ids;
}

}  // namespace xzgate::rules
