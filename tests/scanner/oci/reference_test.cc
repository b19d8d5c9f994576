#include "scanner/oci/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::oci {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const std::string kHex = "3a7383b5c1d7e9f00112233445566778899aabbccddeeff00112233445582bde";
const std::string kSha256 = "sha256:" + kHex;
const std::string kSha512 = "sha512:" + kHex + kHex;

struct AcceptCase {
  std::string name;
  std::string text;
  std::string want;
};

class ReferenceAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(ReferenceAccepts, AndNormalises) {
  const auto reference = Reference::Parse(GetParam().text);
  ASSERT_THAT(reference, IsOk());
  EXPECT_EQ(reference->ToString(), GetParam().want);
  const auto again = Reference::Parse(reference->ToString());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, *reference);
}

// 255 characters of host and path together.
const std::string kLongestPath(Reference::kMaxLength - std::string("reg.example/").size(), 'a');
const std::string kLongestTag(128, 't');

INSTANTIATE_TEST_SUITE_P(
    Table, ReferenceAccepts,
    ::testing::Values(
        AcceptCase{"ShortName", "debian", "docker.io/library/debian:latest"},
        AcceptCase{"ShortNameWithTag", "debian:13-slim", "docker.io/library/debian:13-slim"},
        AcceptCase{"NumberAfterColonIsATag", "reg:5000", "docker.io/library/reg:5000"},
        AcceptCase{"DottedNameAloneIsNoHost", "reg.example",
                   "docker.io/library/reg.example:latest"},
        AcceptCase{"AddressAloneIsNoHost", "192.0.2.1:80", "docker.io/library/192.0.2.1:80"},
        AcceptCase{"HubUser", "shop/api", "docker.io/shop/api:latest"},
        AcceptCase{"UnderscoreIsNoHost", "reg_example/api", "docker.io/reg_example/api:latest"},
        AcceptCase{"Hub", "docker.io/debian", "docker.io/library/debian:latest"},
        AcceptCase{"HubDeep", "docker.io/a/b/c", "docker.io/a/b/c:latest"},
        AcceptCase{"LegacyHub", "index.docker.io/library/debian",
                   "docker.io/library/debian:latest"},
        AcceptCase{"LegacyHubShort", "index.docker.io/debian", "docker.io/library/debian:latest"},
        AcceptCase{"HubApiIsAHostOfItsOwn", "registry-1.docker.io/library/debian",
                   "registry-1.docker.io/library/debian:latest"},
        AcceptCase{"OtherHostGetsNoLibrary", "reg.example/debian", "reg.example/debian:latest"},
        AcceptCase{"Localhost", "localhost/api", "localhost/api:latest"},
        AcceptCase{"HostWithPort", "reg:5000/api", "reg:5000/api:latest"},
        AcceptCase{"HostWithPortAndTag", "reg.example:5000/shop/api:1.4",
                   "reg.example:5000/shop/api:1.4"},
        AcceptCase{"Address", "127.0.0.1:5000/api", "127.0.0.1:5000/api:latest"},
        AcceptCase{"Ipv6", "[2001:db8::1]/api", "[2001:db8::1]/api:latest"},
        AcceptCase{"Ipv6WithPort", "[2001:DB8::1]:5000/api:1", "[2001:db8::1]:5000/api:1"},
        AcceptCase{"Punycode", "xn--n3h.example:18080/foo", "xn--n3h.example:18080/foo:latest"},
        AcceptCase{"UpperCaseHost", "REG.Example/api", "reg.example/api:latest"},
        AcceptCase{"UpperCaseHostWithPort", "REG:5000/api", "reg:5000/api:latest"},
        AcceptCase{"HubOnAPortIsAnotherHost", "docker.io:443/debian",
                   "docker.io:443/debian:latest"},
        AcceptCase{"Dashes", "a---b/c--d", "docker.io/a---b/c--d:latest"},
        AcceptCase{"DoubleUnderscore", "dock__er/a_b.c-d", "docker.io/dock__er/a_b.c-d:latest"},
        AcceptCase{"OneLetter", "d/t", "docker.io/d/t:latest"},
        AcceptCase{"SixtyThreeDigits", kHex.substr(1),
                   "docker.io/library/" + kHex.substr(1) + ":latest"},
        AcceptCase{"SixtyFourDigitsWithHost", "docker.io/" + kHex,
                   "docker.io/library/" + kHex + ":latest"},
        AcceptCase{"Digest", "debian@" + kSha256, "docker.io/library/debian@" + kSha256},
        AcceptCase{"Sha512", "debian@" + kSha512, "docker.io/library/debian@" + kSha512},
        AcceptCase{"TagAndDigest", "debian:13@" + kSha256,
                   "docker.io/library/debian:13@" + kSha256},
        AcceptCase{"TagWithUnderscoreFirst", "debian:_x.Y-z", "docker.io/library/debian:_x.Y-z"},
        AcceptCase{"LongestTag", "debian:" + kLongestTag,
                   "docker.io/library/debian:" + kLongestTag},
        AcceptCase{"LongestName", "reg.example/" + kLongestPath,
                   "reg.example/" + kLongestPath + ":latest"}),
    [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  std::string text;
  ErrorCode want = ErrorCode::kInvalidArgument;
};

class ReferenceRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ReferenceRejects, WithTheRightCode) {
  EXPECT_THAT(Reference::Parse(GetParam().text), ErrorIs(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReferenceRejects,
    ::testing::Values(
        RejectCase{"Empty", ""}, RejectCase{"Slash", "/"},
        RejectCase{"Scheme", "https://reg.example/api"}, RejectCase{"UpperCaseName", "Debian"},
        RejectCase{"UpperCasePath", "shop/Api"},
        RejectCase{"UpperCasePathWithHost", "reg.example/shop/Api"},
        // Accepted by distribution as a host "Foo"; in lower case it would be Docker Hub's foo/bar.
        RejectCase{"UpperCaseSingleLabelHost", "Foo/bar"},
        RejectCase{"UpperCaseHub", "DOCKER.IO/debian"},
        RejectCase{"MixedCaseLegacyHub", "Index.docker.io/debian"},
        RejectCase{"LeadingSpace", " debian"}, RejectCase{"TrailingSpace", "debian "},
        RejectCase{"Tab", "deb\tian"}, RejectCase{"Newline", "debian\n"},
        RejectCase{"NulByte", std::string("debian\0x", 8)},
        RejectCase{"CyrillicLookAlike",
                   "d\xD0\xB5"
                   "bian"},
        RejectCase{"FullWidthDot",
                   "reg\xEF\xBC\x8E"
                   "example/a"},
        RejectCase{"LeadingDash", "-debian"}, RejectCase{"TrailingDash", "debian-/x"},
        RejectCase{"HostLeadingDash", "-reg.example/api"},
        RejectCase{"HostTrailingDash", "reg-.example/api"},
        RejectCase{"HostEmptyLabel", "reg..example/api"},
        RejectCase{"HostTrailingDot", "reg.example./api"},
        RejectCase{"HostUnderscore", "reg_1.example/api"},
        RejectCase{"EmptyPort", "reg.example:/api"},
        RejectCase{"LetterPort", "reg.example:http/api"},
        RejectCase{"TwoPorts", "reg.example:1:2/api"},
        RejectCase{"UserInHost", "user@reg.example/api"}, RejectCase{"DoubleSlash", "a//b"},
        RejectCase{"TrailingSlash", "reg.example/"}, RejectCase{"DotDot", "reg.example/a/../b"},
        RejectCase{"TwoDots", "dock..er/x"}, RejectCase{"ThreeUnderscores", "dock___er/x"},
        RejectCase{"MixedSeparator", "dock_.er/x"}, RejectCase{"DashDot", "dock-.er/x"},
        RejectCase{"OnlyUnderscores", "____/____"}, RejectCase{"Ipv6Alone", "[fc00::1]"},
        RejectCase{"Ipv6Bare", "fc00::1:5000/debian"},
        RejectCase{"Ipv6Zone", "[fe80::1%eth0]:5000/x"},
        RejectCase{"Ipv6Mapped", "[::ffff:192.0.2.33]:5000/x"},
        RejectCase{"Ipv6Open", "[fc00::1/x"}, RejectCase{"Ipv6Junk", "[fc00::1]x/y"},
        RejectCase{"Ipv6Empty", "[]/x"}, RejectCase{"EmptyTag", "debian:"},
        RejectCase{"TagDash", "debian:-x"}, RejectCase{"TagDot", "debian:.x"},
        RejectCase{"TagSlash", "debian:a/b"}, RejectCase{"TwoTags", "debian:a:b"},
        RejectCase{"TagTooLong", "debian:" + kLongestTag + "t"},
        RejectCase{"NameTooLong", "reg.example/" + kLongestPath + "a"},
        RejectCase{"EmptyDigest", "debian@"},
        RejectCase{"ShortDigest", "debian@sha256:" + kHex.substr(1)},
        RejectCase{"LongDigest", "debian@" + kSha256 + "0"},
        RejectCase{"UpperCaseDigest", "debian@sha256:" + std::string(64, 'A')},
        RejectCase{"TwoDigests", "debian@" + kSha256 + "@" + kSha256},
        RejectCase{"DigestThenTag", "debian@" + kSha256 + ":13"},
        RejectCase{"OnlyDigest", "@" + kSha256}, RejectCase{"SixtyFourDigits", kHex},
        RejectCase{"ImageId", kSha256}, RejectCase{"LongImageId", kSha512},
        RejectCase{"OtherAlgorithm", "debian@sha384:" + kHex, ErrorCode::kUnsupported},
        RejectCase{"Md5", "debian@md5:" + kHex.substr(32), ErrorCode::kUnsupported}),
    [](const auto& param) { return param.param.name; });

TEST(Reference, KeepsTagAndDigest) {
  const auto reference = Reference::Parse("reg.example/a:1@" + kSha256);
  ASSERT_THAT(reference, IsOk());
  EXPECT_EQ(reference->tag(), "1");
  EXPECT_EQ(reference->digest()->ToString(), kSha256);
  EXPECT_EQ(reference->repository(), (Repository{"reg.example", "a"}));
}

TEST(Repository, ConnectsToDockerHubsApi) {
  EXPECT_EQ((Repository{"docker.io", "library/debian"}).ApiHost(), "registry-1.docker.io");
  EXPECT_EQ((Repository{"reg.example:5000", "a"}).ApiHost(), "reg.example:5000");
}

TEST(PinnedReference, ReadsWhatItPrints) {
  const auto pinned = PinnedReference::Parse("docker.io/library/debian@" + kSha256);
  ASSERT_THAT(pinned, IsOk());
  EXPECT_EQ(pinned->ToString(), "docker.io/library/debian@" + kSha256);
  EXPECT_THAT(PinnedReference::Parse("docker.io/library/debian:13"),
              ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate::oci
