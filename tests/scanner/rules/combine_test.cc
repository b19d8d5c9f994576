#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "scanner/rules/judge.h"
#include "tests/scanner/rules/image_builder.h"

namespace xzgate::rules {
namespace {

const std::string kIndex = "sha256:" + std::string(64, '1');
const std::string kChild = "sha256:" + std::string(64, '2');

PlatformReport On(std::string os, std::string architecture, Verdict verdict,
                  Cause cause = Cause::kNone, std::string digest = kChild) {
  PlatformReport report;
  report.platform = {.os = std::move(os), .architecture = std::move(architecture), .variant = ""};
  report.manifest_digest = std::move(digest);
  report.verdict = verdict;
  report.cause = cause;
  report.detail = std::string(ToString(verdict));
  return report;
}

Report Of(std::vector<PlatformReport> platforms, std::vector<oci::Platform> wanted = {}) {
  return Combine(kIndex, std::move(platforms), wanted, RulePack::BuiltIn());
}

TEST(Combine, TheWorstLinuxPlatformDecides) {
  const auto report = Of(
      {On("linux", "amd64", Verdict::kAffected), On("linux", "arm64", Verdict::kAffectedVersion)});
  EXPECT_EQ(report.verdict, Verdict::kAffected);
  EXPECT_EQ(report.detail, "linux/amd64: affected");
  EXPECT_EQ(report.rules, RulePack::BuiltIn().Key());
  EXPECT_EQ(report.title, "xz-utils backdoor CVE-2024-3094");
}

TEST(Combine, WindowsIsReportedAndNeverDecides) {
  const auto report = Of({On("linux", "amd64", Verdict::kClean),
                          On("windows", "amd64", Verdict::kUnknown, Cause::kUnreadable)});
  EXPECT_EQ(report.verdict, Verdict::kClean);
  ASSERT_EQ(report.platforms.size(), 2u);
  EXPECT_FALSE(report.platforms[1].deciding);
}

TEST(Combine, ConfiguredPlatformsDecideAlone) {
  const auto report =
      Of({On("linux", "amd64", Verdict::kAffected), On("linux", "arm64", Verdict::kClean)},
         {{.os = "linux", .architecture = "arm64", .variant = ""}});
  EXPECT_EQ(report.verdict, Verdict::kClean);
}

TEST(Combine, NoDecidingPlatformIsNotAnImage) {
  EXPECT_EQ(Of({}).cause, Cause::kNotAnImage);
  const auto report = Of({On("windows", "amd64", Verdict::kClean)});
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.cause, Cause::kNotAnImage);
  EXPECT_EQ(report.Worst(), nullptr);
}

// A runtime that is given the manifest itself compares no platforms.
TEST(Combine, AManifestNamedDirectlyAlwaysDecides) {
  const auto report = Of({On("windows", "amd64", Verdict::kAffected, Cause::kNone, kIndex)},
                         {{.os = "linux", .architecture = "arm64", .variant = ""}});
  EXPECT_EQ(report.verdict, Verdict::kAffected);
}

TEST(Combine, OfTwoUnknownsTheLastingCauseWins) {
  const auto report = Of({On("linux", "amd64", Verdict::kUnknown, Cause::kPending),
                          On("linux", "arm64", Verdict::kUnknown, Cause::kUnreadable),
                          On("linux", "s390x", Verdict::kUnknown, Cause::kUnreachable)});
  EXPECT_EQ(report.cause, Cause::kUnreadable);
}

struct NameCase {
  std::string name;
  oci::Platform platform;
};
std::ostream& operator<<(std::ostream& out, const NameCase& c) {
  return out << c.name;
}

// Other spellings of a wanted platform must not hide a bad image from the verdict.
class CombineTakes : public ::testing::TestWithParam<NameCase> {};

TEST_P(CombineTakes, AsTheWantedPlatform) {
  PlatformReport bad = On("", "", Verdict::kAffected);
  bad.platform = GetParam().platform;
  const auto report = Of({On("linux", "amd64", Verdict::kClean), bad},
                         {{.os = "linux", .architecture = "amd64", .variant = ""}});
  EXPECT_EQ(report.verdict, Verdict::kAffected);
}

INSTANTIATE_TEST_SUITE_P(All, CombineTakes,
                         ::testing::Values(NameCase{"Amd64", {"linux", "amd64", ""}},
                                           NameCase{"Variant", {"linux", "amd64", "v2"}},
                                           NameCase{"Kernel", {"linux", "x86_64", ""}},
                                           NameCase{"Dash", {"linux", "x86-64", ""}},
                                           NameCase{"UpperCase", {"Linux", "AMD64", ""}},
                                           NameCase{"Unknown", {"unknown", "unknown", ""}},
                                           NameCase{"Nothing", {"", "", ""}},
                                           NameCase{"NoArchitecture", {"linux", "", ""}}),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace xzgate::rules
