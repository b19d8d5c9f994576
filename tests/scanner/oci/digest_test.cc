#include "scanner/oci/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::oci {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const std::string kHex63(63, 'a');
const std::string kHex127(127, '0');

struct RejectCase {
  std::string name;
  std::string text;
  ErrorCode want;
};

class DigestRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(DigestRejects, WithTheRightCode) {
  EXPECT_THAT(Digest::Parse(GetParam().text), ErrorIs(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DigestRejects,
    ::testing::Values(
        RejectCase{"Empty", "", ErrorCode::kInvalidArgument},
        RejectCase{"NoAlgorithm", kHex63 + "a", ErrorCode::kInvalidArgument},
        RejectCase{"OneDigitShort", "sha256:" + kHex63, ErrorCode::kInvalidArgument},
        RejectCase{"OneDigitLong", "sha256:" + kHex63 + "aa", ErrorCode::kInvalidArgument},
        RejectCase{"UpperCase", "sha256:" + kHex63 + "A", ErrorCode::kInvalidArgument},
        RejectCase{"NoHex", "sha256:" + kHex63 + "g", ErrorCode::kInvalidArgument},
        RejectCase{"TrailingNewline", "sha256:" + kHex63 + "a\n", ErrorCode::kInvalidArgument},
        RejectCase{"Traversal", "sha256:../../../../etc/passwd", ErrorCode::kInvalidArgument},
        RejectCase{"Sha512Short", "sha512:" + kHex127, ErrorCode::kInvalidArgument},
        RejectCase{"Sha512WithSha256Digits", "sha512:" + kHex63 + "a", ErrorCode::kInvalidArgument},
        RejectCase{"UpperCaseAlgorithm", "SHA256:" + kHex63 + "a", ErrorCode::kUnsupported},
        RejectCase{"Sha384", "sha384:" + kHex63 + "a", ErrorCode::kUnsupported},
        RejectCase{"Sha1", "sha1:" + kHex63, ErrorCode::kUnsupported}),
    [](const auto& param) { return param.param.name; });

TEST(Digest, PrintsWhatItParsed) {
  for (const std::string& text : {"sha256:" + kHex63 + "f", "sha512:" + kHex127 + "1"}) {
    const auto digest = Digest::Parse(text);
    ASSERT_THAT(digest, IsOk());
    EXPECT_EQ(digest->ToString(), text);
  }
}

// FIPS 180-2, appendix B.1 and C.1: the digests of "abc".
TEST(Digest, NamesBytes) {
  EXPECT_EQ(Digest::Of(AsBytes("abc")).ToString(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest::Of(AsBytes("abc"), crypto::Algorithm::kSha512).hex().substr(0, 16),
            "ddaf35a193617aba");
}

TEST(Digest, ShortFormKeepsBothEnds) {
  EXPECT_EQ(Digest::Of(AsBytes("abc")).ToShort(), "sha256:ba78…015ad");
}

TEST(Digest, OfTwoAlgorithmsDiffer) {
  EXPECT_NE(Digest::Of(AsBytes("abc")), Digest::Of(AsBytes("abc"), crypto::Algorithm::kSha512));
}

}  // namespace
}  // namespace xzgate::oci
