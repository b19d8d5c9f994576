#include "base/http/redirecting_transport.h"

#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using testing::ErrorIs;
using testing::FakeTransport;
using testing::IsOk;

class RedirectingTransportTest : public ::testing::Test {
 protected:
  void Redirect(const std::string& from, const std::string& location, int status = 307,
                Method method = Method::kGet) {
    net_.On(method, from, {.status = status, .headers = {{"Location", location}}});
  }
  Result<Response> Send(const std::string& url, Method method = Method::kGet) {
    return transport_.Send({.method = method,
                            .url = *Url::Parse(url),
                            .headers = {{"Authorization", "Bearer t"}, {"Cookie", "c"}, {"X", "y"}},
                            .reach = Reach::kAnywhere});
  }
  bool HasCredentials(std::size_t request) const {
    const auto& headers = net_.requests().at(request).headers;
    return headers.Find("Authorization").has_value() || headers.Find("cookie").has_value();
  }

  FakeTransport net_;
  RedirectingTransport transport_{net_};
};

TEST_F(RedirectingTransportTest, KeepsTheLocationByteForByte) {
  const std::string signed_url = "https://s3.example/b%2Fc?Credential=AK%2F2026&sig=a%2Bb%3D%25";
  Redirect("https://reg.example/v2/a", signed_url);
  net_.On(Method::kGet, signed_url, {.body = "blob"});
  auto response = Send("https://reg.example/v2/a");
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 10), "blob");
  EXPECT_EQ(response->url.ToString(), signed_url);
}

TEST_F(RedirectingTransportTest, DropsCredentialsWhenTheOriginChanges) {
  Redirect("https://reg.example/a", "https://other.example/b");
  net_.On(Method::kGet, "https://other.example/b");
  ASSERT_THAT(Send("https://reg.example/a"), IsOk());
  EXPECT_TRUE(HasCredentials(0));
  EXPECT_FALSE(HasCredentials(1));
  EXPECT_EQ(net_.requests()[1].headers.Find("X"), "y");
}

TEST_F(RedirectingTransportTest, TakesAnotherPortForAnotherOrigin) {
  Redirect("https://reg.example/a", "https://reg.example:8443/b");
  net_.On(Method::kGet, "https://reg.example:8443/b");
  ASSERT_THAT(Send("https://reg.example/a"), IsOk());
  EXPECT_FALSE(HasCredentials(1));
  EXPECT_EQ(net_.requests()[1].reach, Reach::kPublicOnly);
}

// The detour could have read nothing, but the way back was its choice.
TEST_F(RedirectingTransportTest, NeverGivesCredentialsBack) {
  Redirect("https://reg.example/a", "https://other.example/b");
  Redirect("https://other.example/b", "https://reg.example/c");
  net_.On(Method::kGet, "https://reg.example/c");
  ASSERT_THAT(Send("https://reg.example/a"), IsOk());
  EXPECT_FALSE(HasCredentials(2));
}

TEST_F(RedirectingTransportTest, KeepsCredentialsAndReachWithinTheOrigin) {
  Redirect("https://reg.example/a", "/b");
  net_.On(Method::kGet, "https://reg.example/b");
  ASSERT_THAT(Send("https://reg.example/a"), IsOk());
  EXPECT_TRUE(HasCredentials(1));
  EXPECT_EQ(net_.requests()[1].reach, Reach::kAnywhere);
}

TEST_F(RedirectingTransportTest, SendsNamedHostsOnlyToPublicAddresses) {
  Redirect("https://reg.example/a", "https://other.example/b");
  Redirect("https://other.example/b", "https://other.example/c");
  net_.On(Method::kGet, "https://other.example/c");
  ASSERT_THAT(Send("https://reg.example/a"), IsOk());
  EXPECT_EQ(net_.requests()[1].reach, Reach::kPublicOnly);
  EXPECT_EQ(net_.requests()[2].reach, Reach::kPublicOnly);
}

TEST_F(RedirectingTransportTest, RefusesToLeaveTls) {
  Redirect("https://reg.example/a", "http://reg.example/a");
  EXPECT_THAT(Send("https://reg.example/a"),
              ErrorIs(ErrorCode::kPermissionDenied, "https to http"));
  EXPECT_EQ(net_.requests().size(), 1u);
}

TEST_F(RedirectingTransportTest, FollowsFiveHops) {
  for (int i = 0; i < 5; ++i) {
    Redirect("https://h/" + std::to_string(i), "/" + std::to_string(i + 1));
  }
  net_.On(Method::kGet, "https://h/5");
  EXPECT_EQ(Send("https://h/0")->status, 200);
}

TEST_F(RedirectingTransportTest, StopsAtTheSixthHop) {
  Redirect("https://h/loop", "/loop");
  EXPECT_THAT(Send("https://h/loop"), ErrorIs(ErrorCode::kResourceExhausted, "5 redirects"));
  EXPECT_EQ(net_.requests().size(), 6u);
}

TEST_F(RedirectingTransportTest, RefusesALocationThatIsNoUrl) {
  Redirect("https://h/a", "https://h:99999999999999999999/");
  EXPECT_THAT(Send("https://h/a"), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST_F(RedirectingTransportTest, FollowsEveryRedirectStatusWithTheSameMethod) {
  for (const int status : {301, 302, 303, 307, 308}) {
    const std::string from = "https://h/" + std::to_string(status);
    Redirect(from, "/end", status, Method::kHead);
    net_.On(Method::kHead, "https://h/end");
    EXPECT_EQ(Send(from, Method::kHead)->status, 200) << status;
  }
}

TEST_F(RedirectingTransportTest, LeavesOtherAnswersAlone) {
  Redirect("https://h/300", "/x", 300);
  net_.On(Method::kGet, "https://h/302", {.status = 302});
  Redirect("https://h/post", "/x", 307, Method::kPost);
  EXPECT_EQ(Send("https://h/300")->status, 300);
  EXPECT_EQ(Send("https://h/302")->status, 302);
  EXPECT_EQ(Send("https://h/post", Method::kPost)->status, 307);
}

}  // namespace
}  // namespace xzgate::http
