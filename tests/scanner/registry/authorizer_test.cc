#include "scanner/registry/authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;

const std::string kRealm = "https://auth.example/token";

class AuthorizerTest : public ::testing::Test {
 protected:
  static AuthTarget Target(const std::string& host) {
    return {.repository = {host, "a"},
            .origin = {.scheme = "https", .host = host, .port = 443},
            .reach = http::Reach::kAnywhere};
  }
  Result<std::optional<Authorization>> Answer(const std::string& host,
                                              const std::string& challenge) {
    return authorizer_.Answer(Target(host), {{"WWW-Authenticate", challenge}}, Authorization{},
                              Access{});
  }
  // What is sent to a host without being asked.
  std::string Header(const std::string& host) {
    return std::string(authorizer_.Prepare(Target(host), Access{}).header.Reveal());
  }

  FakeTransport net_;
  Keychain keychain_;
  FakeClock clock_;
  std::vector<std::pair<std::string, int>> notes_;
  Authorizer authorizer_{net_, keychain_, clock_,
                         [this](const std::string& host, const Result<http::Response>& response) {
                           notes_.emplace_back(host, response ? response->status : 0);
                         }};
};

TEST_F(AuthorizerTest, RemembersWhatSoManyHostsWant) {
  ASSERT_THAT(keychain_.Add(R"({"auths":{"first.example":{"username":"u","password":"p"}}})", "c"),
              IsOk());
  EXPECT_THAT(Answer("first.example", "Basic realm=x"), IsOk());
  for (std::size_t i = 1; i < Authorizer::kMaxHosts; ++i) {
    EXPECT_THAT(Answer("host" + std::to_string(i), "Basic realm=x"), IsOk());
  }
  EXPECT_EQ(Header("first.example"), "Basic dTpw");
  EXPECT_THAT(Answer("first.example", "Basic realm=x"), IsOk());  // it has its place
  EXPECT_EQ(Header("first.example"), "Basic dTpw");
  EXPECT_THAT(Answer("late.example", "Basic realm=x"), IsOk());
  EXPECT_EQ(Header("first.example"), "");  // is asked again before it gets a password
}

// A token server that is gone must not bar its registry for ever: that is asked anew what it wants.
TEST_F(AuthorizerTest, ForgetsATokenServerThatGivesNothing) {
  net_.On(http::Method::kGet, kRealm + "?scope=repository%3Aa%3Apull",
          {.error = Error(ErrorCode::kUnavailable, "down")});
  EXPECT_THAT(Answer("reg.example", "Bearer realm=\"" + kRealm + "\""),
              ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(Header("reg.example"), "");
  EXPECT_EQ(notes_.size(), 2U);
  EXPECT_EQ(Header("reg.example"), "");
  EXPECT_EQ(notes_.size(), 2U);  // nobody was asked
}

TEST_F(AuthorizerTest, TellsOfEveryRequestToATokenServer) {
  const std::string url = kRealm + "?scope=repository%3Aa%3Apull";
  net_.On(http::Method::kGet, url, {.status = 429});
  net_.On(http::Method::kGet, url, {.error = Error(ErrorCode::kUnavailable, "down")});
  net_.On(http::Method::kGet, url, {.body = R"({"token":"t"})"});
  const std::string challenge = "Bearer realm=\"" + kRealm + "\"";
  EXPECT_THAT(notes_, IsEmpty());
  EXPECT_THAT(Answer("reg.example", challenge), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(Answer("reg.example", challenge), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(Answer("reg.example", challenge), IsOk());
  EXPECT_EQ(Header("reg.example"), "Bearer t");  // from the cache
  EXPECT_THAT(notes_, ElementsAre(Pair("reg.example", 429), Pair("reg.example", 0),
                                  Pair("reg.example", 200)));
}

}  // namespace
}  // namespace xzgate::registry
