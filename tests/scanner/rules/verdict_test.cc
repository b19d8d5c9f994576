// The order of xz.md 7.2, rule by rule: each rule with the one below it also matching.

#include "scanner/rules/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/rules/image_builder.h"

namespace xzgate::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kLib561 = std::string(kDebianLib) + "liblzma.so.5.6.1";
const std::string kLib545 = std::string(kDebianLib) + "liblzma.so.5.4.5";

GivenLayer BadPackage() {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1-1").DpkgOwns("liblzma5:amd64", kLib561);
  return layer;
}

oci::Digest KnownLayer() {
  return *oci::Digest::Parse("sha256:" + RulePack::BuiltIn().known_layers.front().sha256);
}

TEST(Rule1, AKnownFileIsAffected) {
  GivenLayer layer;
  layer.Elf("opt/x.so").Sha256(RulePack::BuiltIn().known_files.front().sha256);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(Ids(report), "E2");
  EXPECT_THAT(report.evidence[0].summary, HasSubstr("liblzma.so.5.6.0 of Debian"));
}

TEST(Rule1, APayloadIsAffectedEvenInAnUnreadableImage) {
  GivenLayer layer;
  layer.Infected("opt/a.so").Incomplete("", "damaged");
  const auto report = GivenImage().With(layer).Unread("gone").Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.cause, Cause::kNone);
}

TEST(Rule1, AKnownManifestIsAffectedBeforeAnyLayerIsRead) {
  const auto report = GivenImage()
                          .Manifest("sha256:" + RulePack::BuiltIn().known_manifests.front().sha256)
                          .Unread("not read yet", Cause::kPending)
                          .Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.evidence[0].kind, "known_bad_manifest");
}

TEST(Rule1, AKnownLayerIsAffectedBeforeItIsRead) {
  const auto report =
      GivenImage().Unread("not read yet", Cause::kPending, KnownLayer().ToString()).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.evidence[0].kind, "known_bad_layer");
}

TEST(Rule1, AKnownLayerUnreadUnderAFixedDatabaseIsUnknown) {
  GivenLayer upgrade;
  upgrade.Dpkg("liblzma5", "5.6.1+really5.4.5-1");
  const auto report = GivenImage()
                          .Unread("not read yet", Cause::kPending, KnownLayer().ToString())
                          .With(upgrade)
                          .Judge();
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.cause, Cause::kPending);
}

TEST(Rule2, AnActivePackageWithoutItsFileIsAffected) {
  const auto report = GivenImage().With(BadPackage()).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.detail,
            "the package database says liblzma5 5.6.1-1 (dpkg), and its library was not found");
}

TEST(Rule2, AnActivePackageWithAnUnreadableFileIsAffected) {
  const auto report =
      GivenImage()
          .With(BadPackage().Liblzma(kLib561, k561).Incomplete(kLib561, "symbols beyond 16 MiB"))
          .Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_THAT(report.detail, HasSubstr("could not be read to the end"));
}

// Another copy elsewhere is not the package's library.
TEST(Rule2, ACopyElsewhereDoesNotSpeakForThePackage) {
  const auto report =
      GivenImage().With(BadPackage().Liblzma("opt/conda/lib/liblzma.so.5.4.5", k545)).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffected);
}

TEST(Rule2, WithoutListsTheUsualPlaceCounts) {
  GivenLayer elsewhere;
  elsewhere.Dpkg("liblzma5", "5.6.1-1").Liblzma("opt/lib/liblzma.so.5.6.1", k561);
  EXPECT_EQ(GivenImage().With(elsewhere).Judge().verdict, Verdict::kAffected);
  GivenLayer in_place;
  in_place.Dpkg("liblzma5", "5.6.1-1").Liblzma(kLib561, k561);
  EXPECT_EQ(GivenImage().With(in_place).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Rule3, ADatabaseThatDisagreesWithItsFileIsSuspicious) {
  const auto report = GivenImage().With(BadPackage().Liblzma(kLib561, k545)).Judge();
  EXPECT_EQ(report.verdict, Verdict::kSuspicious);
  EXPECT_EQ(report.detail,
            "the package database says liblzma5 5.6.1-1 (dpkg), but " + kLib561 + " is 5.4.5");
}

TEST(Rule3, AFindingBehindTheEndIsSuspicious) {
  GivenLayer layer;
  layer.Infected("usr/lib/liblzma.so.5.6.1").BehindTheEnd();
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kSuspicious);
  EXPECT_THAT(report.evidence[0].summary, HasSubstr("behind the end"));
}

TEST(Rule3, ABadReleaseBehindTheEndIsSuspicious) {
  GivenLayer layer;
  layer.Liblzma("usr/lib/liblzma.so.5.6.1", k561).BehindTheEnd();
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kSuspicious);
}

TEST(Rule3, AGoodFileBehindTheEndIsNothing) {
  GivenLayer layer;
  layer.Liblzma("usr/lib/liblzma.so.5.4.5", k545).BehindTheEnd();
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(Rule3, AKnownLayerWithoutItsPayloadIsSuspicious) {
  GivenLayer layer(KnownLayer());
  layer.Liblzma(kLib545, k545);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kSuspicious);
}

TEST(Rule3, AnUnownedIfuncReleaseThatWasNotReadToTheEndIsSuspicious) {
  GivenLayer layer;
  layer.Liblzma("opt/liblzma.so.5.6.1", k561).Incomplete("opt/liblzma.so.5.6.1", "limit");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kSuspicious);
}

TEST(Rule3, TheAdvisoryRangeWithoutTheFileIsSuspicious) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.5.1alpha-0.1");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kSuspicious);
}

TEST(Rule3, ANameOnAFileThatCouldNotBeReadIsSuspicious) {
  GivenLayer layer;
  layer.File("opt/liblzma.so.5.6.1").Incomplete("opt/liblzma.so.5.6.1", "sparse map");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kSuspicious);
  EXPECT_EQ(Ids(report), "E11 E17");
}

TEST(Rule3, ANameWithoutAReadableVersionIsSuspicious) {
  GivenLayer layer;
  layer.Elf("opt/liblzma.so.5.6.1");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kSuspicious);
}

TEST(Rule3, ANameThatItsVersionExplainsIsNothing) {
  GivenLayer layer;
  layer.Liblzma("opt/liblzma.so.5.6.1", k545);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kClean);
}

TEST(Rule4, AnActivePackageWithACleanFileIsAVersionFact) {
  const auto report = GivenImage().With(BadPackage().Liblzma(kLib561, k561)).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_THAT(report.detail, HasSubstr("its library was read and holds no payload"));
}

TEST(Rule4, ToolsAloneAreAVersionFact) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.4.1-0.2").Dpkg("xz-utils", "5.6.1-1");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_THAT(report.detail, HasSubstr("the package does not carry the library"));
}

TEST(Rule4, TheAdvisoryRangeWithItsFileReadIsAVersionFact) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.5.1alpha-0.1")
      .Liblzma(std::string(kDebianLib) + "liblzma.so.5.5.1", 50050010);
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kAffectedVersion);
  EXPECT_THAT(report.detail, HasSubstr("no payload is known"));
}

TEST(Rule4, TheAdvisoryRangeOnArmIsAVersionFact) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.5.1alpha-0.1", "arm64");
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

// "Really older" explains no file of the bad version.
TEST(Rule4, AFileThatContradictsTheFixedPackageIsAVersionFact) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1+really5.4.5-1")
      .DpkgOwns("liblzma5", kLib545)
      .Liblzma(kLib545, k561);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Rule4, ANameForAnotherMachineIsAVersionFact) {
  GivenLayer layer;
  layer.Elf("opt/liblzma.so.5.6.1").Machine(kArm);
  EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Rule4, AVersionFactBeatsAnUnreadLayer) {
  GivenLayer layer;
  layer.Apk("xz-libs", "5.6.1-r1");
  EXPECT_EQ(GivenImage().With(layer).Unread("gone").Judge().verdict, Verdict::kAffectedVersion);
}

TEST(Rule5, AnythingUnreadIsUnknownEvenWhenFixed) {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1+really5.4.5-1").Incomplete(std::string(kStatus), "line too long");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.cause, Cause::kUnreadable);
  EXPECT_EQ(report.detail,
            "var/lib/dpkg/status in layer 1 of 1 was not read to the end: line too long");
  EXPECT_EQ(Ids(report), "E17 E8");
}

TEST(Rule5, TheCauseComesFromTheUnreadLayer) {
  GivenLayer layer;
  layer.Incomplete("", "damaged");
  const auto report = GivenImage().With(layer).Unread("queued", Cause::kPending).Judge();
  EXPECT_EQ(report.cause, Cause::kPending);
}

TEST(Rule7, NoLayersIsCleanWithANote) {
  const auto report = GivenImage().Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_THAT(report.notes, ::testing::ElementsAre("the image has no layers"));
}

TEST(Rule7, NotesChangeNothing) {
  GivenLayer layer;
  layer.Note("", "media type says gzip, bytes say zstd").Note("a\nb", "odd");
  const auto report = GivenImage().With(layer).Judge();
  EXPECT_EQ(report.verdict, Verdict::kClean);
  EXPECT_THAT(report.evidence, IsEmpty());
  EXPECT_THAT(report.notes, ::testing::ElementsAre("layer 1: media type says gzip, bytes say zstd",
                                                   "layer 1: odd: a\\x0ab"));
}

}  // namespace
}  // namespace xzgate::rules
