#include "base/crypto/certificate.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_der.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::Issued;
using testing::IssueWish;
using testing::KeyType;
using testing::TestAuthority;
using testing::TestKey;
using testing::Utc;
namespace der = testing::der;

const TestAuthority& Root() {
  static const TestAuthority kRoot = TestAuthority::Root(testing::RootWish("root"));
  return kRoot;
}

Issued Leaf(IssueWish wish = {}) {
  return Root().Issue(wish, TestKey::Shared(KeyType::kP256));
}

Certificate Read(const IssueWish& wish) {
  return *Certificate::FromDer(AsBytes(Leaf(wish).der));
}

TEST(CertificateTest, SaysWhatItHolds) {
  const Issued leaf = Leaf({.common_name = "signer",
                            .organization = "Acme",
                            .not_before = Utc(2026, 1, 2, 3, 4, 5),
                            .not_after = Utc(2051, 12, 31, 23, 59, 59)});
  const auto certificate = Certificate::FromDer(AsBytes(leaf.der));
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(certificate->der(), leaf.der);
  EXPECT_EQ(certificate->key().der(), leaf.key.Spki());
  EXPECT_EQ(certificate->not_before(), Utc(2026, 1, 2, 3, 4, 5));
  EXPECT_EQ(certificate->not_after(), Utc(2051, 12, 31, 23, 59, 59));  // a GeneralizedTime
  EXPECT_EQ(certificate->Subject(), "CN=signer,O=Acme");
  EXPECT_EQ(certificate->Issuer(), "CN=root,O=xzgate test");
  EXPECT_FALSE(certificate->IsSelfIssued());
  EXPECT_FALSE(certificate->IsAuthority());
}

TEST(CertificateTest, KnowsAnAuthority) {
  const auto root = Certificate::FromPem(Root().Pem());
  ASSERT_THAT(root, IsOk());
  EXPECT_TRUE(root->IsAuthority());
  EXPECT_TRUE(root->IsSelfIssued());
}

TEST(CertificateTest, IsValidAtBothEndsAndBetween) {
  const Certificate leaf =
      Read({.not_before = Utc(2026, 1, 1), .not_after = Utc(2026, 1, 1, 0, 10)});
  EXPECT_FALSE(leaf.IsValidAt(Utc(2025, 12, 31, 23, 59, 59)));
  EXPECT_TRUE(leaf.IsValidAt(Utc(2026, 1, 1)));
  EXPECT_TRUE(leaf.IsValidAt(Utc(2026, 1, 1, 0, 10)));
  EXPECT_FALSE(leaf.IsValidAt(Utc(2026, 1, 1, 0, 10) + std::chrono::milliseconds(1)));
  EXPECT_FALSE(leaf.IsValidAt(Utc(2026, 1, 1, 0, 10, 1)));
}

// What a message shows cannot end a line nor start an escape sequence.
TEST(CertificateTest, EscapesNames) {
  const Certificate leaf = Read({.common_name = "a\nb\x1B[31m\"\\,é"});
  for (const char c : leaf.Subject()) EXPECT_TRUE(c >= ' ' && c < '\x7F') << leaf.Subject();
  EXPECT_LE(Read({.common_name = std::string(64, '\x01'), .organization = std::string(64, '\x01')})
                .Subject()
                .size(),
            600U);
}

TEST(CertificateTest, WritesThePemItReads) {
  const Issued leaf = Leaf();
  const auto certificate = Certificate::FromPem("\n" + leaf.Pem() + " \n");
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(certificate->ToPem(), leaf.Pem());
  EXPECT_EQ(*certificate, *Certificate::FromDer(AsBytes(leaf.der)));
  EXPECT_FALSE(*certificate == *Certificate::FromPem(Root().Pem()));
}

TEST(CertificateTest, ReadsAListInOrder) {
  const Issued leaf = Leaf();
  const auto list = Certificate::ListFromPem(leaf.Pem() + "\n" + Root().Pem(), 2);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].der(), leaf.der);
  EXPECT_EQ((*list)[1].der(), Root().der());
  EXPECT_THAT(Certificate::ListFromPem(leaf.Pem() + Root().Pem(), 1),
              ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(Certificate::FromPem(leaf.Pem() + Root().Pem()),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(CertificateTest, ReadsEveryKindOfKeyThatMaySign) {
  for (const KeyType type :
       {KeyType::kRsa2048, KeyType::kP256, KeyType::kP384, KeyType::kP521, KeyType::kEd25519}) {
    const Issued leaf = Root().Issue({}, TestKey::Shared(type));
    const auto certificate = Certificate::FromDer(AsBytes(leaf.der));
    ASSERT_THAT(certificate, IsOk());
    EXPECT_EQ(certificate->key().der(), leaf.key.Spki());
  }
}

// However it stands in the certificate: a key that is compared, hashed and printed has one form.
TEST(CertificateTest, GivesKeysInOneSpelling) {
  const Issued leaf = Root().Issue({}, TestKey::Shared(KeyType::kRsa2048));
  std::string odd = leaf.der;
  const std::string parameters("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05", 12);
  const auto at = odd.find(parameters);  // rsaEncryption and the tag of NULL
  ASSERT_NE(at, odd.npos);
  odd[at + parameters.size() - 1] = '\x15';
  const auto certificate = Certificate::FromDer(AsBytes(odd));
  if (!certificate) return;  // no less right
  EXPECT_EQ(certificate->key().der(), leaf.key.Spki());
  EXPECT_THAT(PublicKey::FromPem(certificate->key().ToPem()), IsOk());
}

TEST(CertificateTest, RefusesKeysThatMayNot) {
  for (const KeyType type : {KeyType::kRsa1024, KeyType::kP192, KeyType::kSecp256k1,
                             KeyType::kP256Explicit, KeyType::kX25519}) {
    const Issued leaf = Root().Issue({}, TestKey::Shared(type));
    EXPECT_THAT(Certificate::FromDer(AsBytes(leaf.der)), ErrorIs(ErrorCode::kUnsupported));
  }
}

TEST(CertificateTest, ReadsOneThatIsSignedOverSha1) {
  const Issued leaf = Leaf({.hash = Algorithm::kSha1});
  EXPECT_THAT(Certificate::FromDer(AsBytes(leaf.der)), IsOk());
}

struct DamageCase {
  std::string name;
  std::function<std::string(std::string)> change;
};

class CertificateRejects : public ::testing::TestWithParam<DamageCase> {};
TEST_P(CertificateRejects, Damage) {
  EXPECT_THAT(Certificate::FromDer(AsBytes(GetParam().change(Leaf().der))),
              ErrorIs(ErrorCode::kInvalidArgument));
}
INSTANTIATE_TEST_SUITE_P(
    Table, CertificateRejects,
    ::testing::Values(
        DamageCase{"Empty", [](const std::string&) { return std::string(); }},
        DamageCase{"OneByteShort", [](std::string der) { return der.substr(0, der.size() - 1); }},
        DamageCase{"OneByteLong", [](std::string der) { return der + std::string(1, '\0'); }},
        DamageCase{"TwoOfThem", [](std::string der) { return der + der; }},
        DamageCase{"SpaceBefore", [](std::string der) { return " " + der; }},
        DamageCase{"LongLength",
                   [](std::string der) {
                     return std::string("\x30\x83") + std::string(1, '\0') + der.substr(2);
                   }},
        DamageCase{"IndefiniteLength",
                   [](std::string der) {
                     return std::string("\x30\x80") + std::string(der::Inside(der)) +
                            std::string(2, '\0');
                   }},
        DamageCase{"Inside", [](std::string der) { return std::string(der::Inside(der)); }},
        DamageCase{"Pem", [](const std::string&) { return Leaf().Pem(); }}),
    [](const auto& each) { return each.param.name; });

TEST(CertificateTest, RefusesTimesThatAreNone) {
  std::string der = Leaf({.not_before = Utc(2026, 1, 2, 3, 4, 5)}).der;
  const auto at = der.find("260102030405Z");
  ASSERT_NE(at, der.npos);
  der.replace(at, 2, "ab");
  EXPECT_THAT(Certificate::FromDer(AsBytes(der)), ErrorIs(ErrorCode::kInvalidArgument, "start"));
}

TEST(CertificateTest, TakesOneOfTheGreatestLengthAndNoLonger) {
  const auto with = [](std::size_t bytes) {
    return Leaf({.extensions = {{"1.2.3.4", std::string(bytes, 'x'), false}}}).der;
  };
  EXPECT_THAT(Certificate::FromDer(AsBytes(with(Certificate::kMaxDerBytes - 1024))), IsOk());
  EXPECT_THAT(Certificate::FromDer(AsBytes(with(Certificate::kMaxDerBytes))),
              ErrorIs(ErrorCode::kResourceExhausted, "65536 bytes"));
}

TEST(CertificateTest, RefusesKeysInPem) {
  const Issued leaf = Leaf();
  EXPECT_THAT(Certificate::FromPem(leaf.key.PrivatePem()),
              ErrorIs(ErrorCode::kInvalidArgument, "private key"));
  EXPECT_THAT(Certificate::ListFromPem(leaf.Pem() + leaf.key.PrivatePem(), 2),
              ErrorIs(ErrorCode::kInvalidArgument, "private key"));
  EXPECT_THAT(Certificate::FromPem(leaf.key.PublicPem()),
              ErrorIs(ErrorCode::kInvalidArgument, "PUBLIC KEY"));
  EXPECT_THAT(Certificate::FromPem(""), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(CertificateTest, FindsAnExtension) {
  const std::string value("a\0b", 3);
  const Certificate leaf = Read({.extensions = {{"1.2.3.4", value, false}, {"1.2.3.5", "", true}}});
  EXPECT_EQ(*leaf.Extension("1.2.3.4"), value);
  EXPECT_EQ(*leaf.Extension("1.2.3.5"), "");
  EXPECT_EQ(*leaf.Extension("1.2.3.6"), std::nullopt);
  EXPECT_THAT(leaf.Extension("no oid"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(leaf.Extension(""), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(CertificateTest, RefusesAnExtensionThatOccursTwice) {
  const Certificate leaf = Read({.extensions = {{"1.2.3.4", "a", false}, {"1.2.3.4", "a", false}}});
  EXPECT_THAT(leaf.Extension("1.2.3.4"), ErrorIs(ErrorCode::kInvalidArgument, "occurs twice"));
}

}  // namespace
}  // namespace xzgate::crypto
