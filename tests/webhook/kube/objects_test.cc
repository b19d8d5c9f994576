// The typed values besides Secret, and the fake that other rooms test with.

#include "base/json/reader.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/result_matchers.h"
#include "webhook/kube/event_record.h"
#include "webhook/kube/lease.h"
#include "webhook/kube/service_account.h"
#include "webhook/kube/webhook_configuration.h"

namespace xzgate::kube {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::FakeCluster;
using testing::IsOk;

json::Value Json(const std::string& text) {
  return *json::Parse(text, {}, "test");
}

TEST(ObjectTest, CanonicalTextOrdersKeysAndNothingElse) {
  EXPECT_EQ(CanonicalText(Json(R"({"b":[{"z":1,"a":2},1],"a":null})")),
            R"({"a":null,"b":[{"a":2,"z":1},1]})");
  EXPECT_NE(CanonicalText(Json("[1,2]")), CanonicalText(Json("[2,1]")));
}

TEST(ServiceAccountTest, ReadsItsPullSecretsInOrder) {
  const auto account = ToServiceAccount(
      Json(R"({"kind":"ServiceAccount","metadata":{"name":"default","namespace":"shop"},)"
           R"("imagePullSecrets":[{"name":"b"},{},{"name":"a"}],"secrets":[{"name":"x"}]})"));
  ASSERT_THAT(account, IsOk());
  EXPECT_THAT(account->image_pull_secrets, ElementsAre("b", "a"));
}

TEST(ServiceAccountTest, RefusesAnotherKindAndTooMany) {
  EXPECT_THAT(ToServiceAccount(Json(R"({"kind":"Pod"})")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ToServiceAccount(Json(R"({"kind":"ServiceAccount","imagePullSecrets":5})")),
              ErrorIs(ErrorCode::kInvalidArgument));
  const auto with = [](std::size_t count) {
    json::Array list(count, json::Object{{"name", "a"}});
    return ToServiceAccount(
        json::Object{{"kind", "ServiceAccount"}, {"imagePullSecrets", std::move(list)}});
  };
  EXPECT_THAT(with(kMaxPullSecrets), IsOk());
  EXPECT_THAT(with(kMaxPullSecrets + 1), ErrorIs(ErrorCode::kResourceExhausted));
}

std::string ConfigurationText(const std::string& rules, const std::string& bundle) {
  return R"({"kind":"ValidatingWebhookConfiguration","metadata":{"name":"xzgate","generation":3,)"
         R"("resourceVersion":"9"},"webhooks":[{"name":"validate.xzgate.dev","failurePolicy":)"
         R"("Ignore","clientConfig":{"service":{"name":"x"},"caBundle":")" +
         bundle + R"("},"rules":)" + rules +
         R"(},{"name":"second.xzgate.dev","clientConfig":{}}]})";
}

TEST(WebhookConfigurationTest, ReadsWhatWeLookAt) {
  const auto read = ToWebhookConfiguration(Json(ConfigurationText("[]", "cGVt")));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name, "xzgate");
  EXPECT_EQ(read->generation, 3);
  ASSERT_EQ(read->webhooks.size(), 2u);
  EXPECT_EQ(read->webhooks[0].ca_bundle, "pem");
  EXPECT_EQ(read->webhooks[0].failure_policy, "Ignore");
  EXPECT_EQ(read->webhooks[1].ca_bundle, "");
}

TEST(WebhookConfigurationTest, ScopesAreEqualWhenTheyMeanTheSame) {
  const auto scope = [](const std::string& rules, const std::string& bundle) {
    return ToWebhookConfiguration(Json(ConfigurationText(rules, bundle)))->webhooks[0].scope;
  };
  EXPECT_EQ(scope(R"([{"a":1,"b":2}])", "cGVt"), scope(R"([{"b":2,"a":1}])", ""));
  EXPECT_NE(scope(R"([{"a":1}])", ""), scope(R"([{"a":2}])", ""));
}

TEST(WebhookConfigurationTest, RefusesDamage) {
  EXPECT_THAT(ToWebhookConfiguration(Json(ConfigurationText("[]", "%%"))),
              ErrorIs(ErrorCode::kInvalidArgument, "caBundle"));
  EXPECT_THAT(ToWebhookConfiguration(Json(R"({"kind":"Pod","metadata":{"name":"a"}})")),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ToWebhookConfiguration(Json(R"({"kind":"MutatingWebhookConfiguration"})")),
              ErrorIs(ErrorCode::kInvalidArgument));
}

class CaBundleTest : public ::testing::Test {
 protected:
  CaBundleTest() {
    cluster_.Put(ValidatingWebhookConfigurations(), Json(ConfigurationText("[]", "b2xk")));
  }
  WebhookConfiguration Read() {
    return *GetWebhookConfiguration(cluster_, ValidatingWebhookConfigurations(), "xzgate",
                                    Deadline::Never());
  }
  Result<json::Value> Send(const JsonPatch& patch) {
    return cluster_.Patch(ValidatingWebhookConfigurations(), {.name = "xzgate"}, patch,
                          Deadline::Never());
  }
  FakeCluster cluster_;
};

TEST_F(CaBundleTest, IsSetOnEveryWebhookAndNothingElse) {
  const WebhookConfiguration before = Read();
  EXPECT_THAT(Send(CaBundlePatch(before, "new")), IsOk());
  const WebhookConfiguration after = Read();
  EXPECT_EQ(after.webhooks[0].ca_bundle, "new");
  EXPECT_EQ(after.webhooks[1].ca_bundle, "new");
  EXPECT_EQ(after.webhooks[0].scope, before.webhooks[0].scope);
  EXPECT_EQ(after.generation, before.generation + 1);
  EXPECT_TRUE(CaBundlePatch(after, "new").empty());
}

TEST_F(CaBundleTest, NeverReachesAWebhookThatMoved) {
  const JsonPatch patch = CaBundlePatch(Read(), "new");
  json::Value moved = *cluster_.Find(ValidatingWebhookConfigurations(), {.name = "xzgate"});
  for (auto& [key, value] : *moved.AsObject()) {
    if (key == "webhooks") std::swap((*value.AsArray())[0], (*value.AsArray())[1]);
  }
  cluster_.Put(ValidatingWebhookConfigurations(), moved);
  EXPECT_THAT(Send(patch), ErrorIs(ErrorCode::kConflict));
  EXPECT_EQ(Read().webhooks[0].ca_bundle, "");
}

EventRecord SomeEvent() {
  return {.api_version = "apps/v1",
          .kind = "ReplicaSet",
          .object = {.ns = "shop", .name = "web-5d4"},
          .is_warning = true,
          .reason = "ImageDenied",
          .message = std::string(2'000, 'm'),
          .first = std::chrono::sys_days(std::chrono::January / 2 / 2026),
          .last = std::chrono::sys_days(std::chrono::January / 2 / 2026)};
}

TEST(EventRecordTest, IsWhatDescribeShows) {
  FakeCluster cluster;
  EventRecord event = SomeEvent();
  const auto name = CreateEvent(cluster, event, Deadline::Never());
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(name->ns, "shop");
  EXPECT_TRUE(name->name.starts_with("web-5d4."));
  event.count = 5;
  EXPECT_THAT(UpdateEvent(cluster, *name, event, Deadline::Never()), IsOk());
  const json::Value stored = *cluster.Find(Events(), *name);
  EXPECT_EQ(*stored.Find("count"), json::Value(5));
  EXPECT_EQ(*stored.Find("type"), json::Value("Warning"));
  EXPECT_EQ(*stored.Find("lastTimestamp"), json::Value("2026-01-02T00:00:00Z"));
  EXPECT_EQ(TextOr(stored, "message").size(), kMaxEventMessage);
  EXPECT_EQ(TextOr(*stored.Find("involvedObject"), "name"), "web-5d4");
}

TEST(EventRecordTest, OfAClusterObjectStandsInDefault) {
  EventRecord event = SomeEvent();
  event.object = {.name = "xzgate"};
  const json::Value object = ToJson(event);
  EXPECT_EQ(NameOf(object).ns, "default");
  EXPECT_EQ(object.Find("involvedObject")->Find("namespace"), nullptr);
}

TEST(LeaseTest, GoesThereAndBack) {
  FakeCluster cluster;
  const Lease lease{.name = {.ns = "xzgate", .name = "certificates"},
                    .holder = "pod-1",
                    .duration = std::chrono::seconds(30),
                    .acquired = std::chrono::sys_days(std::chrono::January / 2 / 2026),
                    .renewed = std::chrono::sys_days(std::chrono::January / 3 / 2026),
                    .transitions = 4};
  const auto made = CreateLease(cluster, lease, Deadline::Never());
  ASSERT_THAT(made, IsOk());
  auto read = GetLease(cluster, lease.name, Deadline::Never());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->holder, "pod-1");
  EXPECT_EQ(read->duration, lease.duration);
  EXPECT_EQ(read->renewed, lease.renewed);
  EXPECT_EQ(read->transitions, 4);
  read->holder = "pod-2";
  EXPECT_THAT(UpdateLease(cluster, *read, Deadline::Never()), IsOk());
  EXPECT_THAT(UpdateLease(cluster, *read, Deadline::Never()), ErrorIs(ErrorCode::kConflict));
  const json::Value stored = *cluster.Find(Leases(), lease.name);
  EXPECT_EQ(TextOr(*stored.Find("spec"), "renewTime"), "2026-01-03T00:00:00.000000Z");
}

TEST(LeaseTest, RefusesDamage) {
  EXPECT_THAT(ToLease(Json(R"({"kind":"Lease","spec":{"renewTime":"soon"}})")),
              ErrorIs(ErrorCode::kInvalidArgument, "renewTime"));
  EXPECT_THAT(ToLease(Json(R"({"kind":"Pod"})")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ToLease(Json(R"({"kind":"Lease"})")), IsOk());
}

TEST(FakeClusterTest, LosesAnswersOfWhatWasDone) {
  FakeCluster cluster;
  cluster.LoseNextAnswer("create");
  const json::Value object =
      Json(R"({"kind":"ConfigMap","metadata":{"name":"a","namespace":"b"}})");
  EXPECT_THAT(cluster.Create(ConfigMaps(), object, Deadline::Never()),
              ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(cluster.Create(ConfigMaps(), object, Deadline::Never()),
              ErrorIs(ErrorCode::kAlreadyExists));
  EXPECT_THAT(cluster.calls(), ElementsAre("create configmaps b/a", "create configmaps b/a"));
}

}  // namespace
}  // namespace xzgate::kube
