// Lists and watches of ApiClient.

#include "tests/webhook/kube/api_fixture.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::IsOk;
using ::testing::SizeIs;

constexpr char kFirst[] = "/api/v1/namespaces/shop/pods?limit=250";
constexpr char kSecond[] = "/api/v1/namespaces/shop/pods?limit=250&continue=next";

class Collector final : public ListReader {
 public:
  Result<void> OnObject(json::Value object) override {
    if (names.size() >= most) return Unavailable("enough");
    names.push_back(NameOf(object).name);
    kinds.push_back(TextOr(object, "apiVersion") + " " + TextOr(object, "kind"));
    return {};
  }
  void OnRestart() override {
    names.clear();
    ++restarts;
  }
  std::vector<std::string> names;
  std::vector<std::string> kinds;
  int restarts = 0;
  std::size_t most = SIZE_MAX;
};

std::string PageText(const std::vector<std::string>& names, const std::string& next = "") {
  std::string items;
  for (const std::string& name : names) {
    items += (items.empty() ? "" : ",") + (R"({"metadata":{"name":")" + name + "\"}}");
  }
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"50","continue":")" +
         next + R"("},"items":[)" + items + "]}";
}

class ApiListTest : public ApiFixture {
 protected:
  Result<ListEnd> List(const Selection& selection = {.ns = "shop"}) {
    return client_->List(Pods(), selection, reader_, Deadline::Never());
  }
  Collector reader_;
};

TEST_F(ApiListTest, GoesPageByPage) {
  ScriptGet(kFirst, {.body = PageText({"a", "b"}, "next")});
  ScriptGet(kSecond, {.body = PageText({"c"})});
  const auto end = List();
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(end->resource_version, "50");
  EXPECT_EQ(end->objects, 3u);
  EXPECT_THAT(reader_.names, ElementsAre("a", "b", "c"));
  EXPECT_THAT(reader_.kinds, ElementsAre("v1 Pod", "v1 Pod", "v1 Pod"));
}

TEST_F(ApiListTest, SelectsAsItIsTold) {
  ScriptGet("/api/v1/pods?limit=250&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx",
            {.body = PageText({})});
  EXPECT_THAT(List({.labels = "a=b", .fields = "metadata.name=x"}), IsOk());
}

TEST_F(ApiListTest, BeginsAnewOnceWhenItExpired) {
  ScriptGet(kFirst, {.body = PageText({"a"}, "next")});
  ScriptGet(kFirst, {.body = PageText({"a", "b"}, "next")});
  ScriptGet(kSecond, Status(410, "Expired"));
  ScriptGet(kSecond, {.body = PageText({"c"})});
  const auto end = List();
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(reader_.restarts, 1);
  EXPECT_EQ(end->objects, 3u);
  EXPECT_THAT(reader_.names, ElementsAre("a", "b", "c"));
}

TEST_F(ApiListTest, GivesUpWhenItExpiresTwice) {
  ScriptGet(kFirst, {.body = PageText({"a"}, "next")});
  ScriptGet(kSecond, Status(410, "Expired"));
  const auto end = List();
  ASSERT_THAT(end, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(end.error().kind(), ErrorKind::kExpired);
  EXPECT_EQ(reader_.restarts, 1);
}

TEST_F(ApiListTest, AsksForSmallerPagesWhenOneIsTooLarge) {
  const std::string large(kMaxPageBytes + 1, ' ');
  ScriptGet(kFirst, {.body = large});
  ScriptGet("/api/v1/namespaces/shop/pods?limit=62", {.body = large});
  ScriptGet("/api/v1/namespaces/shop/pods?limit=15", {.body = PageText({"a"})});
  EXPECT_THAT(List(), IsOk());
  EXPECT_THAT(reader_.names, ElementsAre("a"));
}

TEST_F(ApiListTest, OneObjectThatIsTooLargeIsAnError) {
  net_.Handle([this](const http::Request& request) {
    return net_.MakeResponse(request, {.body = std::string(kMaxPageBytes + 1, ' ')});
  });
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(net_.requests(), SizeIs(5));  // 250, 62, 15, 3, 1
}

TEST_F(ApiListTest, EndsWhenTheReaderHasEnough) {
  ScriptGet(kFirst, {.body = PageText({"a", "b"}, "next")});
  reader_.most = 1;
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kUnavailable, "enough"));
  EXPECT_THAT(net_.requests(), SizeIs(1));
}

TEST_F(ApiListTest, RefusesWhatIsNoList) {
  for (const char* body : {"{}", "[]", R"({"kind":"Pod","metadata":{"resourceVersion":"1"}})",
                           R"({"kind":"PodList","metadata":{}})"}) {
    testing::FakeTransport net;
    net.On(http::Method::kGet, UrlOf(kFirst), {.body = body});
    ApiClient client(net, *http::Url::Parse(kServer), nullptr, clock_, sleeper_, [] { return 0.; });
    EXPECT_THAT(client.List(Pods(), {.ns = "shop"}, reader_, Deadline::Never()),
                ErrorIs(ErrorCode::kInvalidArgument))
        << body;
  }
  ScriptGet(kFirst,
            {.body = R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":null})"});
  EXPECT_THAT(List(), IsOk());  // as Go writes an empty one
}

TEST_F(ApiListTest, WatchesFromWhereItIsTold) {
  const std::string path =
      "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=50";
  ScriptGet(path, Status(401, "Unauthorized"));
  net_.On(http::Method::kGet, UrlOf(path),
          {.body = R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"51"}}})"
                   "\n"});
  const auto cancelled = std::make_shared<const std::atomic<bool>>(false);
  folder_.Write("token", "two");
  auto stream = client_->Watch(Pods(), {}, {.resource_version = "50", .cancelled = cancelled});
  ASSERT_THAT(stream, IsOk());
  EXPECT_EQ((*(*stream)->Next())->resource_version, "51");
  EXPECT_FALSE(*(*stream)->Next());
  EXPECT_THAT(SentTokens(), ElementsAre("Bearer one", "Bearer two"));
  EXPECT_EQ(net_.requests()[1].cancelled, cancelled);
  EXPECT_EQ(net_.requests()[1].deadline, Deadline::After(clock_.Now(), 330s));
}

TEST_F(ApiListTest, AWatchNeedsAPlaceToBegin) {
  EXPECT_THAT(client_->Watch(Pods(), {}, {.resource_version = ""}),
              ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate::kube
