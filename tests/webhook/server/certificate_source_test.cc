#include "webhook/server/certificate_source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/test_certificates.h"
#include "tests/webhook/server/temp_directory.h"
#include "webhook/server/certificate_check.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using testing::TestCertificate;

class CertificateSourceTest : public ::testing::Test {
 protected:
  void WritePair(const TestCertificate& pair) {
    directory_.Write("tls.crt", pair.CertificatePem());
    directory_.Write("tls.key", pair.KeyPem());
  }

  TempDirectory directory_;
  testing::FakeClock clock_;
  testing::FakeLogger logger_;
  CertificateSource source_{
      {.certificate = directory_.File("tls.crt"), .key = directory_.File("tls.key")},
      clock_,
      logger_};
};

TEST_F(CertificateSourceTest, LoadsWhatIsThere) {
  WritePair(TestCertificate::SelfSigned());
  EXPECT_TRUE(source_.Refresh());
  EXPECT_NE(source_.Current(), nullptr);
  EXPECT_TRUE(source_.state().loaded);
  EXPECT_EQ(source_.state().last_error, "");
  EXPECT_EQ(source_.state().not_after,
            WallTime(std::chrono::sys_days(std::chrono::January / 1 / 2040)));
}

TEST_F(CertificateSourceTest, WaitsForFilesThatComeLater) {
  EXPECT_FALSE(source_.Refresh());
  EXPECT_EQ(source_.Current(), nullptr);
  EXPECT_NE(source_.state().last_error.find("tls.crt"), std::string::npos);
  WritePair(TestCertificate::SelfSigned());
  EXPECT_TRUE(source_.Refresh());
  EXPECT_NE(source_.Current(), nullptr);
}

TEST_F(CertificateSourceTest, ReadsNothingWhileNothingChanges) {
  WritePair(TestCertificate::SelfSigned());
  source_.Refresh();
  const auto before = source_.Current();
  EXPECT_FALSE(source_.Refresh());
  EXPECT_EQ(source_.Current(), before);
  EXPECT_EQ(source_.state().loads, 1u);
}

TEST_F(CertificateSourceTest, TakesANewPair) {
  WritePair(TestCertificate::SelfSigned());
  source_.Refresh();
  const auto before = source_.Current();
  WritePair(TestCertificate::SelfSigned());
  EXPECT_TRUE(source_.Refresh());
  EXPECT_NE(source_.Current(), before);
}

TEST_F(CertificateSourceTest, KeepsTheOldPairWhenTheNewIsBad) {
  WritePair(TestCertificate::SelfSigned());
  source_.Refresh();
  const auto before = source_.Current();
  directory_.Write("tls.crt", "rubbish");
  EXPECT_FALSE(source_.Refresh());
  EXPECT_EQ(source_.Current(), before);
  EXPECT_TRUE(source_.state().loaded);
  EXPECT_NE(source_.state().last_error.find("no certificate"), std::string::npos);
  EXPECT_EQ(source_.state().failures, 1u);
}

TEST_F(CertificateSourceTest, SaysOnceThatAPairIsBad) {
  WritePair(TestCertificate::SelfSigned());
  directory_.Write("tls.key", "rubbish");
  for (int i = 0; i < 5; ++i) {
    source_.Refresh();
    clock_.Advance(31s);
  }
  const auto refused = logger_.Find("no certificate: not ready until the files are good");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].level, log::Level::kError);
}

TEST_F(CertificateSourceTest, OnlyWarnsWhileTheOldPairIsGood) {
  WritePair(TestCertificate::SelfSigned());
  source_.Refresh();
  directory_.Write("tls.key", "rubbish");
  source_.Refresh();
  const auto refused = logger_.Find("certificate refused, the old one stays in use");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].level, log::Level::kWarning);
}

TEST_F(CertificateSourceTest, CountsRefusedChangesNotTries) {
  WritePair(TestCertificate::SelfSigned());
  directory_.Write("tls.key", "rubbish");
  source_.Refresh();
  EXPECT_EQ(source_.state().failures, 1u);
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(30s);
    source_.Refresh();
  }
  EXPECT_EQ(source_.state().failures, 1u);
  directory_.Write("tls.key", "other rubbish");
  source_.Refresh();
  EXPECT_EQ(source_.state().failures, 2u);
}

TEST_F(CertificateSourceTest, TakesAPairOnceItIsValid) {
  WritePair(TestCertificate::SelfSigned({.not_before = clock_.WallNow() + 1h}));
  EXPECT_FALSE(source_.Refresh());
  clock_.Advance(1h);
  EXPECT_TRUE(source_.Refresh());
}

TEST_F(CertificateSourceTest, RefusesAnExpiredPair) {
  WritePair(TestCertificate::SelfSigned({.not_after = clock_.WallNow() - 1s}));
  EXPECT_FALSE(source_.Refresh());
  EXPECT_NE(source_.state().last_error.find("expired"), std::string::npos);
}

// Kubernetes mounts a secret as links to a directory that a link names, and swaps that link.
TEST_F(CertificateSourceTest, FollowsASwappedDirectory) {
  namespace fs = std::filesystem;
  const auto publish = [this](const std::string& name, const TestCertificate& pair) {
    fs::create_directory(directory_.path() / name);
    directory_.Write(name + "/tls.crt", pair.CertificatePem());
    directory_.Write(name + "/tls.key", pair.KeyPem());
    fs::create_directory_symlink(name, directory_.path() / "..data_tmp");
    fs::rename(directory_.path() / "..data_tmp", directory_.path() / "..data");
  };
  publish("first", TestCertificate::SelfSigned());
  fs::create_symlink("..data/tls.crt", directory_.path() / "tls.crt");
  fs::create_symlink("..data/tls.key", directory_.path() / "tls.key");
  EXPECT_TRUE(source_.Refresh());
  publish("second", TestCertificate::SelfSigned());
  EXPECT_TRUE(source_.Refresh());
  EXPECT_FALSE(source_.Refresh());
}

TEST_F(CertificateSourceTest, TellsReadiness) {
  const auto check = CheckCertificate(source_);
  EXPECT_FALSE(check().ok);
  source_.Refresh();
  EXPECT_FALSE(check().ok);
  EXPECT_NE(check().text.find("tls.crt"), std::string::npos);
  WritePair(TestCertificate::SelfSigned());
  source_.Refresh();
  EXPECT_TRUE(check().ok);
  EXPECT_EQ(check().text, "valid until 2040-01-01T00:00:00.000Z");
  directory_.Write("tls.key", "rubbish");
  source_.Refresh();
  EXPECT_TRUE(check().ok);
  EXPECT_EQ(check().text.find("the old one is in use, valid until 2040-01-01T00:00:00.000Z: "), 0u)
      << check().text;
}

TEST_F(CertificateSourceTest, BoundsTheFiles) {
  WritePair(TestCertificate::SelfSigned());
  directory_.Write("tls.crt", std::string(64 * 1024 + 1, 'x'));
  EXPECT_FALSE(source_.Refresh());
  EXPECT_NE(source_.state().last_error.find("65536"), std::string::npos)
      << source_.state().last_error;
}

}  // namespace
}  // namespace xzgate::server
