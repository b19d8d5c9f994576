// Which facts of which layer count in the merged view.

#include "scanner/rules/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/rules/image_builder.h"

namespace xzgate::rules {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(MergedView, AHigherDatabaseReplacesALowerOne) {
  GivenLayer low;
  low.Dpkg("liblzma5", "5.6.1-1");
  GivenLayer high;
  high.Dpkg("liblzma5", "5.8.1-1");
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kClean);
}

TEST(MergedView, AWhiteoutRemovesADatabase) {
  GivenLayer low;
  low.Dpkg("liblzma5", "5.6.1-1");
  GivenLayer high;
  high.Whiteout(std::string(kStatus));
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kClean);
}

// Whiteouts act on lower layers only.
TEST(MergedView, AWhiteoutInTheSameLayerHidesNothing) {
  GivenLayer layer;
  layer.Infected("opt/a.so").Whiteout("opt/a.so").Opaque("opt");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffected);
}

TEST(MergedView, DistrolessFilesReplaceOneAnotherByName) {
  GivenLayer low;
  low.DpkgAt("var/lib/dpkg/status.d/liblzma5", "liblzma5", "5.6.1-1");
  GivenLayer other;
  other.DpkgAt("var/lib/dpkg/status.d/zlib1g", "zlib1g", "1.3");
  EXPECT_EQ(GivenImage().With(low).With(other).Judge().verdict, Verdict::kAffected);
  GivenLayer same;
  same.DpkgAt("var/lib/dpkg/status.d/liblzma5", "liblzma5", "5.8.1-1");
  GivenLayer low_again;
  low_again.DpkgAt("var/lib/dpkg/status.d/liblzma5", "liblzma5", "5.6.1-1");
  EXPECT_EQ(GivenImage().With(low_again).With(same).Judge().verdict, Verdict::kClean);
}

TEST(MergedView, AHardLinkKeepsARemovedFileVisible) {
  GivenLayer low;
  low.Infected("usr/lib/a.so").HardLink("opt/b.so", "usr/lib/a.so");
  GivenLayer high;
  high.Whiteout("usr/lib/a.so");
  const auto report = GivenImage().With(low).With(high).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.evidence[0].path, "opt/b.so");
}

TEST(MergedView, AReplacedFileIsHistorical) {
  GivenLayer low;
  low.Infected("usr/lib/a.so");
  GivenLayer high;
  high.Liblzma("usr/lib/a.so", k562);
  const auto report = GivenImage().With(low).With(high).Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_EQ(Ids(report), "E10 E18");
  EXPECT_TRUE(report.evidence[1].historical);
  EXPECT_EQ(report.evidence[1].summary, "payload signature in usr/lib/a.so");
}

// A static library: its path is what is visible, owned and replaced; the member is only told.
TEST(MergedView, AMemberOfAnArchiveIsVisibleWhereTheArchiveIs) {
  GivenLayer low;
  low.Infected("usr/lib/liblzma.a").Member("crc64.o");
  const auto report = GivenImage().With(low).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.evidence[0].summary, "payload signature in usr/lib/liblzma.a(crc64.o)");
  EXPECT_EQ(report.evidence[0].path, "usr/lib/liblzma.a");
  EXPECT_THAT(report.detail, ::testing::HasSubstr("usr/lib/liblzma.a(crc64.o)"));
  GivenLayer low_again;
  low_again.Infected("usr/lib/liblzma.a").Member("crc64.o");
  GivenLayer high;
  high.Whiteout("usr/lib/liblzma.a");
  const auto removed = GivenImage().With(low_again).With(high).Judge();
  EXPECT_EQ(removed.verdict, Verdict::kClean);
  EXPECT_EQ(removed.evidence[0].summary, "payload signature in usr/lib/liblzma.a(crc64.o)");
}

TEST(MergedView, OwnershipIsFoundThroughMergedUsr) {
  GivenLayer layer;
  layer.Symlink("lib", "usr/lib")
      .Directory("usr/lib")
      .Apk("xz-libs", "5.6.1-r3")
      .Os("alpine")
      .ApkOwns("xz-libs", "lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kFixedByDistro);
}

// overlayfs does not follow a lower layer's symlink: the new file gets a directory of its own, and
// the old one stays where it was.
TEST(MergedView, AnUpgradeThroughALinkedParentLeavesTheFile) {
  GivenLayer low;
  low.Directory("usr/lib").Symlink("lib", "usr/lib").Infected("usr/lib/liblzma.so.5.6.1");
  GivenLayer high;
  high.Liblzma("lib/liblzma.so.5.6.1", k562);
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kAffected);
}

TEST(Ownership, AHiddenListOwnsNothing) {
  GivenLayer low;
  low.Apk("xz-libs", "5.6.1-r3")
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561);
  GivenLayer high;
  high.Apk("xz-libs", "5.6.1-r3");  // the database is there again, without its files
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Ownership, APackageThatIsNotInstalledOwnsNothing) {
  GivenLayer layer;
  layer.Apk("xz-libs", "5.6.1-r3")
      .NotInstalled()
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Ownership, AnOrphanIsNotedThoughAnUninstalledPackageListsIt) {
  GivenLayer layer;
  layer.Apk("musl", "1.2.5-r0")
      .Apk("xz-libs", "5.8.1-r0")
      .NotInstalled()
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.8.1")
      .Liblzma("usr/lib/liblzma.so.5.8.1", 50080012);
  EXPECT_THAT(GivenImage().With(layer).Judge().notes,
              Contains("no package owns usr/lib/liblzma.so.5.8.1"));
}

TEST(Ownership, ARebuiltPackageExplainsOnlyItsOwnFiles) {
  GivenLayer layer;
  layer.Apk("xz-libs", "5.6.1-r3")
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561)
      .Liblzma("opt/liblzma.so.5.6.1", k561);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Incomplete, OnAHiddenFileDoesNotCount) {
  GivenLayer low;
  low.Elf("opt/big").Incomplete("opt/big", "limit");
  GivenLayer high;
  high.Whiteout("opt/big");
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kClean);
}

TEST(Incomplete, OnAVisibleFileCounts) {
  GivenLayer low;
  low.Elf("opt/big").Incomplete("opt/big", "limit");
  EXPECT_EQ(GivenImage().With(low).Judge().verdict, Verdict::kUnknown);
}

// A name that the log does not have (refused as too long, say) must not pass for hidden.
TEST(Incomplete, OnAFileThatTheLogDoesNotNameCounts) {
  GivenLayer low;
  low.Incomplete("no/such/entry", "name longer than 4096 bytes");
  GivenLayer high;
  high.Whiteout("no");
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kUnknown);
}

TEST(Incomplete, OfALayerCountsWhateverLiesAbove) {
  GivenLayer low;
  low.Incomplete("", "truncated");
  GivenLayer high;
  high.Opaque("");
  EXPECT_EQ(GivenImage().With(low).With(high).Judge().verdict, Verdict::kUnknown);
}

TEST(Environment, ADirectoryWithACopyIsANote) {
  GivenLayer layer;
  layer.Liblzma("opt/lib/liblzma.so.5.4.5", k545);
  const auto report =
      GivenImage().With(layer).Env("LD_LIBRARY_PATH=/usr/local/lib:/opt/lib").Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_THAT(report.notes, Contains("LD_LIBRARY_PATH names /opt/lib, which holds the library"));
}

TEST(Environment, OtherPreloadsAreNoNote) {
  GivenLayer layer;
  layer.Elf("usr/lib/libjemalloc.so.2");
  const auto report =
      GivenImage().With(layer).Env("LD_PRELOAD=/usr/lib/libjemalloc.so.2").Env("PATH=/bin").Judge();
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(Evidence, ForeignTextIsEscaped) {
  GivenLayer layer;
  layer.Infected("opt/\x1b[2J\"x.so");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_THAT(report.detail, Not(HasSubstr("\x1b")));
  EXPECT_EQ(report.evidence[0].path, "opt/\\x1b[2J\\x22x.so");
}

// What a reader says of a file was escaped when it was said.
TEST(Evidence, MessagesOfReadersAreNotEscapedTwice) {
  GivenLayer layer;
  layer.Elf("opt/big").Incomplete("opt/big", "want a field, found \"\\x1b[2J\"");
  layer.Note("opt/x", "found \"y\"");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_THAT(report.detail, HasSubstr(": want a field, found \"\\x1b[2J\""));
  EXPECT_THAT(report.notes, Contains("layer 1: found \"y\": opt/x"));
}

// A policy that lets a finding in must still see that something was not read.
TEST(Evidence, WhatIsUnreadIsToldThoughItsLineIsCut) {
  GivenLayer layer;
  for (int i = 0; i < 101; ++i) layer.Infected("opt/" + std::to_string(i) + ".so");
  GivenLayer unread;
  unread.Elf("opt/big").Incomplete("opt/big", "cut");
  const auto report = GivenImage().With(layer).With(unread).Judge();
  EXPECT_TRUE(report.has_unread);
  for (const Evidence& line : report.evidence) EXPECT_NE(line.id, "E17");
}

TEST(Evidence, NothingIsUnreadWhereAllWasRead) {
  GivenLayer layer;
  layer.Infected("opt/a.so");
  EXPECT_FALSE(GivenImage().With(layer).Judge().has_unread);
}

TEST(Evidence, IsBounded) {
  GivenLayer layer;
  for (int i = 0; i < 150; ++i) layer.Infected("opt/" + std::to_string(i) + ".so");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.evidence.size(), 100u);
  EXPECT_THAT(report.notes, Contains("200 more lines of evidence left out"));
}

}  // namespace
}  // namespace xzgate::rules
