#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "scanner/facts/findings.h"
#include "scanner/layer/entry_log.h"

namespace xzgate::facts {

// Which files of a layer are databases (xz.md 5.1). A path counts only from the root of the file
// system: a root file system inside another (a chroot, a stored image) is not what the container's
// package manager knows, and its ELF files are found without it.
//
//   dpkg   {var,usr,}/lib/dpkg/status            packages
//          {var,usr,}/lib/dpkg/status.d/NAME     packages (distroless), and NAME.md5sums their
//          files {var,usr,}/lib/dpkg/info/NAME.list    files
//   apk    {usr,var,}/lib/apk/db/installed       packages and their files
//   os     etc/os-release, usr/lib/os-release
enum class DatabaseFile : std::uint8_t {
  kNone,
  kDpkgStatus,
  kDpkgList,
  kDpkgMd5sums,
  kApkInstalled,
  kOsRelease
};

// `path` is cleaned: no leading slash.
DatabaseFile DatabaseFileAt(std::string_view path);

// The extractor for such a file; null for kNone.
std::unique_ptr<Extractor> MakeDatabaseExtractor(DatabaseFile file, std::string_view path);

// Whether this link stands where dpkg or apk keep their packages (the database, or its directory)
// and leads away from all paths above, so that what the package manager would read is not what we
// read.
bool IsDatabaseElsewhere(const layer::Entry& entry);

}  // namespace xzgate::facts
