// The cases that a test suite must separate (xz.md 7.3), as far as dpkg, apk and ELF reach.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/rules/image_builder.h"

namespace xzgate::rules {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

const std::string kLib560 = std::string(kDebianLib) + "liblzma.so.5.6.0";
const std::string kLib561 = std::string(kDebianLib) + "liblzma.so.5.6.1";
const std::string kLib545 = std::string(kDebianLib) + "liblzma.so.5.4.5";

GivenLayer InfectedSid() {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.0-0.2")
      .From("xz-utils", "5.6.0-0.2")
      .Dpkg("xz-utils", "5.6.0-0.2")
      .DpkgOwns("liblzma5:amd64", "/usr/lib/x86_64-linux-gnu/liblzma.so.5.6.0")
      .Infected(kLib560, k560);
  return layer;
}

GivenLayer FixedNoble() {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1+really5.4.5-1ubuntu0.2")
      .From("xz-utils", "5.6.1+really5.4.5-1ubuntu0.2")
      .DpkgOwns("liblzma5:amd64", kLib545)
      .Liblzma(kLib545, k545);
  return layer;
}

TEST(CaseTable, DebianSidAmd64Infected) {
  const auto report = GivenImage().With(InfectedSid()).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(Ids(report), "E1 E6 E7 E9");
  EXPECT_EQ(report.evidence[0].summary, "payload signature in " + kLib560);
  EXPECT_EQ(report.evidence[1].summary, "liblzma5 5.6.0-0.2 (dpkg)");
  EXPECT_EQ(report.evidence[0].layer, 1u);
  EXPECT_EQ(report.fix, "rebuild on a base with liblzma5 5.6.1+really5.4.5-1 or newer");
}

TEST(CaseTable, DebianSidArm64OfTheSameIndex) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.0-0.2", "arm64")
      .DpkgOwns("liblzma5", "/usr/lib/aarch64-linux-gnu/liblzma.so.5.6.0")
      .Liblzma("usr/lib/aarch64-linux-gnu/liblzma.so.5.6.0", k560, kArm);
  const auto report = GivenImage().On("arm64").With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_THAT(report.detail, HasSubstr("no payload is expected in this build: the payload is only "
                                       "in the library's builds for amd64"));
}

TEST(CaseTable, Ubuntu2404) {
  const auto report = GivenImage().With(FixedNoble()).Judge();
  EXPECT_EQ(report.verdict, Verdict::kFixedByDistro);
  EXPECT_EQ(Ids(report), "E8 E10");
  EXPECT_THAT(report.detail, HasSubstr("really an older release"));
  EXPECT_EQ(report.fix, "");
}

TEST(CaseTable, DebianBookworm) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.4.1-0.2")
      .Liblzma(std::string(kDebianLib) + "liblzma.so.5.4.1", 50040012);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, DebianTrixieOfToday) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.8.1-1").Liblzma(std::string(kDebianLib) + "liblzma.so.5.8.1", 50080012);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, ImageWithoutXz) {
  GivenLayer layer;
  layer.Apk("musl", "1.2.5-r0").Elf("bin/busybox").Elf("lib/ld-musl-x86_64.so.1");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_EQ(report.evidence.size(), 0u);
}

TEST(CaseTable, Alpine320) {
  GivenLayer layer;
  layer.Os("alpine")
      .Apk("xz-libs", "5.6.1-r3")
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kFixedByDistro);
  EXPECT_THAT(report.detail, HasSubstr("rebuilt from clean sources"));
}

TEST(CaseTable, AlpineEdgeR1) {
  GivenLayer layer;
  layer.Os("alpine")
      .Apk("xz-libs", "5.6.1-r1")
      .ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1")
      .Liblzma("usr/lib/liblzma.so.5.6.1", k561);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_EQ(report.fix, "rebuild on a base with xz-libs 5.6.1-r2 or newer");
}

TEST(CaseTable, Alpine318) {
  GivenLayer layer;
  layer.Os("alpine").Apk("xz-libs", "5.4.3-r1").Liblzma("usr/lib/liblzma.so.5.4.3", 50040032);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, WolfiNeverCountsAsRebuilt) {
  GivenLayer layer;
  layer.Os("wolfi").Apk("xz-libs", "5.6.1-r3");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(CaseTable, DpkgDeinstalledWithoutFile) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1-1").NotInstalled();
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, BinNmuOfABadSource) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1-1+b1").From("xz-utils", "5.6.1-1");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffected);
}

TEST(CaseTable, BadVersionOfTheSourceOnly) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "7:1.0-1").From("xz-utils", "5.6.0-0.2");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffected);
}

// The research image: a patched copy outside the package database, named otherwise, preloaded.
TEST(CaseTable, InfectedCopyWithACleanDatabase) {
  GivenLayer copy;
  copy.Infected("root/liblzma.so.5.6.0.patch", k560);
  const auto report = GivenImage()
                          .With(FixedNoble())
                          .With(copy)
                          .Env("LD_PRELOAD=/root/liblzma.so.5.6.0.patch")
                          .Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.evidence[0].layer, 2u);
  EXPECT_THAT(report.notes, Contains("LD_PRELOAD loads /root/liblzma.so.5.6.0.patch"));
  EXPECT_THAT(report.notes, Contains("no package owns root/liblzma.so.5.6.0.patch"));
}

TEST(CaseTable, InfectedBaseUpgradedLater) {
  GivenLayer upgrade = FixedNoble();
  upgrade.Whiteout(kLib560);
  const auto report = GivenImage().With(InfectedSid()).With(upgrade).Judge();
  EXPECT_EQ(report.verdict, Verdict::kFixedByDistro);
  EXPECT_THAT(report.evidence, Contains(Field(&Evidence::id, "E18")));
  EXPECT_TRUE(report.evidence.back().historical);
  EXPECT_EQ(report.evidence.back().layer, 1u);
}

TEST(CaseTable, LibraryWhitedOutWithTheOldDatabase) {
  GivenLayer removal;
  removal.Whiteout(kLib560);
  const auto report = GivenImage().With(InfectedSid()).With(removal).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_THAT(report.detail, HasSubstr("its library was not found"));
}

TEST(CaseTable, DirectoryMadeOpaqueWithTheOldDatabase) {
  GivenLayer removal;
  removal.Opaque("usr/lib/x86_64-linux-gnu");
  EXPECT_EQ(GivenImage().With(InfectedSid()).With(removal).Judge().verdict, Verdict::kAffected);
}

TEST(CaseTable, DatabaseRemovedLibraryKept) {
  GivenLayer removal;
  removal.Whiteout("var/lib/dpkg");
  const auto report = GivenImage().With(InfectedSid()).With(removal).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(Ids(report), "E1 E9");
}

TEST(CaseTable, DatabaseAndLibraryRemoved) {
  GivenLayer removal;
  removal.Whiteout("var/lib/dpkg").Whiteout(kLib560);
  const auto report = GivenImage().With(InfectedSid()).With(removal).Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_EQ(Ids(report), "E18");
}

// A rule file, a write-up, another scanner's binary: the bytes are no code in an ELF segment, so
// the extractor reports no pattern, and names are no proof.
TEST(CaseTable, OtherScannersAndWriteUps) {
  GivenLayer layer;
  layer.File("usr/share/rules/liblzma.so.5.6.1.yar").Elf("usr/bin/other-scanner");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, JavaXzAndTheLike) {
  GivenLayer layer;
  layer.Dpkg("libxz-java", "5.6.1-1", "all").File("app/lib/xz-1.9.jar").File("app/xz-5.6.1.tgz");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(CaseTable, LayerMissing) {
  const auto report =
      GivenImage().With(FixedNoble()).Unread("connection refused", Cause::kUnreachable).Judge();
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.cause, Cause::kUnreachable);
  EXPECT_EQ(report.detail, "layer 2 of 2 was not read: connection refused");
}

TEST(CaseTable, LayerTruncated) {
  GivenLayer layer = FixedNoble();
  layer.Incomplete("", "gzip stream ends early");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.cause, Cause::kUnreadable);
}

constexpr const char* kWheel =
    "opt/venv/lib/python3.12/site-packages/pillow.libs/"
    "liblzma-6cd627ed.so.5.6.1";

TEST(CaseTable, WheelInfected) {
  GivenLayer layer = FixedNoble();
  layer.Infected(kWheel);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffected);
}

TEST(CaseTable, WheelOfTheBadVersionWithoutPayload) {
  GivenLayer layer = FixedNoble();
  layer.Liblzma(kWheel, k561);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_THAT(report.detail, HasSubstr(kWheel));
}

TEST(CaseTable, StaticToolOfTheBadVersionInScratch) {
  GivenLayer layer;
  layer.Liblzma("xz", k561);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(CaseTable, DistrolessWithOneFileAPackage) {
  GivenLayer layer;
  layer.DpkgAt("var/lib/dpkg/status.d/liblzma5", "liblzma5", "5.6.1-1")
      .DpkgAt("var/lib/dpkg/status.d/libc6", "libc6", "2.37-15")
      .Infected(kLib561);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(Ids(report), "E1 E6 E9");
}

}  // namespace
}  // namespace xzgate::rules
