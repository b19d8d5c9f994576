#include "scanner/facts/dpkg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/extract.h"

namespace xzgate::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPath[] = "var/lib/dpkg/status";

Findings Read(const std::string& text) {
  DpkgStatus status(kPath);
  return Extract(status, text);
}

Package Liblzma(std::string version) {
  return {.name = "liblzma5",
          .version = version,
          .architecture = "amd64",
          .source = "xz-utils",
          .source_version = version,
          .installed = true};
}

TEST(DpkgStatusTest, ReadsStanzas) {
  const Findings found = Read(
      "Package: liblzma5\n"
      "Status: install ok installed\n"
      "Priority: required\n"
      "Architecture: amd64\n"
      "Source: xz-utils\n"
      "Version: 5.6.1-1\n"
      "Description: library\n"
      " Version: 1.0 stands in a continuation\n"
      " .\n"
      "\n"
      "\n"
      "Package: base-files\n"
      "Status: install ok installed\n"
      "Version: 12\n");
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_EQ(found.databases[0].kind, DatabaseKind::kDpkg);
  EXPECT_EQ(found.databases[0].path, kPath);
  EXPECT_THAT(found.databases[0].packages,
              ElementsAre(Liblzma("5.6.1-1"), Package{.name = "base-files",
                                                      .version = "12",
                                                      .architecture = "",
                                                      .source = "base-files",
                                                      .source_version = "12"}));
  EXPECT_THAT(found.incomplete, IsEmpty());
}

struct AcceptCase {
  const char* name;
  std::string text;
  Package want;
};
class DpkgStatusAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(DpkgStatusAccepts, OnePackage) {
  const Findings found = Read(GetParam().text);
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_THAT(found.databases[0].packages, ElementsAre(GetParam().want));
  EXPECT_THAT(found.incomplete, IsEmpty());
}

const std::string kHead = "Package: liblzma5\nArchitecture: amd64\nSource: xz-utils\n";

Package NotInstalled() {
  Package package = Liblzma("5.6.1-1");
  package.installed = false;
  return package;
}
Package OtherSourceVersion() {
  Package package = Liblzma("5.6.0-0.2+b1");
  package.source_version = "5.6.0-0.2";
  return package;
}

const AcceptCase kAccepted[] = {
    {"NoNewlineAtEnd", kHead + "Version: 5.6.1-1", Liblzma("5.6.1-1")},
    {"NoStatusAsInStatusD", kHead + "Version: 5.6.1-1\n", Liblzma("5.6.1-1")},
    {"FieldNamesInAnyCase",
     "PACKAGE: liblzma5\narchitecture: amd64\nsOURCE: xz-utils\nvErSiOn: 5.6.1-1\n",
     Liblzma("5.6.1-1")},
    {"BlanksAroundValues",
     "Package:liblzma5\nArchitecture:\tamd64 \nSource :  xz-utils\t\nVersion:  5.6.1-1 \n",
     Liblzma("5.6.1-1")},
    {"CarriageReturns",
     "Package: liblzma5\r\nArchitecture: amd64\r\nSource: xz-utils\r\nVersion: 5.6.1-1\r\n\r\n",
     Liblzma("5.6.1-1")},
    {"SourceWithVersion",
     "Package: liblzma5\nArchitecture: amd64\nSource: xz-utils (5.6.0-0.2)\nVersion: "
     "5.6.0-0.2+b1\n",
     OtherSourceVersion()},
    {"Removed", kHead + "Version: 5.6.1-1\nStatus: deinstall ok config-files\n", NotInstalled()},
    {"Unpacked", kHead + "Version: 5.6.1-1\nStatus: install ok unpacked\n", Liblzma("5.6.1-1")},
    {"Held", kHead + "Version: 5.6.1-1\nStatus: hold ok installed\n", Liblzma("5.6.1-1")},
    {"HalfInstalled", kHead + "Version: 5.6.1-1\nStatus: install reinstreq half-installed\n",
     Liblzma("5.6.1-1")},
    {"LongLineOfAnUnusedField",
     kHead + "Provides: " + std::string(200'000, 'x') + "\nVersion: 5.6.1-1\n", Liblzma("5.6.1-1")},
    {"LongContinuation",
     kHead + "Description: x\n " + std::string(200'000, 'x') + "\nVersion: 5.6.1-1\n",
     Liblzma("5.6.1-1")},
    {"NeverInstalledBesides",
     "Package: other\nStatus: purge ok not-installed\n\n" + kHead + "Version: 5.6.1-1\n",
     Liblzma("5.6.1-1")},
};
INSTANTIATE_TEST_SUITE_P(Accepted, DpkgStatusAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return std::string(param.param.name); });

struct RejectCase {
  const char* name;
  std::string text;
  const char* what;
};
class DpkgStatusRejects : public ::testing::TestWithParam<RejectCase> {};

// What is wrong is told, and the good package behind it still read.
TEST_P(DpkgStatusRejects, AndKeepsTheGoodPart) {
  const Findings found = Read(GetParam().text + "\n\n" + kHead + "Version: 5.6.1-1\n");
  ASSERT_FALSE(found.incomplete.empty());
  EXPECT_EQ(found.incomplete[0].path, kPath);
  EXPECT_THAT(found.incomplete[0].what, HasSubstr(GetParam().what));
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_EQ(found.databases[0].packages.back(), Liblzma("5.6.1-1"));
}

const RejectCase kRejected[] = {
    {"NoField", "Package: a\nVersion: 1\ngarbage", "line 3: want a field"},
    {"NoFieldName", "Package: a\nVersion: 1\n: x", "want a field"},
    {"BinaryGarbage", std::string("\x7F\x80\0\1", 4), "want a field"},
    {"ContinuesNothing", " text", "line 1: continues nothing"},
    {"NoPackage", "Version: 1\nStatus: install ok installed", "stanza without Package"},
    {"EmptyPackage", "Package:\nVersion: 1", "stanza without Package"},
    {"NoVersion", "Package: a\nStatus: install ok installed", "package \"a\" without Version"},
    {"TwoVersions", "Package: a\nVersion: 5.4\nversion: 5.6.1", "second Version"},
    {"TwoPackages", "Package: a\nPackage: b\nVersion: 1", "second Package"},
    {"OddStatus", "Package: a\nVersion: 1\nStatus: installed", "want three words"},
    {"LongVersion", "Package: a\nVersion: 1\nSource: " + std::string(65536, 'x'),
     "Source longer than 64 KiB"},
    {"LongNoField", std::string(70'000, 'x'), "longer than 64 KiB"},
};
INSTANTIATE_TEST_SUITE_P(Rejected, DpkgStatusRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(DpkgStatusTest, ALineMayHave64KiB) {
  const std::string field = "Source: ";
  const std::string fits(kMaxDatabaseLine - field.size(), 'x');
  EXPECT_THAT(Read("Package: a\nVersion: 1\n" + field + fits + "\n").incomplete, IsEmpty());
  EXPECT_THAT(Read("Package: a\nVersion: 1\n" + field + fits + "x\n").incomplete, SizeIs(1));
}

TEST(DpkgStatusTest, AnEmptyFileIsADatabaseWithoutPackages) {
  const Findings found = Read("");
  ASSERT_THAT(found.databases, SizeIs(1));
  EXPECT_THAT(found.databases[0].packages, IsEmpty());
  EXPECT_THAT(found.incomplete, IsEmpty());
}

TEST(DpkgStatusTest, PackagesAreBounded) {
  std::string text;
  for (std::size_t i = 0; i < kMaxPackages; ++i) text += "Package: a\nVersion: 1\n\n";
  const Findings full = Read(text);
  EXPECT_THAT(full.databases[0].packages, SizeIs(kMaxPackages));
  EXPECT_THAT(full.incomplete, IsEmpty());
  const Findings over = Read(text + "Package: b\nVersion: 1\n");
  EXPECT_THAT(over.databases[0].packages, SizeIs(kMaxPackages));
  EXPECT_THAT(over.incomplete, SizeIs(1));
}

TEST(DpkgStatusTest, OnlyTheFirstProblemsAreKept) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "garbage\n";
  EXPECT_THAT(Read(text).incomplete, SizeIs(Problems::kMaxKept));
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

layer::Entry Owned(std::string path) {
  return {layer::EntryType::kFile, std::move(path), "liblzma5"};
}

TEST(DpkgFileListTest, ReadsPaths) {
  DpkgFileList list("var/lib/dpkg/info/liblzma5:amd64.list", DpkgFileList::Form::kPaths);
  const Findings found =
      Extract(list, "/.\n/usr\n/usr/lib/x86_64-linux-gnu/liblzma.so.5\n/lib/../usr/a b\n");
  EXPECT_EQ(found.ownership[0].kind, DatabaseKind::kDpkg);
  EXPECT_EQ(found.ownership[0].source, "var/lib/dpkg/info/liblzma5:amd64.list");
  EXPECT_THAT(
      Files(found),
      ElementsAre(Owned("usr"), Owned("usr/lib/x86_64-linux-gnu/liblzma.so.5"), Owned("usr/a b")));
  EXPECT_THAT(found.incomplete, IsEmpty());
}

TEST(DpkgFileListTest, ReadsDigestsAndPaths) {
  DpkgFileList list("var/lib/dpkg/status.d/liblzma5.md5sums", DpkgFileList::Form::kDigestsAndPaths);
  const Findings found = Extract(list,
                                 "4f0cf1d2a2d44b75079b3ea5ed28fe54  usr/lib/liblzma.so.5.6.0\n"
                                 "53d82bb511b71a5d4794cf2d8a2072c1  ./usr/b\n");
  EXPECT_THAT(Files(found), ElementsAre(Owned("usr/lib/liblzma.so.5.6.0"), Owned("usr/b")));
  EXPECT_THAT(found.incomplete, IsEmpty());
}

TEST(DpkgFileListTest, TellsWhatItDoesNotUnderstand) {
  DpkgFileList relative("x/liblzma5.list", DpkgFileList::Form::kPaths);
  const Findings one = Extract(relative, "/a\nb\n/c\n");
  EXPECT_THAT(Files(one), ElementsAre(Owned("a"), Owned("c")));
  EXPECT_THAT(one.incomplete, SizeIs(1));
  DpkgFileList no_digest("x/liblzma5.md5sums", DpkgFileList::Form::kDigestsAndPaths);
  EXPECT_THAT(Extract(no_digest, "usr/lib/liblzma.so.5.6.0\n").incomplete, SizeIs(1));
  DpkgFileList long_line("x/liblzma5.list", DpkgFileList::Form::kPaths);
  EXPECT_THAT(Extract(long_line, "/" + std::string(5000, 'x') + "\n").incomplete, SizeIs(1));
}

TEST(PackageOfListTest, TakesArchitectureAndSuffixOff) {
  EXPECT_EQ(PackageOfList("var/lib/dpkg/info/liblzma5:amd64.list"), "liblzma5");
  EXPECT_EQ(PackageOfList("var/lib/dpkg/info/bash.list"), "bash");
  EXPECT_EQ(PackageOfList("var/lib/dpkg/status.d/libstdc++6.md5sums"), "libstdc++6");
}

}  // namespace
}  // namespace xzgate::facts
