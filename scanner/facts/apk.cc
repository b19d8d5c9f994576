#include "scanner/facts/apk.h"

#include "base/text.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::facts {

ApkInstalled::ApkInstalled(std::string path) : problems_(path, "apk") {
  database_.kind = DatabaseKind::kApk;
  database_.path = std::move(path);
}

void ApkInstalled::Feed(Bytes bytes) {
  lines_.Feed(bytes, [this](const Line& line) { OnLine(line); });
}

void ApkInstalled::Finish(Findings& findings) {
  lines_.Finish([this](const Line& line) { OnLine(line); });
  EndPackage(last_line_);
  files_.Finish();
  if (files_.is_truncated()) problems_.Add("database names too many files");
  problems_.MoveTo(findings);
  findings.ownership.push_back(
      {.kind = DatabaseKind::kApk, .source = database_.path, .files = std::move(files_)});
  findings.databases.push_back(std::move(database_));
}

void ApkInstalled::OnLine(const Line& line) {
  last_line_ = line.number;
  const std::string_view text = line.text;
  if (text.empty()) return EndPackage(line.number);
  has_package_ = true;
  if (text.size() < 2 || text[1] != ':') {
    return problems_.AddLine(line, "want a letter and a colon, found " + Quote(text, 40));
  }
  if (std::string_view("PVAoFR").find(text[0]) == std::string_view::npos) return;
  if (line.is_cut) return problems_.AddLine(line, "longer than 64 KiB");
  const std::string_view value = text.substr(2);
  switch (text[0]) {
    case 'P':
      return Set(line, package_.name, value);
    case 'V':
      return Set(line, package_.version, value);
    case 'A':
      return Set(line, package_.architecture, value);
    case 'o':
      return Set(line, package_.source, value);
    case 'F':
      directory_ = value;
      return;
    default:
      return OnFile(line, value);
  }
}

void ApkInstalled::Set(const Line& line, std::string& field, std::string_view value) {
  if (!field.empty())
    return problems_.AddLine(line, "second " + std::string(1, line.text[0]) + " in one package");
  field = value;
}

void ApkInstalled::OnFile(const Line& line, std::string_view name) {
  if (package_.name.empty()) return problems_.AddLine(line, "a file before its package's name");
  std::string path = layer::CleanPath(directory_ + "/" + std::string(name));
  files_.Append(
      {.type = layer::EntryType::kFile, .path = std::move(path), .target = package_.name});
}

void ApkInstalled::EndPackage(std::uint64_t line_number) {
  if (!has_package_) return;
  has_package_ = false;
  Package package = std::move(package_);
  package_ = {};
  directory_.clear();
  if (package.name.empty() || package.version.empty()) {
    return problems_.AddLine({.text = {}, .number = line_number}, package.name.empty()
                                                                      ? "package without name"
                                                                      : "package without version");
  }
  if (package.source.empty()) package.source = package.name;
  package.source_version = package.version;
  kept_bytes_ += package.name.size() + 2 * package.version.size() + package.architecture.size() +
                 package.source.size();
  if (database_.packages.size() >= kMaxPackages || kept_bytes_ > kMaxPackageText) {
    return problems_.Add("database with too many packages");
  }
  database_.packages.push_back(std::move(package));
}

}  // namespace xzgate::facts
