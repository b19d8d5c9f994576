#include "scanner/facts/database_paths.h"

#include <array>
#include <string>

#include "scanner/facts/apk.h"
#include "scanner/facts/dpkg.h"
#include "scanner/facts/os_release.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::facts {
namespace {

constexpr std::array<std::string_view, 3> kDpkgRoots = {"var/lib/dpkg", "usr/lib/dpkg", "lib/dpkg"};
constexpr std::array<std::string_view, 3> kApkRoots = {"lib/apk", "usr/lib/apk", "var/lib/apk"};
constexpr std::string_view kApkInstalled = "/db/installed";
constexpr std::string_view kStatusDirectory = "/status.d/";
constexpr std::string_view kInfoDirectory = "/info/";

// Whether `rest` is a name in that directory itself.
bool IsIn(std::string_view rest, std::string_view directory) {
  return rest.starts_with(directory) && rest.size() > directory.size() &&
         rest.find('/', directory.size()) == rest.npos;
}

DatabaseFile InDpkg(std::string_view rest) {
  if (rest == "/status") return DatabaseFile::kDpkgStatus;
  if (IsIn(rest, kStatusDirectory))
    return rest.ends_with(".md5sums") ? DatabaseFile::kDpkgMd5sums : DatabaseFile::kDpkgStatus;
  if (IsIn(rest, kInfoDirectory) && rest.ends_with(".list")) return DatabaseFile::kDpkgList;
  return DatabaseFile::kNone;
}

// Where a link leads, lexically.
std::string LinkTarget(const layer::Entry& link) {
  if (link.type == layer::EntryType::kHardLink || link.target.starts_with('/'))
    return layer::CleanPath(link.target);
  return layer::CleanPath(link.path.substr(0, link.path.rfind('/') + 1) + link.target);
}

// Whether `link` is `database` or a directory above it, no higher than `root`, and the database
// then lies at a path that is none of ours.
bool LeadsAway(const layer::Entry& link, std::string_view root, const std::string& database) {
  if (link.path.size() < root.size() || !database.starts_with(link.path)) return false;
  const std::string_view rest = std::string_view(database).substr(link.path.size());
  if (!rest.empty() && rest.front() != '/') return false;
  return DatabaseFileAt(layer::CleanPath(LinkTarget(link) + std::string(rest))) ==
         DatabaseFile::kNone;
}

}  // namespace

DatabaseFile DatabaseFileAt(std::string_view path) {
  for (const std::string_view root : kDpkgRoots) {
    if (path.starts_with(root)) return InDpkg(path.substr(root.size()));
  }
  for (const std::string_view root : kApkRoots) {
    if (path.starts_with(root) && path.substr(root.size()) == kApkInstalled)
      return DatabaseFile::kApkInstalled;
  }
  if (path == "etc/os-release" || path == "usr/lib/os-release") return DatabaseFile::kOsRelease;
  return DatabaseFile::kNone;
}

std::unique_ptr<Extractor> MakeDatabaseExtractor(DatabaseFile file, std::string_view path) {
  const std::string name(path);
  switch (file) {
    case DatabaseFile::kNone:
      return nullptr;
    case DatabaseFile::kDpkgStatus:
      return std::make_unique<DpkgStatus>(name);
    case DatabaseFile::kDpkgList:
      return std::make_unique<DpkgFileList>(name, DpkgFileList::Form::kPaths);
    case DatabaseFile::kDpkgMd5sums:
      return std::make_unique<DpkgFileList>(name, DpkgFileList::Form::kDigestsAndPaths);
    case DatabaseFile::kApkInstalled:
      return std::make_unique<ApkInstalled>(name);
    case DatabaseFile::kOsRelease:
      return std::make_unique<OsReleaseFile>(name);
  }
  return nullptr;
}

bool IsDatabaseElsewhere(const layer::Entry& entry) {
  if (entry.type != layer::EntryType::kHardLink && entry.type != layer::EntryType::kSymlink)
    return false;
  const DatabaseFile file = DatabaseFileAt(entry.path);
  if (file == DatabaseFile::kDpkgStatus || file == DatabaseFile::kApkInstalled) {
    return DatabaseFileAt(LinkTarget(entry)) == DatabaseFile::kNone;
  }
  for (const std::string_view root : kDpkgRoots) {
    if (LeadsAway(entry, root, std::string(root) + "/status.d/x")) return true;
  }
  for (const std::string_view root : kApkRoots) {
    if (LeadsAway(entry, root, std::string(root) + std::string(kApkInstalled))) return true;
  }
  return false;
}

}  // namespace xzgate::facts
