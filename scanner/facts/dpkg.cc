#include "scanner/facts/dpkg.h"

#include <algorithm>

#include "base/text.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::facts {
namespace {

constexpr std::size_t kMaxListLine = 4096 + 64;  // a path (hardening.md 8.2) and a digest
constexpr std::size_t kMd5Digits = 32;

constexpr std::array<std::string_view, 5> kFieldNames = {"Package", "Status", "Version",
                                                         "Architecture", "Source"};

std::string_view TrimLine(std::string_view text) {
  while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return Trim(text);
}

// The words of a line, without the blanks between them.
std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = Split(text, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

// "xz-utils (5.6.0-0.2)": the source's name and, where it differs, its version.
void SetSource(std::string_view value, Package& package) {
  package.source = package.name;
  package.source_version = package.version;
  const std::size_t open = value.find('(');
  const std::string_view name = Trim(value.substr(0, open));
  if (!name.empty()) package.source = name;
  if (open == value.npos) return;
  const std::string_view version = Trim(value.substr(open + 1, value.find(')', open) - open - 1));
  if (!version.empty()) package.source_version = version;
}

}  // namespace

DpkgStatus::DpkgStatus(std::string path) : problems_(path, "dpkg") {
  database_.kind = DatabaseKind::kDpkg;
  database_.path = std::move(path);
}

void DpkgStatus::Feed(Bytes bytes) {
  lines_.Feed(bytes, [this](const Line& line) { OnLine(line); });
}

void DpkgStatus::Finish(Findings& findings) {
  lines_.Finish([this](const Line& line) { OnLine(line); });
  EndStanza(last_line_);
  problems_.MoveTo(findings);
  findings.databases.push_back(std::move(database_));
}

void DpkgStatus::OnLine(const Line& line) {
  last_line_ = line.number;
  const std::string_view text = line.text;
  if (text.empty() || text == "\r") return EndStanza(line.number);
  if (text.front() == ' ' || text.front() == '\t') {
    if (!has_stanza_) problems_.AddLine(line, "continues nothing");
    return;
  }
  has_stanza_ = true;
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0) {
    return problems_.AddLine(
        line, line.is_cut ? "longer than 64 KiB" : "want a field, found " + Quote(text, 40));
  }
  OnField(line, colon);
}

void DpkgStatus::OnField(const Line& line, std::size_t colon) {
  const std::string_view name = Trim(line.text.substr(0, colon));
  const auto found = std::ranges::find_if(
      kFieldNames, [name](std::string_view known) { return EqualsIgnoreCase(known, name); });
  if (found == kFieldNames.end()) return;
  const auto field = static_cast<std::size_t>(found - kFieldNames.begin());
  if (line.is_cut) return problems_.AddLine(line, std::string(*found) + " longer than 64 KiB");
  if (seen_[field])
    return problems_.AddLine(line, "second " + std::string(*found) + " in one stanza");
  seen_[field] = true;
  values_[field] = TrimLine(line.text.substr(colon + 1));
}

void DpkgStatus::EndStanza(std::uint64_t line_number) {
  if (!has_stanza_) return;
  has_stanza_ = false;
  const Line line{.text = {}, .number = line_number};
  const bool is_installed = IsInstalled(line_number);
  Package package{.name = values_[kPackage],
                  .version = values_[kVersion],
                  .architecture = values_[kArchitecture],
                  .source = {},
                  .source_version = {},
                  .installed = is_installed};
  SetSource(values_[kSource], package);
  seen_ = {};
  for (std::string& value : values_) value.clear();
  if (package.name.empty()) return problems_.AddLine(line, "stanza without Package");
  if (package.version.empty()) {
    if (is_installed)
      problems_.AddLine(line, "package " + Quote(package.name, 80) + " without Version");
    return;  // known to dpkg, never installed
  }
  kept_bytes_ += package.name.size() + package.version.size() + package.architecture.size() +
                 package.source.size() + package.source_version.size();
  if (database_.packages.size() >= kMaxPackages || kept_bytes_ > kMaxPackageText) {
    return problems_.Add("database with too many packages");
  }
  database_.packages.push_back(std::move(package));
}

bool DpkgStatus::IsInstalled(std::uint64_t line_number) {
  if (!seen_[kStatus]) return true;
  const std::vector<std::string_view> words = Words(values_[kStatus]);
  if (words.size() != 3) {
    problems_.AddLine({.text = {}, .number = line_number},
                      "status " + Quote(values_[kStatus], 80) + ": want three words");
    return true;
  }
  return !EqualsIgnoreCase(words[2], "not-installed") &&
         !EqualsIgnoreCase(words[2], "config-files");
}

std::string PackageOfList(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {".list", ".md5sums"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return std::string(name.substr(0, name.find(':')));
}

DpkgFileList::DpkgFileList(std::string path, Form form)
    : form_(form),
      package_(PackageOfList(path)),
      lines_(kMaxListLine),
      problems_(std::move(path), "dpkg file list") {}

void DpkgFileList::Feed(Bytes bytes) {
  lines_.Feed(bytes, [this](const Line& line) { OnLine(line); });
}

void DpkgFileList::OnLine(const Line& line) {
  if (line.is_cut) return problems_.AddLine(line, "longer than a path may be");
  std::string_view path = TrimLine(line.text);
  if (path.empty()) return;
  if (form_ == Form::kDigestsAndPaths) {
    if (path.size() <= kMd5Digits || path[kMd5Digits] != ' ')
      return problems_.AddLine(line, "want a digest and a path");
    path = Trim(path.substr(kMd5Digits));
  } else if (path.front() != '/') {
    return problems_.AddLine(line, "want an absolute path, found " + Quote(path, 40));
  }
  std::string cleaned = layer::CleanPath(path);
  if (!cleaned.empty())
    files_.Append(
        {.type = layer::EntryType::kFile, .path = std::move(cleaned), .target = package_});
}

void DpkgFileList::Finish(Findings& findings) {
  lines_.Finish([this](const Line& line) { OnLine(line); });
  files_.Finish();
  if (files_.is_truncated()) problems_.Add("names too many files");
  problems_.MoveTo(findings);
  findings.ownership.push_back(
      {.kind = DatabaseKind::kDpkg, .source = problems_.path(), .files = std::move(files_)});
}

}  // namespace xzgate::facts
