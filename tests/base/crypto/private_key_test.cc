#include "base/crypto/private_key.h"

#include <openssl/pem.h>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_ptr.h"
#include "tests/support/result_matchers.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

std::string ToPem(EVP_PKEY* key, const char* password = nullptr) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, password == nullptr ? nullptr : EVP_aes_128_cbc(),
                                password, password == nullptr ? 0 : 4, nullptr, nullptr);
  return std::string(TextOf(bio.get()));
}

TEST(PrivateKeyTest, EachIsNew) {
  const auto one = PrivateKey::Generate(), two = PrivateKey::Generate();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(one->public_key().kind(), KeyKind::kEcdsaP256);
  EXPECT_FALSE(one->public_key() == two->public_key());
}

TEST(PrivateKeyTest, SurvivesPem) {
  const PrivateKey key = *PrivateKey::Generate();
  const auto again = PrivateKey::FromPem(key.ToPem());
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->public_key() == key.public_key());
  EXPECT_EQ(again->ToPem(), key.ToPem());
}

TEST(PrivateKeyTest, RefusesWhatIsNone) {
  const PkeyPtr rsa(EVP_RSA_gen(2048));
  const PkeyPtr p384(EVP_EC_gen("P-384"));
  const PkeyPtr p256(EVP_EC_gen("P-256"));
  EXPECT_THAT(PrivateKey::FromPem(ToPem(rsa.get())), ErrorIs(ErrorCode::kUnsupported, "RSA"));
  EXPECT_THAT(PrivateKey::FromPem(ToPem(p384.get())), ErrorIs(ErrorCode::kUnsupported, "P-384"));
  EXPECT_THAT(PrivateKey::FromPem(ToPem(p256.get(), "abcd")),
              ErrorIs(ErrorCode::kUnsupported, "password"));
  EXPECT_THAT(PrivateKey::FromPem(""), ErrorIs(ErrorCode::kInvalidArgument, "PEM"));
  EXPECT_THAT(PrivateKey::FromPem(PrivateKey::Generate()->public_key().ToPem()),
              ErrorIs(ErrorCode::kInvalidArgument, "PEM"));
  EXPECT_THAT(PrivateKey::FromPem(std::string(PrivateKey::kMaxPemBytes + 1, 'x')),
              ErrorIs(ErrorCode::kInvalidArgument, "8192"));
}

TEST(PrivateKeyTest, AnErrorNeverTellsTheKey) {
  std::string damaged = PrivateKey::Generate()->ToPem();
  const std::string secret = damaged.substr(60, 20);
  damaged.replace(40, 8, "AAAAAAAA");
  const auto refused = PrivateKey::FromPem(damaged);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace xzgate::crypto
