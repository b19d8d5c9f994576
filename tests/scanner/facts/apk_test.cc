#include "scanner/facts/apk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/extract.h"

namespace xzgate::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPath[] = "lib/apk/db/installed";

Findings Read(const std::string& text) {
  ApkInstalled database(kPath);
  return Extract(database, text, 7);
}

const std::string kXz =
    "C:Q1eVpkasfqZAukAXFYbgwt4xAMZWU=\n"
    "P:xz-libs\nV:5.6.1-r3\nA:x86_64\nS:92345\nT:library\no:xz\nm:someone\nt:1719000000\n"
    "F:usr\nF:usr/lib\nR:liblzma.so.5\na:0:0:777\nZ:Q1abc=\nR:liblzma.so.5.6.1\n\n";

Package Xz() {
  return {.name = "xz-libs",
          .version = "5.6.1-r3",
          .architecture = "x86_64",
          .source = "xz",
          .source_version = "5.6.1-r3"};
}

std::vector<layer::Entry> Files(const Findings& found) {
  std::vector<layer::Entry> files;
  if (found.ownership.size() != 1) return files;
  EXPECT_TRUE(found.ownership[0].files.ForEach([&files](const layer::Entry& entry) {
    files.push_back(entry);
    return true;
  }));
  return files;
}

TEST(ApkInstalledTest, ReadsPackagesAndTheirFiles) {
  const Findings found =
      Read(kXz + "P:musl\nV:1.2.5-r0\nF:lib\nR:ld-musl-x86_64.so.1\nF:\nR:at_root\n");
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_EQ(found.databases[0].kind, DatabaseKind::kApk);
  EXPECT_EQ(found.databases[0].path, kPath);
  EXPECT_THAT(found.databases[0].packages,
              ElementsAre(Xz(), Package{.name = "musl",
                                        .version = "1.2.5-r0",
                                        .architecture = "",
                                        .source = "musl",
                                        .source_version = "1.2.5-r0"}));
  using layer::EntryType;
  EXPECT_THAT(Files(found),
              ElementsAre(layer::Entry{EntryType::kFile, "usr/lib/liblzma.so.5", "xz-libs"},
                          layer::Entry{EntryType::kFile, "usr/lib/liblzma.so.5.6.1", "xz-libs"},
                          layer::Entry{EntryType::kFile, "lib/ld-musl-x86_64.so.1", "musl"},
                          layer::Entry{EntryType::kFile, "at_root", "musl"}));
  EXPECT_EQ(found.ownership[0].source, kPath);
  EXPECT_THAT(found.incomplete, IsEmpty());
}

TEST(ApkInstalledTest, SkipsLongLinesOfUnusedLetters) {
  const Findings found =
      Read("P:xz-libs\nV:5.6.1-r3\nA:x86_64\no:xz\np:" + std::string(200'000, 'x') + "\n");
  EXPECT_THAT(found.databases[0].packages, ElementsAre(Xz()));
  EXPECT_THAT(found.incomplete, IsEmpty());
}

TEST(ApkInstalledTest, AnEmptyFileIsADatabaseWithoutPackages) {
  const Findings found = Read("");
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_THAT(found.databases[0].packages, IsEmpty());
  EXPECT_THAT(found.incomplete, IsEmpty());
}

struct RejectCase {
  const char* name;
  std::string text;
  const char* what;
};
class ApkInstalledRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ApkInstalledRejects, AndKeepsTheGoodPart) {
  const Findings found = Read(GetParam().text + "\n\n" + kXz);
  ASSERT_THAT(found.incomplete, SizeIs(1));
  EXPECT_EQ(found.incomplete[0].path, kPath);
  EXPECT_THAT(found.incomplete[0].what, HasSubstr(GetParam().what));
  EXPECT_EQ(found.databases[0].packages.back(), Xz());
}

const RejectCase kRejected[] = {
    {"NoColon", "P:a\nV:1\ngarbage", "line 3: want a letter and a colon"},
    {"OneLetter", "P:a\nV:1\nX", "want a letter and a colon"},
    {"NoName", "V:1\nA:x86_64", "package without name"},
    {"NoVersion", "P:a\nA:x86_64", "package without version"},
    {"TwoNames", "P:a\nP:b\nV:1", "second P"},
    {"TwoVersions", "P:a\nV:5.4\nV:5.6.1-r0", "second V"},
    {"FileBeforeName", "F:usr\nR:x\nP:a\nV:1", "a file before its package's name"},
    {"LongName", "P:a\nV:1\no:" + std::string(65536, 'x'), "longer than 64 KiB"},
};
INSTANTIATE_TEST_SUITE_P(Rejected, ApkInstalledRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ApkInstalledTest, PackagesAreBounded) {
  std::string text;
  for (std::size_t i = 0; i < kMaxPackages; ++i) text += "P:a\nV:1\n\n";
  EXPECT_THAT(Read(text).incomplete, IsEmpty());
  EXPECT_THAT(Read(text + "P:b\nV:1\n").incomplete, SizeIs(1));
}

}  // namespace
}  // namespace xzgate::facts
