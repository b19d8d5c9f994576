#include "scanner/rules/rule_pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <set>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/text.h"
#include "tests/support/result_matchers.h"

namespace xzgate::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

TEST(BuiltInPack, HoldsWhatTheAdvisoriesPublish) {
  const RulePack& pack = RulePack::BuiltIn();
  EXPECT_EQ(pack.id, "CVE-2024-3094");
  EXPECT_EQ(pack.Key(), "CVE-2024-3094@" + pack.version);
  ASSERT_EQ(pack.probes.patterns.size(), 1u);
  EXPECT_EQ(pack.probes.patterns[0].bytes.size(), 34u);  // xz.md 3.1
  EXPECT_EQ(pack.probes.patterns[0].machine, 62);
  EXPECT_THAT(pack.probes.symbols, ElementsAre("lzma_version_number", "lzma_crc64"));
  EXPECT_EQ(pack.known_files.size(), 7u);
  EXPECT_EQ(pack.known_layers.size(), 8u);
  EXPECT_EQ(pack.known_manifests.size(), 12u);
  EXPECT_EQ(pack.packages.size(), 2u);
  ASSERT_EQ(pack.bad_releases.size(), 2u);
  EXPECT_EQ(pack.bad_releases[0].constant, 0x02fbdae2u);
  EXPECT_EQ(pack.bad_releases[1].constant, 0x02fbdaecu);
}

TEST(BuiltInPack, NamesASourceForEveryConstant) {
  const RulePack& pack = RulePack::BuiltIn();
  for (const auto* list : {&pack.known_files, &pack.known_layers, &pack.known_manifests}) {
    for (const KnownFile& known : *list) EXPECT_NE(known.source, "") << known.sha256;
  }
  for (const PackageRule& rule : pack.packages) EXPECT_NE(rule.source, "");
}

// A scanner must not find itself: the program holds the pattern as text only (xz.md 3.1).
TEST(BuiltInPack, LeavesNoRawPatternInTheProgram) {
  const auto program = ReadFile("/proc/self/exe", 1u << 30);
  ASSERT_THAT(program, IsOk());
  for (const auto& pattern : RulePack::BuiltIn().probes.patterns) {
    EXPECT_EQ(program->find(pattern.bytes), std::string::npos) << pattern.name;
    EXPECT_EQ(program->find(pattern.bytes.substr(0, 16)), std::string::npos) << pattern.name;
  }
}

TEST(BuiltInPack, IsTheFileInTheTree) {
  const char* tree = std::getenv("XZGATE_SOURCE_DIR");
  ASSERT_NE(tree, nullptr) << "set by ctest";
  const auto text =
      ReadFile(std::string(tree) + "/scanner/rules/packs/cve-2024-3094.yaml", kMaxPackBytes);
  ASSERT_THAT(text, IsOk());
  const auto pack = RulePack::Parse(*text, "packs/cve-2024-3094.yaml");
  ASSERT_THAT(pack, IsOk());
  EXPECT_EQ(pack->Key(), RulePack::BuiltIn().Key());
}

constexpr std::string_view kHead =
    "apiVersion: xzgate.dev/rules/v1\n"
    "kind: RulePack\n"
    "metadata: {id: TEST-1, version: '1', title: a test, fix: rebuild}\n";
const std::string kHex64(64, 'a');

std::string Pack(std::string_view spec) {
  return std::string(kHead) + "spec:\n" + std::string(spec);
}

struct TextCase {
  std::string name;
  std::string text;
  std::string want;  // part of the message, for rejects
};
std::ostream& operator<<(std::ostream& out, const TextCase& c) {
  return out << c.name;
}

class RulePackAccepts : public ::testing::TestWithParam<TextCase> {};

TEST_P(RulePackAccepts, Parses) {
  EXPECT_THAT(RulePack::Parse(GetParam().text, "pack.yaml"), IsOk());
}

const std::string kPattern16 = "00112233445566778899aabbccddeeff";
const std::string kPackage =
    "  packages:\n"
    "    - {database: dpkg, libraries: [a], badVersions: ['1'], inactiveReason: r, fix: f, "
    "source: s}\n";

INSTANTIATE_TEST_SUITE_P(
    All, RulePackAccepts,
    ::testing::Values(
        TextCase{"OnePackage", Pack(kPackage), ""},
        TextCase{"OneFile", Pack("  knownFiles: [{sha256: " + kHex64 + ", what: w, source: s}]\n"),
                 ""},
        TextCase{"OneLayer",
                 Pack("  knownLayers: [{digest: 'sha256:" + kHex64 + "', what: w, source: s}]\n"),
                 ""},
        TextCase{"SpacesInHex",
                 Pack("  payload:\n    machine: aarch64\n    patterns:\n"
                      "      - {name: p, hex: 00112233 44556677 8899aabb ccddeeff, source: s}\n"),
                 ""},
        TextCase{"LongestPattern",
                 Pack("  payload:\n    machine: x86_64\n    patterns:\n      - {name: p, hex: " +
                      std::string(512, 'a') + ", source: s}\n"),
                 ""}),
    [](const auto& c) { return c.param.name; });

class RulePackRejects : public ::testing::TestWithParam<TextCase> {};

TEST_P(RulePackRejects, SayingWhatIsWrong) {
  EXPECT_THAT(RulePack::Parse(GetParam().text, "pack.yaml"),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().want));
}

std::string Payload(const std::string& pattern) {
  return Pack("  payload:\n    machine: x86_64\n    patterns:\n      - " + pattern + "\n");
}
std::string Package(const std::string& entry) {
  return Pack("  packages:\n    - " + entry + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Shape, RulePackRejects,
    ::testing::Values(
        TextCase{"Empty", "", "want one document, found 0"},
        TextCase{"TwoDocuments", Pack(kPackage) + "---\n" + Pack(kPackage), "found 2"},
        TextCase{"NoMapping", "- a\n", "want a mapping"}, TextCase{"Syntax", "a: [", "pack.yaml"},
        TextCase{"OtherKind",
                 "apiVersion: xzgate.dev/rules/v1\nkind: ImagePolicy\nmetadata: {id: a, version: "
                 "'1', title: t, fix: f}\nspec:\n" +
                     kPackage,
                 "want \"RulePack\", found \"ImagePolicy\""},
        TextCase{"OtherVersion",
                 "apiVersion: xzgate.dev/rules/v2\nkind: RulePack\nmetadata: {id: a, version: '1', "
                 "title: t, fix: f}\nspec:\n" +
                     kPackage,
                 "want \"xzgate.dev/rules/v1\""},
        TextCase{"NoSpec", std::string(kHead), "\"spec\" is missing"},
        TextCase{"NothingToDetect", std::string(kHead) + "spec: {}\n", "found nothing"},
        TextCase{"UnknownKey", Pack("  knownFile: []\n" + kPackage), "unknown key"},
        TextCase{"DuplicateKey", Pack(kPackage + kPackage), "packages"},
        TextCase{"Anchor", Pack("  knownFiles: &a []\n" + kPackage), "pack.yaml"},
        TextCase{"IdWithAt",
                 "apiVersion: xzgate.dev/rules/v1\nkind: RulePack\nmetadata: {id: 'a@b', version: "
                 "'1', title: t, fix: f}\nspec:\n" +
                     kPackage,
                 "metadata.id"},
        TextCase{"TooLarge", std::string(kMaxPackBytes + 1, '#'), "pack.yaml"}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, RulePackRejects,
    ::testing::Values(
        TextCase{"PatternTooShort",
                 Payload("{name: p, hex: " + kPattern16.substr(2) + ", source: s}"),
                 "16 to 256 bytes"},
        TextCase{"PatternTooLong",
                 Payload("{name: p, hex: " + std::string(514, 'a') + ", source: s}"),
                 "16 to 256 bytes"},
        TextCase{"PatternOddHex", Payload("{name: p, hex: " + kPattern16 + "a, source: s}"),
                 "hex digits"},
        TextCase{"PatternNotHex", Payload("{name: p, hex: zz" + kPattern16 + ", source: s}"),
                 "hex digits"},
        TextCase{"PatternWithoutSource", Payload("{name: p, hex: " + kPattern16 + "}"),
                 "\"source\" is missing"},
        TextCase{"PatternTwice",
                 Payload("{name: p, hex: " + kPattern16 +
                         ", source: s}\n      - {name: p, hex: " + kPattern16 + ", source: s}"),
                 "there twice"},
        TextCase{"UnknownMachine", Pack("  payload: {machine: vax, patterns: []}\n" + kPackage),
                 "x86_64"},
        TextCase{"ShortSha256", Pack("  knownFiles: [{sha256: abc, what: w, source: s}]\n"),
                 "64 lower-case hex digits"},
        TextCase{
            "UpperCaseSha256",
            Pack("  knownFiles: [{sha256: " + std::string(64, 'A') + ", what: w, source: s}]\n"),
            "64 lower-case hex digits"},
        TextCase{"FileTwice",
                 Pack("  knownFiles: [{sha256: " + kHex64 +
                      ", what: w, source: s}, {sha256: " + kHex64 + ", what: w, source: s}]\n"),
                 "there twice"},
        TextCase{"LayerWithoutAlgorithm",
                 Pack("  knownLayers: [{digest: " + kHex64 + ", what: w, source: s}]\n"),
                 "sha256:"},
        TextCase{"ManifestSha512",
                 Pack("  knownManifests: [{digest: 'sha512:" + kHex64 + kHex64 +
                      "', what: w, source: s}]\n"),
                 "sha256:"}),
    [](const auto& c) { return c.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Packages, RulePackRejects,
    ::testing::Values(
        TextCase{"UnknownDatabase",
                 Package("{database: rpm, libraries: [a], badVersions: ['1'], inactiveReason: r, "
                         "fix: f, source: s}"),
                 "dpkg or apk"},
        TextCase{
            "NoNames",
            Package("{database: apk, badVersions: ['1'], inactiveReason: r, fix: f, source: s}"),
            "want libraries, others or sources"},
        TextCase{"NoVersions",
                 Package("{database: apk, libraries: [a], badVersions: [], inactiveReason: r, fix: "
                         "f, source: s}"),
                 "at least one version"},
        TextCase{"NoSource",
                 Package("{database: apk, libraries: [a], badVersions: ['1'], inactiveReason: r, "
                         "fix: f}"),
                 "\"source\" is missing"},
        TextCase{"ApkKeyForDpkg",
                 Package("{database: dpkg, libraries: [a], badVersions: ['1'], inactiveReason: r, "
                         "fix: f, source: s, cleanFromRelease: 2}"),
                 "unknown key"},
        TextCase{"ReleaseZero",
                 Package("{database: apk, libraries: [a], badVersions: ['1'], inactiveReason: r, "
                         "fix: f, source: s, cleanFromRelease: 0}"),
                 "whole number from 1"},
        TextCase{"ConstantTooLarge",
                 Pack("  library: {name: l, versionSymbol: v, source: s, releases: [{version: '1', "
                      "constant: 4294967296, source: s}]}\n"),
                 "whole number from 1"}),
    [](const auto& c) { return c.param.name; });

TEST(RulePack, ReportsEveryProblemAtOnce) {
  const auto pack = RulePack::Parse(
      "apiVersion: v1\nkind: RulePack\nmetadata: {id: a, version: '1', title: t}\nspec:\n"
      "  knownFiles: [{sha256: abc, source: s}]\n  extra: 1\n",
      "pack.yaml");
  ASSERT_THAT(pack, ErrorIs(ErrorCode::kInvalidArgument));
  const std::string& message = pack.error().message();
  EXPECT_GE(std::count(message.begin(), message.end(), '\n'), 4) << message;
  for (const char* part : {"apiVersion", "fix", "what", "sha256", "extra"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
}

}  // namespace
}  // namespace xzgate::rules
