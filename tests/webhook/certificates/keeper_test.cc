#include "webhook/certificates/keeper.h"

#include "base/json/reader.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/result_matchers.h"
#include "tests/webhook/certificates/samples.h"
#include "webhook/kube/secret.h"

namespace xzgate::certificates {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::FakeCluster;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kSecretNamespace[] = "xz";
constexpr char kConfiguration[] = "xzgate";

// What the chart makes: no caBundle anywhere.
json::Value Configuration(const std::string& failure_policy = "Ignore") {
  const std::string text =
      R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration",)"
      R"("metadata":{"name":"xzgate"},"webhooks":[)"
      R"({"name":"pods.xzgate.dev","failurePolicy":")" +
      failure_policy +
      R"(","clientConfig":{"service":{"name":"xzgate","namespace":"xz"}},"rules":[]},)"
      R"({"name":"workloads.xzgate.dev","failurePolicy":"Ignore",)"
      R"("clientConfig":{"service":{"name":"xzgate","namespace":"xz"}},"rules":[]}]})";
  return *json::Parse(text, kube::kObjectLimits, "a configuration");
}

// A replica with what it serves and tells.
struct Replica {
  explicit Replica(FakeCluster& cluster)
      : keeper(cluster,
               {.secret = {.ns = kSecretNamespace, .name = "xzgate-tls"},
                .wish = MakeWish(),
                .publications = {{&kube::ValidatingWebhookConfigurations(), kConfiguration}}},
               {.serve = [this](const Leaf& leaf) { served = leaf; },
                .tell = [this](const Told& about) { told.push_back(about); }}) {}

  Result<bool> Step(WallTime now = kStart) {
    return keeper.Step(now, SteadyTime(now - kStart), Deadline::Never());
  }

  std::vector<Told> told;
  std::optional<Leaf> served;
  CertificateKeeper keeper;
};

MATCHER_P(Tells, what, "") {
  return arg.what == what;
}

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() { cluster_.Put(kube::ValidatingWebhookConfigurations(), Configuration()); }

  kube::WebhookConfiguration Published() {
    return *kube::GetWebhookConfiguration(cluster_, kube::ValidatingWebhookConfigurations(),
                                          kConfiguration, Deadline::Never());
  }
  // Both webhooks of the configuration trust what this replica serves.
  bool IsTrusted(const Replica& replica, WallTime now = kStart) {
    for (const auto& webhook : Published().webhooks) {
      const auto bundle = crypto::Certificate::ListFromPem(webhook.ca_bundle, kMaxBundle);
      if (!bundle || !certificates::IsTrusted(*replica.served, *bundle, now)) return false;
    }
    return true;
  }
  void RemoveSecret() {
    cluster_.Remove(kube::Secrets(), {.ns = kSecretNamespace, .name = "xzgate-tls"});
  }
  kube::Secret Stored() {
    return *kube::GetSecret(cluster_, {.ns = kSecretNamespace, .name = "xzgate-tls"},
                            Deadline::Never());
  }

  FakeCluster cluster_;
  Replica one_{cluster_};
  Replica two_{cluster_};
};

TEST_F(KeeperTest, AFirstInstallServesAtOnceAndIsTrusted) {
  EXPECT_THAT(one_.Step(), IsOk());
  ASSERT_TRUE(one_.served);
  EXPECT_TRUE(IsTrusted(one_));
  EXPECT_EQ(Stored().type, kube::kTypeTls);
  EXPECT_THAT(one_.told, ElementsAre(Tells(Told::What::kRenewed), Tells(Told::What::kPublished)));
}

TEST_F(KeeperTest, ASecondReplicaTakesWhatIsThere) {
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(two_.Step(), IsOk());
  EXPECT_EQ(two_.served->certificate, one_.served->certificate);
  EXPECT_THAT(two_.told, IsEmpty());
}

TEST_F(KeeperTest, NothingIsWrittenWhileAllIsWell) {
  ASSERT_THAT(one_.Step(), IsOk());
  cluster_.ForgetCalls();
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_THAT(cluster_.calls(),
              ElementsAre(HasSubstr("get validatingwebhook"), "get secrets xz/xzgate-tls"));
}

TEST_F(KeeperTest, OfTwoThatBeginAtOnceOneIsFollowed) {
  cluster_.BeforeNext("create", [&] { ASSERT_THAT(two_.Step(), IsOk()); });
  const auto first = one_.Step();
  ASSERT_THAT(first, IsOk());
  EXPECT_TRUE(*first) << "another round follows at once";
  EXPECT_FALSE(one_.served);
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_EQ(one_.served->certificate, two_.served->certificate);
  EXPECT_TRUE(IsTrusted(one_));
}

TEST_F(KeeperTest, OfTwoThatRenewAtOnceOneIsFollowed) {
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(two_.Step(), IsOk());
  const WallTime later = kStart + std::chrono::days(61);
  cluster_.BeforeNext("update", [&] { ASSERT_THAT(two_.Step(later), IsOk()); });
  EXPECT_TRUE(*one_.Step(later));
  ASSERT_THAT(one_.Step(later), IsOk());
  EXPECT_EQ(one_.served->certificate, two_.served->certificate);
  EXPECT_TRUE(IsTrusted(one_, later));
}

TEST_F(KeeperTest, AWriteWhoseAnswerWasLostIsFound) {
  cluster_.LoseNextAnswer("create");
  EXPECT_THAT(one_.Step(), ErrorIs(ErrorCode::kUnavailable));
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_TRUE(IsTrusted(one_));
  EXPECT_THAT(one_.told, ElementsAre(Tells(Told::What::kPublished)));
}

TEST_F(KeeperTest, ALeafIsServedOnlyWhenItIsTrusted) {
  ASSERT_THAT(one_.Step(), IsOk());
  const crypto::Certificate before = one_.served->certificate;
  RemoveSecret();
  cluster_.FailNext("patch", Error(ErrorCode::kUnavailable, "down"));
  EXPECT_THAT(one_.Step(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(one_.served->certificate, before);
  EXPECT_TRUE(IsTrusted(one_));
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_NE(one_.served->certificate, before);
  EXPECT_TRUE(IsTrusted(one_));
}

TEST_F(KeeperTest, ADeletedSecretHurtsNobody) {
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(two_.Step(), IsOk());
  RemoveSecret();
  ASSERT_THAT(two_.Step(), IsOk());
  EXPECT_TRUE(IsTrusted(one_)) << "which serves the old leaf still";
  EXPECT_TRUE(IsTrusted(two_));
}

TEST_F(KeeperTest, ARestoredBackupHurtsNobody) {
  ASSERT_THAT(one_.Step(), IsOk());
  const kube::Secret backup = Stored();
  RemoveSecret();
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(two_.Step(), IsOk());
  cluster_.Put(kube::Secrets(), kube::ToJson(backup));
  ASSERT_THAT(two_.Step(), IsOk());
  EXPECT_TRUE(IsTrusted(one_));
  EXPECT_TRUE(IsTrusted(two_));
  EXPECT_NE(one_.served->certificate, two_.served->certificate);
}

TEST_F(KeeperTest, DamageIsToldOnceAndMended) {
  ASSERT_THAT(one_.Step(), IsOk());
  kube::Secret damaged = Stored();
  damaged.data[kLeafEntry] = SecretString("garbage");
  damaged.data.erase(kAuthorityKeyEntry);
  cluster_.Put(kube::Secrets(), kube::ToJson(damaged));
  one_.told.clear();
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_THAT(one_.told, Contains(AllOf(Tells(Told::What::kSecretDamaged),
                                        ::testing::Field(&Told::text, HasSubstr("tls.crt")))));
  EXPECT_TRUE(IsTrusted(one_));
  one_.told.clear();
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_THAT(one_.told, IsEmpty());
}

TEST_F(KeeperTest, ADeletedConfigurationStaysDeleted) {
  ASSERT_THAT(one_.Step(), IsOk());
  one_.told.clear();
  cluster_.Remove(kube::ValidatingWebhookConfigurations(), {.name = kConfiguration});
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_THAT(one_.told, ElementsAre(Tells(Told::What::kConfigurationMissing)));
  EXPECT_EQ(cluster_.Count(kube::ValidatingWebhookConfigurations()), 0u);
}

TEST_F(KeeperTest, AConfigurationThatComesBackIsTrustedAgain) {
  ASSERT_THAT(one_.Step(), IsOk());
  cluster_.Remove(kube::ValidatingWebhookConfigurations(), {.name = kConfiguration});
  ASSERT_THAT(one_.Step(), IsOk());
  cluster_.Put(kube::ValidatingWebhookConfigurations(), Configuration());
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_TRUE(IsTrusted(one_));
  EXPECT_THAT(one_.told, Contains(Tells(Told::What::kConfigurationBack)));
}

TEST_F(KeeperTest, RenewalGoesOnWithoutAConfiguration) {
  ASSERT_THAT(one_.Step(), IsOk());
  cluster_.Remove(kube::ValidatingWebhookConfigurations(), {.name = kConfiguration});
  const WallTime later = kStart + std::chrono::days(61);
  ASSERT_THAT(one_.Step(later), IsOk());
  EXPECT_EQ(one_.served->certificate.not_after(), later + kLeafLife);
}

TEST_F(KeeperTest, ChangedRulesAreToldAndNotReverted) {
  ASSERT_THAT(one_.Step(), IsOk());
  one_.told.clear();
  json::Value edited = Configuration("Fail");
  cluster_.Put(kube::ValidatingWebhookConfigurations(), edited);
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(one_.Step(), IsOk());
  EXPECT_EQ(Published().webhooks[0].failure_policy, "Fail");
  EXPECT_THAT(one_.told,
              ElementsAre(AllOf(Tells(Told::What::kConfigurationChanged),
                                ::testing::Field(&Told::text, HasSubstr("it was Ignore"))),
                          Tells(Told::What::kPublished)));
}

// The rule of RBAC that lets us read or patch the configuration is missing.
TEST_F(KeeperTest, WithoutRightsOnTheConfigurationItServesAndSaysSo) {
  cluster_.FailNext("get", Error(ErrorCode::kPermissionDenied, "no"));
  EXPECT_THAT(one_.Step(), ErrorIs(ErrorCode::kPermissionDenied));
  EXPECT_TRUE(one_.served) << "a leaf that a person may yet make trusted";
}

TEST_F(KeeperTest, AnOutageChangesNothing) {
  ASSERT_THAT(one_.Step(), IsOk());
  const crypto::Certificate before = one_.served->certificate;
  cluster_.FailNext("get", Error(ErrorCode::kUnavailable, "down"), 2);
  EXPECT_THAT(one_.Step(kStart + std::chrono::days(61)), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(one_.served->certificate, before);
}

TEST_F(KeeperTest, AnAuthorityChangesUnderTwoReplicas) {
  ASSERT_THAT(one_.Step(), IsOk());
  ASSERT_THAT(two_.Step(), IsOk());
  const WallTime late = kStart + kAuthorityLife - std::chrono::days(1000);
  for (WallTime now = late; now < late + std::chrono::hours(4); now += std::chrono::minutes(10)) {
    ASSERT_THAT(one_.Step(now), IsOk());
    EXPECT_TRUE(!two_.served->certificate.IsValidAt(now) || IsTrusted(two_, now));
    ASSERT_THAT(two_.Step(now), IsOk());
    EXPECT_TRUE(IsTrusted(one_, now));
  }
  EXPECT_EQ(crypto::Certificate::ListFromPem(Published().webhooks[0].ca_bundle, kMaxBundle)->size(),
            1u);
}

}  // namespace
}  // namespace xzgate::certificates
