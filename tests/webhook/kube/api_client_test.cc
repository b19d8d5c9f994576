#include "webhook/kube/api_client.h"

#include "tests/webhook/kube/api_fixture.h"

namespace xzgate::kube {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kPath[] = "/api/v1/namespaces/shop/configmaps/rules";
constexpr char kWrite[] = "?fieldManager=xzgate";
const ObjectName kRules{.ns = "shop", .name = "rules"};

class ApiClientTest : public ApiFixture {
 protected:
  Result<json::Value> Get(Deadline deadline = Deadline::Never()) {
    return client_->Get(ConfigMaps(), kRules, deadline);
  }
  Result<json::Value> Update() {
    return client_->Update(
        ConfigMaps(),
        Json(R"({"metadata":{"namespace":"shop","name":"rules","resourceVersion":"7"}})"),
        Deadline::Never());
  }
  void ScriptUpdate(testing::FakeAnswer answer) {
    Script(Method::kPut, std::string(kPath) + kWrite, std::move(answer));
  }
};

TEST_F(ApiClientTest, GetsAnObject) {
  ScriptGet(kPath, {.body = R"({"kind":"ConfigMap","unknown":{"kept":1}})"});
  const auto object = Get();
  ASSERT_THAT(object, IsOk());
  EXPECT_EQ(*object->Find("unknown")->Find("kept"), json::Value(1));
  const http::Request& request = net_.requests()[0];
  EXPECT_EQ(request.headers.Find("Authorization"), "Bearer one");
  EXPECT_EQ(request.headers.Find("Accept"), "application/json");
  EXPECT_EQ(request.reach, http::Reach::kAnywhere);
  EXPECT_EQ(request.deadline, Deadline::After(clock_.Now(), 30s));
}

TEST_F(ApiClientTest, SendsEachKindOfWriting) {
  const json::Value object =
      Json(R"({"metadata":{"namespace":"shop","name":"rules","resourceVersion":"7"}})");
  Script(Method::kPost, std::string("/api/v1/namespaces/shop/configmaps") + kWrite,
         {.status = 201, .body = "{}"});
  EXPECT_THAT(client_->Create(ConfigMaps(), object, Deadline::Never()), IsOk());
  ScriptUpdate({.body = "{}"});
  EXPECT_THAT(client_->Update(ConfigMaps(), object, Deadline::Never()), IsOk());
  const std::string path = kPath;
  Script(Method::kPatch, path + kWrite, {.body = "{}"});
  EXPECT_THAT(client_->Apply(ConfigMaps(), object, Force::kNo, Deadline::Never()), IsOk());
  Script(Method::kPatch, path + kWrite + "&force=true", {.body = "{}"});
  EXPECT_THAT(client_->Apply(ConfigMaps(), object, Force::kYes, Deadline::Never()), IsOk());
  JsonPatch patch;
  patch.Remove({"data"});
  EXPECT_THAT(client_->Patch(ConfigMaps(), kRules, patch, Deadline::Never()), IsOk());
  Script(Method::kDelete, path, {.body = "{}"});
  EXPECT_THAT(client_->Delete(ConfigMaps(), kRules, "7", Deadline::Never()), IsOk());

  std::vector<std::string> types;
  for (const auto& request : net_.requests()) {
    types.emplace_back(*request.headers.Find("Content-Type"));
  }
  EXPECT_THAT(types, ElementsAre("application/json", "application/json",
                                 "application/apply-patch+yaml", "application/apply-patch+yaml",
                                 "application/json-patch+json", "application/json"));
  EXPECT_EQ(net_.requests()[1].body, json::Encode(object));
  EXPECT_EQ(net_.requests()[4].body, R"([{"op":"remove","path":"/data"}])");
  EXPECT_THAT(net_.requests()[5].body, HasSubstr(R"("preconditions":{"resourceVersion":"7"})"));
}

TEST_F(ApiClientTest, NeverWritesOverWhatItDidNotRead) {
  EXPECT_THAT(
      client_->Update(ConfigMaps(), Json(R"({"metadata":{"namespace":"shop","name":"rules"}})"),
                      Deadline::Never()),
      ErrorIs(ErrorCode::kInvalidArgument, "resourceVersion"));
  EXPECT_THAT(net_.requests(), IsEmpty());
}

TEST_F(ApiClientTest, SendsNothingForWhatIsNoName) {
  EXPECT_THAT(client_->Get(Secrets(), {.ns = "shop", .name = "../x"}, Deadline::Never()),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(client_->Create(ConfigMaps(), Json("{}"), Deadline::Never()),
              ErrorIs(ErrorCode::kInvalidArgument, "metadata.namespace"));
  EXPECT_THAT(net_.requests(), IsEmpty());
}

TEST_F(ApiClientTest, AsksAgainWhatMaySucceedLater) {
  ScriptGet(kPath, {.error = Error(ErrorCode::kUnavailable, "down")});
  ScriptGet(kPath, Status(500, "InternalError"));
  ScriptGet(kPath, {.body = "{\"half", .body_error = Error(ErrorCode::kUnavailable, "cut")});
  ScriptGet(kPath, {.body = "{}"});
  EXPECT_THAT(Get(), IsOk());
  EXPECT_THAT(sleeper_.slept(), ElementsAre(100ms, 200ms, 400ms));
}

TEST_F(ApiClientTest, GivesUpAfterFourAttempts) {
  ScriptGet(kPath, Status(503, "ServiceUnavailable"));
  EXPECT_THAT(Get(), ErrorIs(ErrorCode::kUnavailable, "get configmaps \"rules\" in namespace"));
  EXPECT_THAT(net_.requests(), SizeIs(4));
}

TEST_F(ApiClientTest, DoesNotAskAgainInVain) {
  for (const int status : {400, 403, 404, 409, 410, 422}) {
    testing::FakeTransport net;
    net.On(Method::kGet, UrlOf(kPath), Status(status, "x"));
    ApiClient client(net, *http::Url::Parse(kServer), nullptr, clock_, sleeper_, [] { return 0.; });
    EXPECT_FALSE(client.Get(ConfigMaps(), kRules, Deadline::Never()));
    EXPECT_THAT(net.requests(), SizeIs(1)) << status;
  }
  ScriptGet(kPath, {.error = Error(ErrorCode::kUnavailable, "tls").WithKind(ErrorKind::kTls)});
  EXPECT_THAT(Get(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(net_.requests(), SizeIs(1));
}

TEST_F(ApiClientTest, WritesOnceUnlessItWasNotEvenLookedAt) {
  ScriptUpdate(Status(429, "TooManyRequests", {{"Retry-After", "3"}}));
  ScriptUpdate(Status(500, "InternalError"));
  EXPECT_THAT(Update(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(sleeper_.slept(), ElementsAre(3s));
  EXPECT_THAT(net_.requests(), SizeIs(2));
}

TEST_F(ApiClientTest, KeepsARetryAfterThatIsShortEnough) {
  ScriptGet(kPath, Status(429, "TooManyRequests", {{"Retry-After", "30"}}));
  ScriptGet(kPath, Status(429, "TooManyRequests", {{"Retry-After", "31"}}));
  const auto object = Get();
  ASSERT_THAT(object, ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_EQ(object.error().kind(), ErrorKind::kRateLimited);
  EXPECT_THAT(sleeper_.slept(), ElementsAre(30s));
}

TEST_F(ApiClientTest, ReadsARetryAfterOfTheBody) {
  ScriptGet(kPath, {.status = 429,
                    .body = R"({"kind":"Status","details":{"retryAfterSeconds":2},"code":429})"});
  ScriptGet(kPath, {.body = "{}"});
  EXPECT_THAT(Get(), IsOk());
  EXPECT_THAT(sleeper_.slept(), ElementsAre(2s));
}

TEST_F(ApiClientTest, NeverWaitsPastTheDeadline) {
  ScriptGet(kPath, Status(429, "TooManyRequests", {{"Retry-After", "2"}}));
  EXPECT_THAT(Get(Deadline::After(clock_.Now(), 2s)), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(sleeper_.slept(), IsEmpty());
}

TEST_F(ApiClientTest, StopsWaitingWhenTheProgramStops) {
  ScriptGet(kPath, Status(503, "x"));
  sleeper_.Stop();
  EXPECT_THAT(Get(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(net_.requests(), SizeIs(1));
}

TEST_F(ApiClientTest, TakesTheNewTokenAfterA401) {
  ScriptUpdate({.status = 401, .on_send = [this] { folder_.Write("token", "two"); }});
  ScriptUpdate({.body = "{}"});
  EXPECT_THAT(Update(), IsOk());
  EXPECT_THAT(SentTokens(), ElementsAre("Bearer one", "Bearer two"));
  EXPECT_THAT(sleeper_.slept(), IsEmpty());
}

TEST_F(ApiClientTest, A401WithTheSameTokenIsFinal) {
  ScriptGet(kPath, Status(401, "Unauthorized"));
  EXPECT_THAT(Get(), ErrorIs(ErrorCode::kUnauthenticated));
  EXPECT_THAT(net_.requests(), SizeIs(1));
}

TEST_F(ApiClientTest, A401SaysWhyThereIsNoNewerToken) {
  ScriptGet(kPath, Status(401, "Unauthorized"));
  folder_.Write("token", "");
  clock_.Advance(61s);
  const auto object = Get();
  ASSERT_THAT(object, ErrorIs(ErrorCode::kUnauthenticated, "no newer token: token file"));
  EXPECT_THAT(SentTokens(), ElementsAre("Bearer one"));
}

TEST_F(ApiClientTest, BoundsAnAnswer) {
  const auto of_size = [](std::size_t size) {
    return R"({"a":")" + std::string(size - 8, 'x') + "\"}";
  };
  ScriptGet(kPath, {.body = of_size(kMaxObjectBytes)});
  EXPECT_THAT(Get(), IsOk());
  testing::FakeTransport net;
  net.On(Method::kGet, UrlOf(kPath), {.body = of_size(kMaxObjectBytes + 1)});
  ApiClient client(net, *http::Url::Parse(kServer), nullptr, clock_, sleeper_, [] { return 0.; });
  EXPECT_THAT(client.Get(ConfigMaps(), kRules, Deadline::Never()),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(ApiClientTest, RefusesAnAnswerThatIsNoObject) {
  for (const char* body : {"", "null", "[]", "<html>", "{", "{}{}"}) {
    testing::FakeTransport net;
    net.On(Method::kGet, UrlOf(kPath), {.body = body});
    ApiClient client(net, *http::Url::Parse(kServer), nullptr, clock_, sleeper_, [] { return 0.; });
    EXPECT_THAT(client.Get(ConfigMaps(), kRules, Deadline::Never()),
                ErrorIs(ErrorCode::kInvalidArgument, "get configmaps"))
        << body;
    EXPECT_FALSE(net.requests()[0].headers.Find("Authorization"));
  }
}

TEST_F(ApiClientTest, NeverFollowsARedirect) {
  ScriptGet(kPath, {.status = 302, .headers = {{"Location", "https://evil.example/"}}});
  EXPECT_THAT(Get(), ErrorIs(ErrorCode::kUnsupported, "never followed"));
  EXPECT_THAT(net_.requests(), SizeIs(1));
}

TEST_F(ApiClientTest, NoErrorHoldsAToken) {
  ScriptGet(kPath, {.status = 500, .body = std::string(kMaxStatusBytes + 1, 'x')});
  const auto object = Get();
  ASSERT_THAT(object, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(object.error().message(), Not(HasSubstr("one")));
}

}  // namespace
}  // namespace xzgate::kube
