// PublicKey's verification; how keys are read is in public_key_test.cc.

#include <openssl/rsa.h>

#include "base/crypto/openssl_ptr.h"
#include "base/crypto/public_key.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_der.h"
#include "tests/support/signing/test_key.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::KeyType;
using testing::SignWish;
using testing::TestKey;
namespace der = testing::der;

const std::string kMessage = "what was signed";

PublicKey KeyOf(const TestKey& key) {
  return *PublicKey::FromDer(AsBytes(key.Spki()));
}

std::string Hex(std::string_view hex) {
  return *HexDecode(hex);
}

std::string Flip(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

struct SchemeCase {
  std::string name;
  KeyType type;
  Scheme scheme;
  SignWish wish = {};
};

const SchemeCase kSchemes[] = {
    {"RsaSha256", KeyType::kRsa2048, {Algorithm::kSha256}, {Algorithm::kSha256}},
    {"RsaSha512", KeyType::kRsa3072, {Algorithm::kSha512}, {Algorithm::kSha512}},
    {"RsaPssSha256",
     KeyType::kRsa2048,
     {Algorithm::kSha256, Scheme::Form::kPss},
     {Algorithm::kSha256, SignWish::Form::kPss}},
    {"RsaPssSha384",
     KeyType::kRsa3072,
     {Algorithm::kSha384, Scheme::Form::kPss},
     {Algorithm::kSha384, SignWish::Form::kPss}},
    {"P256", KeyType::kP256, {Algorithm::kSha256}, {Algorithm::kSha256}},
    {"P256Sha512", KeyType::kP256, {Algorithm::kSha512}, {Algorithm::kSha512}},
    {"P384", KeyType::kP384, {Algorithm::kSha384}, {Algorithm::kSha384}},
    {"P384Sha256", KeyType::kP384, {Algorithm::kSha256}, {Algorithm::kSha256}},  // older cosign
    {"P521", KeyType::kP521, {Algorithm::kSha512}, {Algorithm::kSha512}},
};

class VerifyScheme : public ::testing::TestWithParam<SchemeCase> {};

TEST_P(VerifyScheme, HoldsForTheSignedMessageAlone) {
  const auto& [name, type, scheme, wish] = GetParam();
  const TestKey& signer = TestKey::Shared(type);
  const PublicKey key = KeyOf(signer);
  const std::string signature = signer.Sign(kMessage, wish);
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), scheme), IsOk());
  const std::string digest = HashBytes(scheme.hash, AsBytes(kMessage));
  EXPECT_THAT(key.VerifyDigest(AsBytes(digest), AsBytes(signature), scheme), IsOk());

  const auto refused = ErrorIs(ErrorCode::kIntegrity);
  EXPECT_THAT(key.Verify(AsBytes(kMessage + "\n"), AsBytes(signature), scheme), refused);
  EXPECT_THAT(key.VerifyDigest(AsBytes(Flip(digest, 0)), AsBytes(signature), scheme), refused);
  const PublicKey other = KeyOf(TestKey::Shared(type, 1));
  EXPECT_THAT(other.Verify(AsBytes(kMessage), AsBytes(signature), scheme), refused);
  Scheme other_hash = scheme;
  other_hash.hash = scheme.hash == Algorithm::kSha256 ? Algorithm::kSha384 : Algorithm::kSha256;
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), other_hash), refused);
}

TEST_P(VerifyScheme, RefusesEveryOtherSignature) {
  const auto& [name, type, scheme, wish] = GetParam();
  const TestKey& signer = TestKey::Shared(type);
  const PublicKey key = KeyOf(signer);
  const std::string good = signer.Sign(kMessage, wish);
  std::vector<std::string> bad = {"",
                                  std::string(1, '\0'),
                                  good + std::string(1, '\0'),
                                  "0" + good,
                                  good.substr(0, good.size() - 1),
                                  std::string(good.size(), '\0'),
                                  std::string(good.size(), '\xFF')};
  for (std::size_t i = 0; i < good.size(); ++i) bad.push_back(Flip(good, i));
  for (const std::string& signature : bad) {
    EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), scheme),
                ErrorIs(ErrorCode::kIntegrity))
        << HexEncode(AsBytes(signature));
  }
}

INSTANTIATE_TEST_SUITE_P(Table, VerifyScheme, ::testing::ValuesIn(kSchemes),
                         [](const auto& each) { return each.param.name; });

struct ConfusionCase {
  std::string name;
  KeyType type;
  SignWish wish;  // how it was signed
  Scheme scheme;  // how it is verified
  ErrorCode want = ErrorCode::kIntegrity;
};

class KeyConfusion : public ::testing::TestWithParam<ConfusionCase> {};
TEST_P(KeyConfusion, IsRefused) {
  const ConfusionCase& each = GetParam();
  const TestKey& signer = TestKey::Shared(each.type);
  const std::string signature = signer.Sign(kMessage, each.wish);
  EXPECT_THAT(KeyOf(signer).Verify(AsBytes(kMessage), AsBytes(signature), each.scheme),
              ErrorIs(each.want));
}
INSTANTIATE_TEST_SUITE_P(
    Table, KeyConfusion,
    ::testing::Values(ConfusionCase{"PssWherePkcs1IsWanted",
                                    KeyType::kRsa2048,
                                    {Algorithm::kSha256, SignWish::Form::kPss},
                                    {Algorithm::kSha256}},
                      ConfusionCase{"Pkcs1WherePssIsWanted",
                                    KeyType::kRsa2048,
                                    {Algorithm::kSha256},
                                    {Algorithm::kSha256, Scheme::Form::kPss}},
                      ConfusionCase{"RawEcdsaWhereDerIsWanted",
                                    KeyType::kP256,
                                    {Algorithm::kSha256, SignWish::Form::kRaw},
                                    {Algorithm::kSha256}},
                      ConfusionCase{"RsaOverSha1",
                                    KeyType::kRsa2048,
                                    {Algorithm::kSha1},
                                    {Algorithm::kSha1},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"EcdsaOverSha1",
                                    KeyType::kP256,
                                    {Algorithm::kSha1},
                                    {Algorithm::kSha1},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"PssByEcdsa",
                                    KeyType::kP256,
                                    {},
                                    {Algorithm::kSha256, Scheme::Form::kPss},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"PssByEd25519",
                                    KeyType::kEd25519,
                                    {},
                                    {Algorithm::kSha256, Scheme::Form::kPss},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"PrehashByRsa",
                                    KeyType::kRsa2048,
                                    {},
                                    {Algorithm::kSha512, Scheme::Form::kPrehash},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"PrehashByEcdsa",
                                    KeyType::kP521,
                                    {},
                                    {Algorithm::kSha512, Scheme::Form::kPrehash},
                                    ErrorCode::kUnsupported},
                      ConfusionCase{"PrehashOverSha256",
                                    KeyType::kEd25519,
                                    {},
                                    {Algorithm::kSha256, Scheme::Form::kPrehash},
                                    ErrorCode::kUnsupported}),
    [](const auto& each) { return each.param.name; });

TEST(VerifyTest, RefusesASignatureByAKeyOfAnotherKind) {
  const KeyType types[] = {KeyType::kRsa2048, KeyType::kP256, KeyType::kP384, KeyType::kP521,
                           KeyType::kEd25519};
  for (const KeyType signer : types) {
    const std::string signature = TestKey::Shared(signer).Sign(kMessage);
    for (const KeyType verifier : types) {
      if (signer == verifier) continue;
      EXPECT_THAT(
          KeyOf(TestKey::Shared(verifier)).Verify(AsBytes(kMessage), AsBytes(signature), {}),
          ErrorIs(ErrorCode::kIntegrity));
    }
  }
}

TEST(VerifyTest, RefusesADigestOfAnotherLength) {
  const PublicKey key = KeyOf(TestKey::Shared(KeyType::kP256));
  for (const std::size_t size : {0U, 20U, 31U, 33U, 64U}) {
    EXPECT_THAT(key.VerifyDigest(AsBytes(std::string(size, 'x')), AsBytes("x"), {}),
                ErrorIs(ErrorCode::kInvalidArgument, "want 32"));
  }
}

// OpenSSL alone would find the length out, and accept.
TEST(VerifyTest, RefusesASaltOfAnotherLength) {
  const TestKey& signer = TestKey::Shared(KeyType::kRsa2048);
  const auto sign = [&](int salt) {
    const MdCtxPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, signer.handle());
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt);
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   AsBytes(kMessage).data(), kMessage.size());
    return signature;
  };
  const Scheme pss = {Algorithm::kSha256, Scheme::Form::kPss};
  const PublicKey key = KeyOf(signer);
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(sign(32)), pss), IsOk());
  for (const int salt : {0, 20, 31, 33, 222}) {
    EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(sign(salt)), pss),
                ErrorIs(ErrorCode::kIntegrity));
  }
}

// ECDSA signatures that mean the same numbers, spelt otherwise than DER, and numbers out of range.
TEST(VerifyTest, TakesOneSpellingOfAnEcdsaSignature) {
  const TestKey& signer = TestKey::Shared(KeyType::kP256);
  const PublicKey key = KeyOf(signer);
  const std::string raw = signer.Sign(kMessage, {Algorithm::kSha256, SignWish::Form::kRaw});
  const auto number = [](std::string bytes) {
    while (bytes.size() > 1 && bytes[0] == 0 && (bytes[1] & 0x80) == 0) bytes.erase(0, 1);
    return (bytes[0] & 0x80) != 0 ? std::string(1, '\0') + bytes : bytes;
  };
  const std::string r = number(raw.substr(0, 32));
  const std::string s = number(raw.substr(32));
  const std::string zero(1, '\0');
  const auto pair = [](std::string_view first, std::string_view second) {
    return der::Sequence({der::Tlv(2, first), der::Tlv(2, second)});
  };
  const auto verify = [&](const std::string& signature) {
    return key.Verify(AsBytes(kMessage), AsBytes(signature), {});
  };
  EXPECT_THAT(verify(pair(r, s)), IsOk());
  const std::string inner = der::Tlv(2, r) + der::Tlv(2, s);
  // The order of P-256 (FIPS 186-4, D.1.2.3).
  const std::string order =
      zero + Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string bad[] = {
      pair(zero + r, s),                                                  // padded
      pair(r, zero + s),                                                  //
      pair(zero, s),                                                      // r = 0
      pair(r, zero),                                                      // s = 0
      pair("", s),                                                        // no number
      pair("\x81" + r.substr(1), s),                                      // negative
      pair(order, s),                                                     // out of range
      pair(r, order),                                                     //
      pair(r, s) + zero,                                                  // bytes after it
      der::Sequence({inner, der::Tlv(2, "\x01")}),                        // three numbers
      der::Sequence({der::Tlv(2, r)}),                                    // one
      std::string("\x30\x81") + static_cast<char>(inner.size()) + inner,  // long length
      std::string("\x30\x80") + inner + std::string(2, '\0'),             // no length
      der::Tlv(0x31, inner),                                              // a set
      der::Sequence({der::Tlv(3, r), der::Tlv(2, s)}),                    // a bit string
      pair(s, r),
  };
  for (const std::string& signature : bad) {
    EXPECT_THAT(verify(signature), ErrorIs(ErrorCode::kIntegrity)) << HexEncode(AsBytes(signature));
  }
}

TEST(VerifyTest, VerifiesPureEd25519) {
  const TestKey& signer = TestKey::Shared(KeyType::kEd25519);
  const PublicKey key = KeyOf(signer);
  const std::string signature = signer.Sign(kMessage);
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), {}), IsOk());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(Flip(signature, i)), {}),
                ErrorIs(ErrorCode::kIntegrity));
  }
  EXPECT_THAT(key.Verify(AsBytes("else"), AsBytes(signature), {}), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(key.VerifyDigest(AsBytes(HashBytes(Algorithm::kSha512, AsBytes(kMessage))),
                               AsBytes(signature), {Algorithm::kSha512}),
              ErrorIs(ErrorCode::kUnsupported, "needs the message"));
}

TEST(VerifyTest, TellsEd25519phFromEd25519) {
  const TestKey& signer = TestKey::Shared(KeyType::kEd25519);
  const PublicKey key = KeyOf(signer);
  const Scheme prehash = {Algorithm::kSha512, Scheme::Form::kPrehash};
  const std::string pure = signer.Sign(kMessage);
  if (!TestKey::CanPrehash()) {
    EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(pure), prehash),
                ErrorIs(ErrorCode::kUnsupported, "Ed25519ph"));
    EXPECT_THAT(key.VerifyDigest(AsBytes(HashBytes(Algorithm::kSha512, AsBytes(kMessage))),
                                 AsBytes(pure), prehash),
                ErrorIs(ErrorCode::kUnsupported, "Ed25519ph"));
    return;
  }
  const std::string signature = signer.Sign(kMessage, {.form = SignWish::Form::kPrehash});
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), prehash), IsOk());
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(signature), {}),
              ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(key.Verify(AsBytes(kMessage), AsBytes(pure), prehash),
              ErrorIs(ErrorCode::kIntegrity));
  const auto verify_digest = [&](std::string_view message) {
    return key.VerifyDigest(AsBytes(HashBytes(Algorithm::kSha512, AsBytes(message))),
                            AsBytes(signature), prehash);
  };
  if (OPENSSL_VERSION_NUMBER < 0x30400000L) {
    EXPECT_THAT(verify_digest(kMessage), ErrorIs(ErrorCode::kUnsupported, "Ed25519ph"));
    return;
  }
  EXPECT_THAT(verify_digest(kMessage), IsOk());
  EXPECT_THAT(verify_digest("else"), ErrorIs(ErrorCode::kIntegrity));
}

// Signatures that OpenSSL did not make.
TEST(VerifyTest, AgreesWithPublishedVectors) {
  // RFC 8032, section 7.1, test 2.
  const auto edwards = PublicKey::FromDer(
      AsBytes(Hex("302a300506032b6570032100"
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")));
  ASSERT_THAT(edwards, IsOk());
  EXPECT_THAT(edwards->Verify(AsBytes("\x72"),
                              AsBytes(Hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223"
                                          "ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
                                          "b00d291612bb0c00")),
                              {}),
              IsOk());
  // RFC 6979, appendix A.2.5: P-256, SHA-256, "sample".
  const auto curve = PublicKey::FromDer(AsBytes(
      Hex("3059301306072a8648ce3d020106082a8648ce3d030107034200"
          "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9"
          "e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")));
  ASSERT_THAT(curve, IsOk());
  EXPECT_THAT(
      curve->Verify(
          AsBytes("sample"),
          AsBytes(Hex("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84ea"
                      "f3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f84"
                      "3acda8")),
          {}),
      IsOk());
}

}  // namespace
}  // namespace xzgate::crypto
