#include "webhook/server/certificate_pair.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/result_matchers.h"
#include "tests/support/test_certificates.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using testing::ErrorIs;
using testing::IsOk;
using testing::TestCertificate;

const WallTime kNow = std::chrono::sys_days(std::chrono::January / 1 / 2026);

TEST(ParseCertificatePair, ReadsALeafWithItsChain) {
  const auto root = TestCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  const auto between = root.Issue({.common_name = "between", .is_authority = true});
  const auto leaf = between.Issue({.not_after = kNow + 24h});
  const auto pair =
      ParseCertificatePair(leaf.CertificatePem() + between.CertificatePem() + root.CertificatePem(),
                           leaf.KeyPem(), kNow);
  ASSERT_THAT(pair, IsOk());
  EXPECT_EQ(pair->chain.size(), 2u);
  EXPECT_EQ(pair->not_after, kNow + 24h);
  EXPECT_THAT(MakeServerContext(*pair), IsOk());
}

TEST(ParseCertificatePair, ReadsAnRsaKey) {
  const auto leaf = TestCertificate::SelfSigned({.rsa_bits = 2048});
  const auto pair = ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow);
  ASSERT_THAT(pair, IsOk());
  EXPECT_THAT(MakeServerContext(*pair), IsOk());
}

TEST(ParseCertificatePair, RefusesAKeyOfAnother) {
  const auto leaf = TestCertificate::SelfSigned();
  const auto other = TestCertificate::SelfSigned();
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), other.KeyPem(), kNow),
              ErrorIs(ErrorCode::kIntegrity, "does not belong"));
}

// The chain in the wrong order: the first certificate is not the one of the key.
TEST(ParseCertificatePair, RefusesAChainBeforeItsLeaf) {
  const auto root = TestCertificate::SelfSigned({.is_authority = true});
  const auto leaf = root.Issue({});
  EXPECT_THAT(
      ParseCertificatePair(root.CertificatePem() + leaf.CertificatePem(), leaf.KeyPem(), kNow),
      ErrorIs(ErrorCode::kIntegrity));
}

TEST(ParseCertificatePair, ExpiresWithItsLastMoment) {
  const auto leaf = TestCertificate::SelfSigned({.not_after = kNow});
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow - 1ms), IsOk());
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow),
              ErrorIs(ErrorCode::kUnavailable, "expired at 2026-01-01T00:00:00"));
}

TEST(ParseCertificatePair, TakesAStartWithinTheSkewOfClocks) {
  const auto leaf = TestCertificate::SelfSigned({.not_before = kNow});
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow - 5min), IsOk());
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow - 5min - 1ms),
              ErrorIs(ErrorCode::kUnavailable, "not valid before"));
}

TEST(ParseCertificatePair, RefusesAnEncryptedKeyWithoutAsking) {
  const auto leaf = TestCertificate::SelfSigned();
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), leaf.EncryptedKeyPem("pass"), kNow),
              ErrorIs(ErrorCode::kPermissionDenied, "without a password"));
}

TEST(ParseCertificatePair, RefusesWhatIsNoPem) {
  const auto leaf = TestCertificate::SelfSigned();
  EXPECT_THAT(ParseCertificatePair("", leaf.KeyPem(), kNow), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem(), "", kNow),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseCertificatePair(leaf.KeyPem(), leaf.CertificatePem(), kNow),
              ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ParseCertificatePair, RefusesADamagedChain) {
  const auto root = TestCertificate::SelfSigned({.is_authority = true});
  const auto leaf = root.Issue({});
  const std::string cut = root.CertificatePem().substr(0, 200);
  EXPECT_THAT(ParseCertificatePair(leaf.CertificatePem() + cut, leaf.KeyPem(), kNow),
              ErrorIs(ErrorCode::kInvalidArgument, "malformed certificate"));
}

TEST(ParseCertificatePair, BoundsTheChain) {
  const auto leaf = TestCertificate::SelfSigned();
  std::string chain;
  for (std::size_t i = 0; i < kMaxChainLength; ++i) chain += leaf.CertificatePem();
  EXPECT_THAT(ParseCertificatePair(chain, leaf.KeyPem(), kNow), IsOk());
  EXPECT_THAT(ParseCertificatePair(chain + leaf.CertificatePem(), leaf.KeyPem(), kNow),
              ErrorIs(ErrorCode::kInvalidArgument, "at most 10"));
}

TEST(MakeServerContext, RefusesAWeakKey) {
  const auto leaf = TestCertificate::SelfSigned({.rsa_bits = 1024});
  const auto pair = ParseCertificatePair(leaf.CertificatePem(), leaf.KeyPem(), kNow);
  ASSERT_THAT(pair, IsOk());
  EXPECT_THAT(MakeServerContext(*pair), ErrorIs(ErrorCode::kInvalidArgument, "key too small"));
}

}  // namespace
}  // namespace xzgate::server
