#include "base/crypto/pem.h"

#include "base/text.h"
#include "tests/support/result_matchers.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using testing::IsOk;

const std::string kKey = "-----BEGIN PUBLIC KEY-----\nAAECAwQ=\n-----END PUBLIC KEY-----\n";
const std::string kDer("\x00\x01\x02\x03\x04", 5);

struct PemCase {
  std::string name;
  std::string text;
  std::string message = {};
};

class PemAccepts : public ::testing::TestWithParam<PemCase> {};
TEST_P(PemAccepts, OneBlock) {
  const auto blocks = ReadPem(GetParam().text, PemWish::kPublicKey, 1);
  ASSERT_THAT(blocks, IsOk());
  ASSERT_EQ(blocks->size(), 1U);
  EXPECT_EQ(blocks->front().der, kDer);
}
INSTANTIATE_TEST_SUITE_P(
    Table, PemAccepts,
    ::testing::Values(
        PemCase{"Plain", kKey}, PemCase{"WhiteSpaceAround", " \r\n\t" + kKey + "\n\n "},
        PemCase{"NoLastLineEnd", kKey.substr(0, kKey.size() - 1)},
        PemCase{"CarriageReturns",
                "-----BEGIN PUBLIC KEY-----\r\nAAEC\r\nAwQ=\r\n-----END PUBLIC KEY-----\r\n"},
        PemCase{"OtherLineLength",
                "-----BEGIN PUBLIC KEY-----\nAA\nEC\nAwQ=\n-----END PUBLIC KEY-----\n"},
        PemCase{"Pkcs1", "-----BEGIN RSA PUBLIC KEY-----\nAAECAwQ=\n-----END RSA PUBLIC KEY-----"}),
    [](const auto& each) { return each.param.name; });

class PemRejects : public ::testing::TestWithParam<PemCase> {};
TEST_P(PemRejects, WithWhatToGive) {
  EXPECT_THAT(ReadPem(GetParam().text, PemWish::kPublicKey, 1),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    Table, PemRejects,
    ::testing::Values(
        PemCase{"Empty", "", "found nothing, want a PEM block \"PUBLIC KEY\""},
        PemCase{"OnlyWhiteSpace", " \n", "found nothing, want a PEM block \"PUBLIC KEY\""},
        PemCase{"TextBefore", "my key\n" + kKey, "found other text"},
        PemCase{"TextAfter", kKey + "# mine", "found other text"},
        PemCase{"ByteOrderMark", "\xEF\xBB\xBF" + kKey, "found other text"},
        PemCase{"NulAfter", kKey + std::string(1, '\0'), "found other text"},
        PemCase{"SshKey", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here", "found other text"},
        PemCase{"OnlyFirstLine", "-----BEGIN PUBLIC KEY-----\n", "does not end"},
        PemCase{"FirstLineCut", "-----BEGIN PUBLIC KEY", "damaged"},
        PemCase{"FirstLineDashes", "-----BEGIN PUBLIC KEY--\nAAECAwQ=\n-----END PUBLIC KEY-----",
                "damaged"},
        PemCase{"OtherEnd", "-----BEGIN PUBLIC KEY-----\nAAEC\n-----END RSA PUBLIC KEY-----",
                "does not end"},
        PemCase{"Headers",
                "-----BEGIN PUBLIC KEY-----\nComment: x\n\nAAEC\n-----END PUBLIC KEY-----",
                "base64"},
        PemCase{"NoContent", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "base64"},
        PemCase{"NoPadding", "-----BEGIN PUBLIC KEY-----\nAAECAwQ\n-----END PUBLIC KEY-----",
                "base64"},
        PemCase{"UnusedBits", "-----BEGIN PUBLIC KEY-----\nAAECAwR=\n-----END PUBLIC KEY-----",
                "base64"},
        PemCase{"UrlAlphabet", "-----BEGIN PUBLIC KEY-----\n-_8=\n-----END PUBLIC KEY-----",
                "base64"},
        PemCase{"Pgp",
                "-----BEGIN PGP PUBLIC KEY BLOCK-----\nAAEC\n-----END PGP PUBLIC KEY BLOCK-----",
                "found a block \"PGP PUBLIC KEY BLOCK\""}),
    [](const auto& each) { return each.param.name; });

class PrivateKeyLabels : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};
// Alone, after a good block, and after text: the content must not come back in the message.
TEST_P(PrivateKeyLabels, AreNamedWithTheRecipe) {
  const auto& [label, recipe] = GetParam();
  const std::string block = WritePem(label, AsBytes("secret secret secret"));
  for (const std::string& text : {block, kKey + block, "some text\n" + block, block + kKey}) {
    for (const PemWish wish : {PemWish::kPublicKey, PemWish::kCertificate}) {
      const auto read = ReadPem(text, wish, 4);
      ASSERT_THAT(read, ErrorIs(ErrorCode::kInvalidArgument, "private key (" + Quote(label) + ")"));
      EXPECT_THAT(read, ErrorIs(ErrorCode::kInvalidArgument, recipe));
      EXPECT_FALSE(read.error().message().contains("c2VjcmV0"));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, PrivateKeyLabels,
    ::testing::Values(std::pair("PRIVATE KEY", "openssl pkey"),
                      std::pair("ENCRYPTED PRIVATE KEY", "openssl pkey"),
                      std::pair("EC PRIVATE KEY", "openssl pkey"),
                      std::pair("RSA PRIVATE KEY", "openssl pkey"),
                      std::pair("DSA PRIVATE KEY", "openssl pkey"),
                      std::pair("ENCRYPTED SIGSTORE PRIVATE KEY", "cosign public-key"),
                      std::pair("ENCRYPTED COSIGN PRIVATE KEY", "cosign public-key"),
                      std::pair("OPENSSH PRIVATE KEY", "ssh-keygen")),
    [](const auto& each) {
      std::string name = each.param.first;
      std::erase(name, ' ');
      return name;
    });

TEST(PemTest, TakesAsManyBlocksAsItMay) {
  const std::string block = WritePem("CERTIFICATE", AsBytes("x"));
  EXPECT_THAT(ReadPem(block + block, PemWish::kCertificate, 2), IsOk());
  EXPECT_THAT(ReadPem(block + block + block, PemWish::kCertificate, 2),
              ErrorIs(ErrorCode::kResourceExhausted, "more than 2 PEM blocks"));
}

TEST(PemTest, TellsCertificatesFromKeys) {
  const std::string certificate = WritePem("CERTIFICATE", AsBytes("x"));
  EXPECT_THAT(ReadPem(certificate, PemWish::kPublicKey, 1),
              ErrorIs(ErrorCode::kInvalidArgument, "found a certificate"));
  EXPECT_THAT(ReadPem(kKey, PemWish::kCertificate, 1),
              ErrorIs(ErrorCode::kInvalidArgument, "found a block \"PUBLIC KEY\""));
}

TEST(PemTest, WritesWhatItReads) {
  for (const std::size_t size : {1U, 47U, 48U, 49U, 96U, 500U}) {
    const std::string der(size, '\x5A');
    const auto blocks = ReadPem(WritePem("CERTIFICATE", AsBytes(der)), PemWish::kCertificate, 1);
    ASSERT_THAT(blocks, IsOk());
    EXPECT_EQ(blocks->front().der, der);
  }
}

}  // namespace
}  // namespace xzgate::crypto
