#include "webhook/kube/secret.h"

#include <sstream>

#include "base/json/reader.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/result_matchers.h"

namespace xzgate::kube {
namespace {

using testing::ErrorIs;
using testing::FakeCluster;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

json::Value Json(const std::string& text) {
  return *json::Parse(text, {}, "test");
}

std::string SecretText(const std::string& data) {
  return R"({"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/tls","metadata":{"name":"tls",)"
         R"("namespace":"xzgate","resourceVersion":"7","labels":{"a":"b"},"managedFields":[1]},)"
         R"("data":)" +
         data + "}";
}

TEST(SecretTest, DecodesItsData) {
  const auto secret = ToSecret(Json(SecretText(R"({"tls.crt":"aGVsbG8=","empty":""})")));
  ASSERT_THAT(secret, IsOk());
  EXPECT_EQ(secret->name, (ObjectName{.ns = "xzgate", .name = "tls"}));
  EXPECT_EQ(secret->type, kTypeTls);
  EXPECT_EQ(secret->resource_version, "7");
  EXPECT_EQ(secret->Reveal("tls.crt"), "hello");
  EXPECT_EQ(secret->Reveal("empty"), "");
  EXPECT_EQ(secret->Reveal("missing"), "");
}

TEST(SecretTest, MayHaveNoData) {
  EXPECT_THAT(ToSecret(Json(SecretText("null"))), IsOk());
  EXPECT_THAT(ToSecret(Json(R"({"kind":"Secret","metadata":{"name":"a"}})")), IsOk());
}

TEST(SecretTest, RefusesDamageWithoutShowingIt) {
  for (const char* data : {R"({"key":"hunter2!"})", R"({"key":5})", R"("hunter2")", "[]"}) {
    const auto secret = ToSecret(Json(SecretText(data)));
    ASSERT_THAT(secret, ErrorIs(ErrorCode::kInvalidArgument, "\"tls\"")) << data;
    EXPECT_THAT(secret.error().message(), Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(ToSecret(Json(R"({"kind":"ConfigMap","metadata":{"name":"a"}})")),
              ErrorIs(ErrorCode::kInvalidArgument, "ConfigMap"));
  EXPECT_THAT(ToSecret(Json(R"({"kind":"Secret"})")), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(SecretTest, BoundsItsData) {
  const auto with = [](std::size_t bytes) {
    Secret secret{.name = {.ns = "a", .name = "b"}};
    secret.data.emplace("x", SecretString(std::string(bytes - 1, 'x')));
    secret.data.emplace("y", SecretString("y"));
    return ToSecret(ToJson(secret));
  };
  EXPECT_THAT(with(kMaxSecretData), IsOk());
  EXPECT_THAT(with(kMaxSecretData + 1), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(SecretTest, PrintsNothingOfWhatItHolds) {
  const auto secret = ToSecret(Json(SecretText(R"({"tls.key":"aHVudGVyMg=="})")));
  std::ostringstream out;
  out << *secret << ::testing::PrintToString(*secret);
  EXPECT_THAT(out.str(), HasSubstr("Secret \"tls\" in namespace \"xzgate\" (1 entries)"));
  EXPECT_THAT(out.str(), Not(HasSubstr("hunter2")));
}

TEST(SecretTest, KeepsWhatOthersWroteOnIt) {
  FakeCluster cluster;
  cluster.Put(Secrets(), Json(SecretText(R"({"tls.crt":"aGVsbG8="})")));
  const ObjectName name{.ns = "xzgate", .name = "tls"};
  auto secret = GetSecret(cluster, name, Deadline::Never());
  ASSERT_THAT(secret, IsOk());
  secret->data.insert_or_assign("tls.crt", SecretString("new"));
  const auto updated = UpdateSecret(cluster, *secret, Deadline::Never());
  ASSERT_THAT(updated, IsOk());
  EXPECT_NE(updated->resource_version, secret->resource_version);
  const auto stored = cluster.Find(Secrets(), name);
  EXPECT_EQ(*stored->Find("metadata")->Find("labels")->Find("a"), json::Value("b"));
  EXPECT_EQ(stored->Find("metadata")->Find("managedFields"), nullptr);
  EXPECT_EQ(ToSecret(*stored)->Reveal("tls.crt"), "new");
}

TEST(SecretTest, OfTwoWritersOneIsTold) {
  FakeCluster cluster;
  const Secret first{.name = {.ns = "xzgate", .name = "tls"}, .type = kTypeTls};
  auto made = CreateSecret(cluster, first, Deadline::Never());
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(CreateSecret(cluster, first, Deadline::Never()), ErrorIs(ErrorCode::kAlreadyExists));
  cluster.BeforeNext("update", [&] {
    Secret other{.name = first.name, .type = kTypeTls};
    other.data.emplace("tls.crt", SecretString("theirs"));
    cluster.Put(Secrets(), ToJson(other));
  });
  EXPECT_THAT(UpdateSecret(cluster, *made, Deadline::Never()), ErrorIs(ErrorCode::kConflict));
}

}  // namespace
}  // namespace xzgate::kube
