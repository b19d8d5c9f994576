#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/registry/registry_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeAnswer;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;

class ListTagsTest : public ::testing::Test {
 protected:
  void Given(const std::string& url, FakeAnswer answer) {
    net_.On(http::Method::kGet, url, std::move(answer));
  }
  Result<std::vector<std::string>> List(std::size_t max_tags = 100) {
    return client_.ListTags({"reg.example", "a/b"}, max_tags, Access{});
  }

  const std::string first_ = "https://reg.example/v2/a/b/tags/list?n=1000";
  FakeTransport net_;
  Keychain keychain_;
  FakeClock clock_;
  RegistryClient client_{net_, keychain_, clock_};
};

TEST_F(ListTagsTest, ReadsOnePage) {
  Given(first_, {.body = R"({"name":"a/b","tags":["1","latest"]})"});
  EXPECT_THAT(*List(), ElementsAre("1", "latest"));
}

TEST_F(ListTagsTest, ReadsNoTags) {
  Given(first_, {.body = R"({"name":"a/b","tags":null})"});
  EXPECT_THAT(*List(), IsEmpty());
}

TEST_F(ListTagsTest, FollowsPagesOfTheSameOrigin) {
  Given(first_, {.headers = {{"Link", R"(</v2/a/b/tags/list?n=1000&last=1>; rel="next")"}},
                 .body = R"({"tags":["1"]})"});
  Given("https://reg.example/v2/a/b/tags/list?n=1000&last=1",
        {.headers = {{"Link", R"(<https://reg.example/v2/a/b/tags/list?last=2>; rel=next)"}},
         .body = R"({"tags":["2"]})"});
  Given("https://reg.example/v2/a/b/tags/list?last=2", {.body = R"({"tags":["3"]})"});
  EXPECT_THAT(*List(), ElementsAre("1", "2", "3"));
}

TEST_F(ListTagsTest, FollowsNoPageToAnotherOrigin) {
  for (const std::string next : {"https://evil.example/x", "http://reg.example/x",
                                 "https://reg.example:8443/x", "//169.254.169.254/latest"}) {
    FakeTransport net;
    net.On(http::Method::kGet, first_,
           {.headers = {{"Link", "<" + next + ">; rel=next"}}, .body = R"({"tags":["1"]})"});
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.ListTags({"reg.example", "a/b"}, 100, Access{}),
                ErrorIs(ErrorCode::kPermissionDenied))
        << next;
  }
}

TEST_F(ListTagsTest, HoldsTheCallersLimit) {
  Given(first_, {.body = R"({"tags":["1","2","3"]})"});
  EXPECT_THAT(*List(3), SizeIs(3));
  EXPECT_THAT(List(2), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(ListTagsTest, HoldsTheLimitOfAPage) {
  std::string page = R"({"tags":["1"]})";
  page.resize(RegistryClient::kMaxTagPageBytes, ' ');
  Given(first_, {.body = page});
  Given(first_, {.body = page + ' '});
  EXPECT_THAT(*List(), ElementsAre("1"));
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kResourceExhausted,
                              std::to_string(RegistryClient::kMaxTagPageBytes)));
}

TEST_F(ListTagsTest, LeavesALoopOfPages) {
  Given(first_, {.headers = {{"Link", "<" + first_ + ">; rel=next"}}, .body = R"({"tags":[]})"});
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kResourceExhausted, "pages"));
}

TEST_F(ListTagsTest, RejectsDamage) {
  for (const std::string body : {"", "[]", R"({"tags":"x"})", R"({"tags":[1]})",
                                 R"({"tags":["a/b"]})", R"({"tags":[""]})"}) {
    FakeTransport net;
    net.On(http::Method::kGet, first_, {.body = body});
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.ListTags({"reg.example", "a/b"}, 100, Access{}),
                ErrorIs(ErrorCode::kInvalidArgument))
        << body;
  }
}

}  // namespace
}  // namespace xzgate::registry
