#include "scanner/facts/database_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace xzgate::facts {
namespace {

struct Case {
  const char* path;
  DatabaseFile want;
};
class DatabaseFileAtTest : public ::testing::TestWithParam<Case> {};

TEST_P(DatabaseFileAtTest, KnowsThePath) {
  EXPECT_EQ(DatabaseFileAt(GetParam().path), GetParam().want) << GetParam().path;
}

using enum DatabaseFile;
const Case kPaths[] = {
    {"var/lib/dpkg/status", kDpkgStatus},
    {"usr/lib/dpkg/status", kDpkgStatus},
    {"lib/dpkg/status", kDpkgStatus},
    {"var/lib/dpkg/status.d/base", kDpkgStatus},
    {"var/lib/dpkg/status.d/base.md5sums", kDpkgMd5sums},
    {"var/lib/dpkg/info/bash.list", kDpkgList},
    {"var/lib/dpkg/info/liblzma5:amd64.list", kDpkgList},
    {"lib/apk/db/installed", kApkInstalled},
    {"usr/lib/apk/db/installed", kApkInstalled},
    {"var/lib/apk/db/installed", kApkInstalled},
    {"etc/os-release", kOsRelease},
    {"usr/lib/os-release", kOsRelease},
    {"var/lib/dpkg/status-old", kNone},
    {"var/lib/dpkg", kNone},
    {"var/lib/dpkg/status.d", kNone},
    {"var/lib/dpkg/status.d/", kNone},
    {"var/lib/dpkg/status.d/a/b", kNone},
    {"var/lib/dpkg/info/bash.md5sums", kNone},
    {"var/lib/dpkg/info/x/bash.list", kNone},
    {"var/lib/dpkg2/status", kNone},
    {"srv/chroot/var/lib/dpkg/status", kNone},
    {"installed/vcpkg/status", kNone},
    {"lib/apk/db/installed.new", kNone},
    {"lib/apk", kNone},
    {"etc/os-release.d", kNone},
    {"os-release", kNone},
    {"", kNone},
};
INSTANTIATE_TEST_SUITE_P(Paths, DatabaseFileAtTest, ::testing::ValuesIn(kPaths));

TEST(MakeDatabaseExtractorTest, HasOneForEachKind) {
  for (const Case& one : kPaths)
    EXPECT_EQ(MakeDatabaseExtractor(one.want, one.path) != nullptr, one.want != kNone);
}

struct LinkCase {
  const char* name;
  layer::Entry entry;
  bool want;
};
class IsDatabaseElsewhereTest : public ::testing::TestWithParam<LinkCase> {};

TEST_P(IsDatabaseElsewhereTest, FollowsTheLink) {
  EXPECT_EQ(IsDatabaseElsewhere(GetParam().entry), GetParam().want);
}

using enum layer::EntryType;
const LinkCase kLinks[] = {
    {"StatusToElsewhere", {kSymlink, "var/lib/dpkg/status", "/opt/status"}, true},
    {"StatusHardLinked", {kHardLink, "var/lib/dpkg/status", "opt/status"}, true},
    {"DirectoryToElsewhere", {kSymlink, "var/lib/dpkg", "../../opt/dpkg"}, true},
    {"StatusDToElsewhere", {kSymlink, "var/lib/dpkg/status.d", "/opt/status.d"}, true},
    {"OneOfStatusDHardLinked", {kHardLink, "var/lib/dpkg/status.d/base", "opt/base"}, true},
    {"ApkToElsewhere", {kSymlink, "lib/apk", "/opt/apk"}, true},
    {"ApkDatabaseToElsewhere", {kSymlink, "lib/apk/db/installed", "../x"}, true},
    {"DirectoryToAKnownPath", {kSymlink, "var/lib/dpkg", "../../usr/lib/dpkg"}, false},
    {"ApkToAKnownPath", {kSymlink, "lib/apk", "/usr/lib/apk"}, false},
    {"StatusToAKnownPath", {kSymlink, "usr/lib/dpkg/status", "/var/lib/dpkg/status"}, false},
    {"MergedUsr", {kSymlink, "lib", "usr/lib"}, false},
    {"AFile", {kFile, "var/lib/dpkg/status", ""}, false},
    {"AnotherLink", {kSymlink, "var/lib/dpkg/info/x", "/opt/x"}, false},
    {"OsRelease", {kSymlink, "etc/os-release", "../usr/lib/os-release"}, false},
};
INSTANTIATE_TEST_SUITE_P(Links, IsDatabaseElsewhereTest, ::testing::ValuesIn(kLinks),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace xzgate::facts
