#include "scanner/rules/version_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace xzgate::rules {

inline void PrintTo(PackageClass meaning, std::ostream* out) {
  static constexpr const char* kNames[] = {"bad_active",  "bad_version",   "advisory",
                                           "fixed_older", "fixed_rebuild", "unrelated"};
  *out << kNames[static_cast<int>(meaning)];
}

namespace {

const PackageRule& RuleOf(facts::DatabaseKind kind) {
  for (const PackageRule& rule : RulePack::BuiltIn().packages) {
    if (rule.database == kind) return rule;
  }
  ADD_FAILURE() << "no such rule";
  static const PackageRule none;
  return none;
}

facts::Package Named(std::string name, std::string version, std::string architecture) {
  facts::Package package;
  package.source = name;
  package.source_version = version;
  package.name = std::move(name);
  package.version = std::move(version);
  package.architecture = std::move(architecture);
  return package;
}

struct VersionCase {
  std::string name;
  std::string package;
  std::string version;
  std::string architecture;
  PackageClass want;
};
std::ostream& operator<<(std::ostream& out, const VersionCase& c) {
  return out << c.name;
}

class DpkgVersion : public ::testing::TestWithParam<VersionCase> {};

TEST_P(DpkgVersion, MeansWhatTheAdvisorySays) {
  const auto& c = GetParam();
  EXPECT_EQ(
      Classify(Named(c.package, c.version, c.architecture), RuleOf(facts::DatabaseKind::kDpkg), {}),
      c.want);
}

using enum PackageClass;

// xz.md 1.1 to 1.5.
INSTANTIATE_TEST_SUITE_P(
    Bad, DpkgVersion,
    ::testing::Values(
        VersionCase{"Debian5600_1", "liblzma5", "5.6.0-0.1", "amd64", kBadActive},
        VersionCase{"Debian5600_2", "liblzma5", "5.6.0-0.2", "amd64", kBadActive},
        VersionCase{"Debian561", "liblzma5", "5.6.1-1", "amd64", kBadActive},
        VersionCase{"BinNmu", "liblzma5", "5.6.1-1+b1", "amd64", kBadActive},
        VersionCase{"UbuntuRebuild", "liblzma5", "5.6.1-1build0.1", "amd64", kBadActive},
        VersionCase{"Epoch", "liblzma5", "1:5.6.1-1", "amd64", kBadActive},
        VersionCase{"NoRevision", "liblzma5", "5.6.1", "amd64", kBadActive},
        VersionCase{"ReallyBad", "liblzma5", "5.6.2+really5.6.1-1", "amd64", kBadActive},
        VersionCase{"ReallyTwice", "liblzma5", "5.4+really5.5+really5.6.0-1", "amd64", kBadActive},
        VersionCase{"Installer", "liblzma5-udeb", "5.6.0-0.1", "amd64", kBadActive},
        VersionCase{"NoArchitecture", "liblzma5", "5.6.1-1", "", kBadActive},
        VersionCase{"Arm", "liblzma5", "5.6.1-1", "arm64", kBadVersion},
        VersionCase{"I386", "liblzma5", "5.6.1-1", "i386", kBadVersion},
        VersionCase{"Hurd", "liblzma5", "5.6.1-1", "hurd-amd64", kBadVersion},
        VersionCase{"Tool", "xz-utils", "5.6.1-1", "amd64", kBadVersion},
        VersionCase{"Headers", "liblzma-dev", "5.6.0-0.2", "amd64", kBadVersion},
        VersionCase{"SmallTool", "xzdec", "5.6.0-0.2", "amd64", kBadVersion}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Fixed, DpkgVersion,
    ::testing::Values(
        VersionCase{"Debian", "liblzma5", "5.6.1+really5.4.5-1", "amd64", kFixedOlder},
        VersionCase{"Noble", "liblzma5", "5.6.1+really5.4.5-1build0.1", "amd64", kFixedOlder},
        VersionCase{"Noble2", "liblzma5", "5.6.1+really5.4.5-1ubuntu0.2", "amd64", kFixedOlder},
        VersionCase{"Noble3", "xz-utils", "5.6.1+really5.4.5-1ubuntu0.3", "arm64", kFixedOlder},
        VersionCase{"Termux", "liblzma5", "5.6.1+really5.4.5", "amd64", kFixedOlder},
        VersionCase{"RevertTo", "liblzma5", "5.6.1.revertto5.4-2.1", "amd64", kFixedOlder}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Advisory, DpkgVersion,
    ::testing::Values(VersionCase{"Alpha", "liblzma5", "5.5.1alpha-0.1", "amd64", kAdvisory},
                      VersionCase{"Beta", "liblzma5", "5.5.2beta-0.1+b1", "arm64", kAdvisory},
                      VersionCase{"Tool", "xz-utils", "5.5.1alpha-0.3", "amd64", kAdvisory}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Unrelated, DpkgVersion,
    ::testing::Values(VersionCase{"Bookworm", "liblzma5", "5.4.1-0.2", "amd64", kUnrelated},
                      VersionCase{"Bullseye", "liblzma5", "5.2.5-2.1~deb11u1", "amd64", kUnrelated},
                      VersionCase{"Sid545", "liblzma5", "5.4.5-0.3", "amd64", kUnrelated},
                      VersionCase{"Later", "liblzma5", "5.6.2-2", "amd64", kUnrelated},
                      VersionCase{"Trixie", "liblzma5", "5.8.1-1", "amd64", kUnrelated},
                      VersionCase{"Digits", "liblzma5", "5.6.10-1", "amd64", kUnrelated},
                      VersionCase{"Front", "liblzma5", "15.6.1-1", "amd64", kUnrelated},
                      VersionCase{"Longer", "liblzma5", "5.6.1.1-1", "amd64", kUnrelated},
                      VersionCase{"OpenCsw", "liblzma5", "5.6.0r529", "amd64", kUnrelated},
                      VersionCase{"RevisionOnly", "liblzma5", "5.4.1-5.6.1", "amd64", kUnrelated},
                      VersionCase{"Empty", "liblzma5", "", "amd64", kUnrelated},
                      VersionCase{"OtherPackage", "libxz-java", "5.6.1-1", "all", kUnrelated},
                      VersionCase{"Prefix", "liblzma5-extra", "5.6.1-1", "amd64", kUnrelated}),
    [](const auto& c) { return c.param.name; });

// The binary's own version says nothing; its source's does.
TEST(Classify, ReadsTheVersionOfTheSource) {
  auto package = Named("liblzma5", "2:9.9-1", "amd64");
  package.source = "xz-utils";
  package.source_version = "5.6.0-0.2";
  EXPECT_EQ(Classify(package, RuleOf(facts::DatabaseKind::kDpkg), {}), kBadActive);
}

TEST(Classify, TakesAnyPackageOfTheSource) {
  auto package = Named("xz-extras", "5.6.0-0.2+b1", "amd64");
  package.source = "xz-utils";
  package.source_version = "5.6.0-0.2";
  EXPECT_EQ(Classify(package, RuleOf(facts::DatabaseKind::kDpkg), {}), kBadVersion);
}

TEST(Classify, IgnoresTheSourceVersionOfOtherSources) {
  auto package = Named("liblzma5", "5.4.1-1", "amd64");
  package.source = "vendor-bundle";
  package.source_version = "5.6.1-1";
  EXPECT_EQ(Classify(package, RuleOf(facts::DatabaseKind::kDpkg), {}), kUnrelated);
}

struct ApkCase {
  std::string name;
  std::string package;
  std::string version;
  std::string os;
  PackageClass want;
};
std::ostream& operator<<(std::ostream& out, const ApkCase& c) {
  return out << c.name;
}

class ApkVersionOf : public ::testing::TestWithParam<ApkCase> {};

TEST_P(ApkVersionOf, MeansWhatTheAdvisorySays) {
  const auto& c = GetParam();
  EXPECT_EQ(
      Classify(Named(c.package, c.version, "x86_64"), RuleOf(facts::DatabaseKind::kApk), {c.os}),
      c.want);
}

INSTANTIATE_TEST_SUITE_P(
    All, ApkVersionOf,
    ::testing::Values(ApkCase{"EdgeR0", "xz-libs", "5.6.1-r0", "alpine", kBadVersion},
                      ApkCase{"EdgeR1", "xz-libs", "5.6.1-r1", "alpine", kBadVersion},
                      ApkCase{"EdgeR2", "xz-libs", "5.6.1-r2", "alpine", kFixedRebuild},
                      ApkCase{"Alpine320", "xz-libs", "5.6.1-r3", "alpine", kFixedRebuild},
                      ApkCase{"R10", "xz-libs", "5.6.1-r10", "alpine", kFixedRebuild},
                      ApkCase{"Tool", "xz", "5.6.1-r1", "alpine", kBadVersion},
                      ApkCase{"Wolfi", "xz-libs", "5.6.1-r3", "wolfi", kBadVersion},
                      ApkCase{"Chainguard", "xz-libs", "5.6.0-r2", "chainguard", kBadVersion},
                      ApkCase{"NoRelease", "xz-libs", "5.6.1", "alpine", kBadVersion},
                      ApkCase{"OddRelease", "xz-libs", "5.6.1-rX", "alpine", kBadVersion},
                      ApkCase{"HugeRelease", "xz-libs", "5.6.1-r99999999999999999999", "alpine",
                              kBadVersion},
                      ApkCase{"Alpine318", "xz-libs", "5.4.3-r1", "alpine", kUnrelated},
                      ApkCase{"Alpine321", "xz-libs", "5.6.3-r0", "alpine", kUnrelated},
                      ApkCase{"Digits", "xz-libs", "5.6.10-r0", "alpine", kUnrelated},
                      ApkCase{"OtherPackage", "zstd-libs", "5.6.1-r0", "alpine", kUnrelated}),
    [](const auto& c) { return c.param.name; });

TEST(EffectiveVersion, TakesTheLastMarker) {
  const std::vector<std::string> markers{"+really", ".revertto"};
  EXPECT_EQ(EffectiveVersion("5.6.1+really5.4.5", markers), "5.4.5");
  EXPECT_EQ(EffectiveVersion("5.6.1.revertto5.4", markers), "5.4");
  EXPECT_EQ(EffectiveVersion("1+really2+really3", markers), "3");
  EXPECT_EQ(EffectiveVersion("5.6.1", markers), "5.6.1");
  EXPECT_EQ(EffectiveVersion("5.6.1+really", markers), "");
}

TEST(VersionOfConstant, ReadsEachStability) {
  EXPECT_EQ(VersionOfConstant(50060012), "5.6.1");
  EXPECT_EQ(VersionOfConstant(50040052), "5.4.5");
  EXPECT_EQ(VersionOfConstant(50050010), "5.5.1alpha");
  EXPECT_EQ(VersionOfConstant(50050021), "5.5.2beta");
  EXPECT_EQ(VersionOfConstant(0), "0.0.0alpha");
  EXPECT_EQ(VersionOfConstant(UINT32_MAX), "429.496.729?");
}

TEST(NameClaimsBadRelease, TakesLibrariesOnly) {
  const RulePack& pack = RulePack::BuiltIn();
  for (const char* name : {"liblzma.so.5.6.0", "liblzma.so.5.6.1", "liblzma.so.5.6.0.patch",
                           "liblzma-6cd627ed.so.5.6.1", "old-liblzma.so.5.6.1"}) {
    EXPECT_TRUE(NameClaimsBadRelease(name, pack)) << name;
  }
  for (const char* name :
       {"liblzma.so.5", "liblzma.so.5.4.5", "liblzma.so.5.6.2", "liblzma.so.5.6.10",
        "liblzma.so.15.6.1", "liblzma5_5.6.1+really5.4.5-1_amd64.deb", "libz.so.5.6.1", "liblzma.a",
        "liblzma-5.6.1.tar.gz", ""}) {
    EXPECT_FALSE(NameClaimsBadRelease(name, pack)) << name;
  }
}

}  // namespace
}  // namespace xzgate::rules
