#include "webhook/kube/access.h"

#include <filesystem>

#include "tests/support/fake_clock.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace xzgate::kube {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::TestCertificate;

class InClusterTest : public ::testing::Test {
 protected:
  InClusterTest() {
    folder_.Write("ca.crt", TestCertificate::SelfSigned({.is_authority = true}).CertificatePem());
    folder_.Write("token", "abc");
    folder_.Write("namespace", "xzgate\n");
  }
  Result<Access> Read(const std::string& host = "10.96.0.1", const std::string& port = "443") {
    return InClusterAccess({.host = host, .port = port}, folder_.path());
  }
  testing::TempFolder folder_;
  testing::FakeClock clock_;
};

TEST_F(InClusterTest, ReadsTheServiceAccount) {
  auto access = Read();
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ(access->server.ToString(), "https://10.96.0.1/");
  EXPECT_EQ(access->ns, "xzgate");
  const auto tokens = MakeTokenSource(*access, clock_);
  ASSERT_THAT(tokens, IsOk());
  EXPECT_EQ((*tokens)->Get().Reveal(), "abc");
}

TEST_F(InClusterTest, TrustsItsAuthorityOnlyAndUsesNoProxy) {
  const auto options = MakeCurlOptions(*Read(), {.https_proxy = "http://proxy.example:3128"});
  ASSERT_TRUE(options.system_authorities);
  EXPECT_EQ(options.system_authorities->file, folder_.path() + "/ca.crt");
  EXPECT_EQ(options.system_authorities->directory, "");
  EXPECT_EQ(options.proxy.https_proxy, "");
}

TEST_F(InClusterTest, TakesAnIpv6Address) {
  EXPECT_EQ(Read("fd00::1", "6443")->server.origin().host, "fd00::1");
}

TEST_F(InClusterTest, SaysWhatToDoOutsideACluster) {
  EXPECT_THAT(Read("", "443"), ErrorIs(ErrorCode::kUnsupported, "`kubernetes.kubeconfig`"));
  EXPECT_THAT(Read("10.96.0.1", ""), ErrorIs(ErrorCode::kUnsupported));
}

TEST_F(InClusterTest, RefusesWhatIsNoHostOrPort) {
  EXPECT_THAT(Read("a b"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Read("user@host"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Read("10.0.0.1", "443/x"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Read("10.0.0.1", "99999"), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST_F(InClusterTest, NamesTheFileThatIsMissingOrDamaged) {
  folder_.Write("ca.crt", "junk");
  EXPECT_THAT(Read(), ErrorIs(ErrorCode::kInvalidArgument, "ca.crt"));
  std::filesystem::remove(folder_.path() + "/ca.crt");
  EXPECT_THAT(Read(), ErrorIs(ErrorCode::kNotFound, "ca.crt"));
}

TEST_F(InClusterTest, RefusesADamagedNamespace) {
  folder_.Write("namespace", "../x");
  EXPECT_THAT(Read(), ErrorIs(ErrorCode::kInvalidArgument, "namespace"));
  folder_.Write("namespace", "");
  EXPECT_THAT(Read(), ErrorIs(ErrorCode::kInvalidArgument, "namespace"));
}

}  // namespace
}  // namespace xzgate::kube
