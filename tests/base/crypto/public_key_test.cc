#include "base/crypto/public_key.h"

#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_der.h"
#include "tests/support/signing/test_key.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::KeyType;
using testing::TestKey;
namespace der = testing::der;

std::string Hex(std::string_view hex) {
  return *HexDecode(hex);
}

struct KindCase {
  std::string name;
  KeyType type;
  KeyKind kind;
  int bits;
  Algorithm hash;
};

class PublicKeyKinds : public ::testing::TestWithParam<KindCase> {};
TEST_P(PublicKeyKinds, ReadAndWriteTheSame) {
  const auto& [name, type, kind, bits, hash] = GetParam();
  const TestKey& pair = TestKey::Shared(type);
  const auto key = PublicKey::FromPem(pair.PublicPem());
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->kind(), kind);
  EXPECT_EQ(key->bits(), bits);
  EXPECT_EQ(DefaultHash(key->kind()), hash);
  EXPECT_EQ(key->der(), pair.Spki());
  EXPECT_EQ(key->ToPem(), pair.PublicPem());
  EXPECT_EQ(key->Fingerprint(), HashBytes(Algorithm::kSha256, AsBytes(pair.Spki())));
  EXPECT_EQ(key->RawEd25519(), kind == KeyKind::kEd25519 ? pair.Raw() : "");
  EXPECT_EQ(*key, *PublicKey::FromDer(AsBytes(pair.Spki())));
  EXPECT_EQ(*key, *PublicKey::FromHandle(pair.handle()));
  EXPECT_FALSE(*key == *PublicKey::FromPem(TestKey::Shared(type, 1).PublicPem()));
}
INSTANTIATE_TEST_SUITE_P(
    Table, PublicKeyKinds,
    ::testing::Values(
        KindCase{"Rsa2048", KeyType::kRsa2048, KeyKind::kRsa, 2048, Algorithm::kSha256},
        KindCase{"Rsa3072", KeyType::kRsa3072, KeyKind::kRsa, 3072, Algorithm::kSha256},
        KindCase{"P256", KeyType::kP256, KeyKind::kEcdsaP256, 256, Algorithm::kSha256},
        KindCase{"P384", KeyType::kP384, KeyKind::kEcdsaP384, 384, Algorithm::kSha384},
        KindCase{"P521", KeyType::kP521, KeyKind::kEcdsaP521, 521, Algorithm::kSha512},
        KindCase{"Ed25519", KeyType::kEd25519, KeyKind::kEd25519, 256, Algorithm::kSha512}),
    [](const auto& each) { return each.param.name; });

TEST(PublicKeyTest, NamesItsKind) {
  EXPECT_EQ(ToString(KeyKind::kRsa), "RSA");
  EXPECT_EQ(ToString(KeyKind::kEcdsaP256), "ECDSA P-256");
  EXPECT_EQ(ToString(KeyKind::kEcdsaP384), "ECDSA P-384");
  EXPECT_EQ(ToString(KeyKind::kEcdsaP521), "ECDSA P-521");
  EXPECT_EQ(ToString(KeyKind::kEd25519), "Ed25519");
}

TEST(PublicKeyTest, ReadsPkcs1AsTheSameKey) {
  const TestKey& pair = TestKey::Shared(KeyType::kRsa2048);
  const auto key = PublicKey::FromPkcs1(AsBytes(pair.Pkcs1()));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->der(), pair.Spki());
  EXPECT_EQ(*key, *PublicKey::FromPem(testing::PemBlock("RSA PUBLIC KEY", pair.Pkcs1())));
}

// Keys by hand: what OpenSSL would not make.

const std::string kRsa = der::Oid("1.2.840.113549.1.1.1");
const std::string kEc = der::Oid("1.2.840.10045.2.1");
const std::string kP256 = der::Oid("1.2.840.10045.3.1.7");
const std::string kP256Base =  // FIPS 186-4, D.1.2.3
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

std::string Spki(std::string_view algorithm, std::string_view key) {
  return der::Sequence({algorithm, der::Tlv(3, std::string(1, '\0') + std::string(key))});
}

std::string EcKey(std::string_view point_hex) {
  return Spki(der::Sequence({kEc, kP256}), Hex(point_hex));
}

// A modulus of `bytes` bytes whose first and last bits are set.
std::string Modulus(std::size_t bytes, char last = '\x01') {
  std::string modulus = "\xC3" + std::string(bytes - 1, '\x5B');
  modulus.back() = last;
  return der::Tlv(2, std::string(1, '\0') + modulus);
}

std::string RsaKey(std::string_view modulus, std::string_view exponent) {
  return Spki(der::Sequence({kRsa, der::Null()}), der::Sequence({modulus, exponent}));
}

const std::string kF4 = der::Integer(65537);

struct DerCase {
  std::string name;
  std::string der;
  ErrorCode want = ErrorCode::kUnsupported;
  std::string message = {};
};

class PublicKeyAccepts : public ::testing::TestWithParam<DerCase> {};
TEST_P(PublicKeyAccepts, Der) {
  const auto key = PublicKey::FromDer(AsBytes(GetParam().der));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->der(), GetParam().der);
}
INSTANTIATE_TEST_SUITE_P(
    Table, PublicKeyAccepts,
    ::testing::Values(DerCase{"Rsa2048", RsaKey(Modulus(256), kF4)},
                      DerCase{"Rsa8192", RsaKey(Modulus(1024), kF4)},
                      DerCase{"RsaExponent3", RsaKey(Modulus(256), der::Integer(3))},
                      DerCase{"RsaExponent64Bits",
                              RsaKey(Modulus(256), der::Tlv(2, Hex("00ffffffffffffffff")))},
                      DerCase{"P256", EcKey("04" + kP256Base)},
                      DerCase{"P256Compressed", EcKey("03" + kP256Base.substr(0, 64))}),
    [](const auto& each) { return each.param.name; });

class PublicKeyRejects : public ::testing::TestWithParam<DerCase> {};
TEST_P(PublicKeyRejects, Der) {
  EXPECT_THAT(PublicKey::FromDer(AsBytes(GetParam().der)),
              ErrorIs(GetParam().want, GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, PublicKeyRejects,
    ::testing::Values(
        DerCase{"Rsa1024", TestKey::Shared(KeyType::kRsa1024).Spki(), ErrorCode::kUnsupported,
                "1024 bits"},
        DerCase{"Rsa2040", RsaKey(Modulus(255), kF4), ErrorCode::kUnsupported, "2040 bits"},
        DerCase{"Rsa8200", RsaKey(Modulus(1025), kF4), ErrorCode::kUnsupported, "8200 bits"},
        DerCase{"RsaExponent0", RsaKey(Modulus(256), der::Integer(0)), ErrorCode::kUnsupported,
                "odd exponent"},
        DerCase{"RsaExponent1", RsaKey(Modulus(256), der::Integer(1)), ErrorCode::kUnsupported,
                "above 1"},
        DerCase{"RsaExponentEven", RsaKey(Modulus(256), der::Integer(65536)),
                ErrorCode::kUnsupported, "odd exponent"},
        DerCase{"RsaExponent65Bits", RsaKey(Modulus(256), der::Tlv(2, Hex("01ffffffffffffffff"))),
                ErrorCode::kUnsupported, "64 bits"},
        DerCase{"RsaExponentHuge", RsaKey(Modulus(256), Modulus(256)), ErrorCode::kUnsupported,
                "64 bits"},
        DerCase{"RsaModulusEven", RsaKey(Modulus(256, '\x02'), kF4), ErrorCode::kInvalidArgument,
                "not odd"},
        DerCase{"P192", TestKey::Shared(KeyType::kP192).Spki(), ErrorCode::kUnsupported,
                "want P-256"},
        DerCase{"Secp256k1", TestKey::Shared(KeyType::kSecp256k1).Spki(), ErrorCode::kUnsupported,
                "secp256k1"},
        DerCase{"UnknownCurve", Spki(der::Sequence({kEc, der::Oid("1.2.3.4")}), "\x04xy"),
                ErrorCode::kUnsupported, "want P-256"},
        DerCase{"P256Explicit", TestKey::Shared(KeyType::kP256Explicit).Spki(),
                ErrorCode::kUnsupported, "explicit"},
        DerCase{"X25519", TestKey::Shared(KeyType::kX25519).Spki(), ErrorCode::kUnsupported,
                "X25519"},
        DerCase{"Dsa",
                Spki(der::Sequence({der::Oid("1.2.840.10040.4.1"),
                                    der::Sequence({Modulus(256), Modulus(32), der::Integer(2)})}),
                     Modulus(256)),
                ErrorCode::kUnsupported, "DSA"},
        DerCase{"RsaPss",
                Spki(der::Sequence({der::Oid("1.2.840.113549.1.1.10")}),
                     der::Sequence({Modulus(256), kF4})),
                ErrorCode::kUnsupported, "want RSA"},
        DerCase{"UnknownAlgorithm", Spki(der::Sequence({der::Oid("1.2.3.4")}), "xyz"),
                ErrorCode::kUnsupported, "want RSA"}),
    [](const auto& each) { return each.param.name; });

const std::string kGood = EcKey("04" + kP256Base);

INSTANTIATE_TEST_SUITE_P(
    Damage, PublicKeyRejects,
    ::testing::Values(
        DerCase{"Empty", "", ErrorCode::kInvalidArgument},
        DerCase{"OneByteShort", kGood.substr(0, kGood.size() - 1), ErrorCode::kInvalidArgument},
        DerCase{"OneByteLong", kGood + std::string(1, '\0'), ErrorCode::kInvalidArgument,
                "after its end"},
        DerCase{"TwoKeys", kGood + kGood, ErrorCode::kInvalidArgument, "after its end"},
        DerCase{"LongLength", std::string("\x30\x81") + kGood.substr(1),
                ErrorCode::kInvalidArgument, "not in DER"},
        DerCase{"IndefiniteLength",
                std::string("\x30\x80") + kGood.substr(2) + std::string(2, '\0'),
                ErrorCode::kInvalidArgument, "not in DER"},
        DerCase{"PointNotOnCurve", EcKey("04" + kP256Base.substr(0, 127) + "4"),
                ErrorCode::kInvalidArgument, "damaged EC key"},
        DerCase{"PointAtInfinity", EcKey("00"), ErrorCode::kInvalidArgument, "EC key"},
        DerCase{"PointShort", EcKey("04" + kP256Base.substr(0, 126)), ErrorCode::kInvalidArgument,
                "damaged EC key"},
        DerCase{"CurveMissing", Spki(der::Sequence({kEc}), Hex("04" + kP256Base)),
                ErrorCode::kUnsupported, "named curve"},
        DerCase{"RsaParametersMissing",
                Spki(der::Sequence({kRsa}), der::Sequence({Modulus(256), kF4})),
                ErrorCode::kInvalidArgument, "not in DER"},
        DerCase{"RsaBytesInsideAfterKey",
                Spki(der::Sequence({kRsa, der::Null()}),
                     der::Sequence({Modulus(256), kF4}) + std::string(1, '\0')),
                ErrorCode::kInvalidArgument},
        DerCase{"RsaNegativeModulus", RsaKey(der::Tlv(2, "\xC3" + std::string(255, '\x5B')), kF4),
                ErrorCode::kInvalidArgument},
        DerCase{"Ed25519Short",
                Spki(der::Sequence({der::Oid("1.3.101.112")}), std::string(31, 'x')),
                ErrorCode::kInvalidArgument, "damaged key"},
        DerCase{"Pkcs1", TestKey::Shared(KeyType::kRsa2048).Pkcs1(), ErrorCode::kInvalidArgument},
        DerCase{"Pem", TestKey::Shared(KeyType::kP256).PublicPem(), ErrorCode::kInvalidArgument},
        DerCase{"TooLong", std::string(PublicKey::kMaxPemBytes + 1, '0'),
                ErrorCode::kInvalidArgument, "more than 65536 bytes"}),
    [](const auto& each) { return each.param.name; });

TEST(PublicKeyTest, RefusesDamagedPkcs1) {
  const std::string good = TestKey::Shared(KeyType::kRsa2048).Pkcs1();
  for (const std::string& der : {std::string(), good + "0", good.substr(0, good.size() - 1),
                                 TestKey::Shared(KeyType::kRsa2048).Spki()}) {
    EXPECT_THAT(PublicKey::FromPkcs1(AsBytes(der)), ErrorIs(ErrorCode::kInvalidArgument));
  }
  EXPECT_THAT(PublicKey::FromPkcs1(AsBytes(TestKey::Shared(KeyType::kRsa1024).Pkcs1())),
              ErrorIs(ErrorCode::kUnsupported, "1024 bits"));
}

TEST(PublicKeyTest, RefusesAPrivateKeyWithTheWayOut) {
  for (const KeyType type : {KeyType::kRsa2048, KeyType::kP256, KeyType::kEd25519}) {
    const TestKey& pair = TestKey::Shared(type);
    EXPECT_THAT(PublicKey::FromPem(pair.PrivatePem()),
                ErrorIs(ErrorCode::kInvalidArgument, "openssl pkey -in FILE -pubout"));
    EXPECT_THAT(PublicKey::FromPem(pair.PublicPem() + pair.PrivatePem()),
                ErrorIs(ErrorCode::kInvalidArgument, "private key"));
  }
}

TEST(PublicKeyTest, RefusesACertificateWithTheWayOut) {
  const auto root = testing::TestAuthority::Root(testing::RootWish("root"));
  EXPECT_THAT(PublicKey::FromPem(root.Pem()),
              ErrorIs(ErrorCode::kInvalidArgument, "openssl x509 -in FILE -pubkey"));
}

TEST(PublicKeyTest, RefusesTwoKeysInOneText) {
  const std::string pem = TestKey::Shared(KeyType::kP256).PublicPem();
  EXPECT_THAT(PublicKey::FromPem(pem + pem),
              ErrorIs(ErrorCode::kInvalidArgument, "more than 1 PEM block"));
}

TEST(PublicKeyTest, TakesATextOfTheGreatestLengthAndNoLonger) {
  const std::string pem = TestKey::Shared(KeyType::kP256).PublicPem();
  const std::string space(PublicKey::kMaxPemBytes - pem.size(), '\n');
  EXPECT_THAT(PublicKey::FromPem(pem + space), IsOk());
  EXPECT_THAT(PublicKey::FromPem(pem + space + "\n"),
              ErrorIs(ErrorCode::kInvalidArgument, "more than 65536 bytes"));
}

TEST(PublicKeyTest, RefusesNoHandle) {
  EXPECT_THAT(PublicKey::FromHandle(nullptr), ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate::crypto
