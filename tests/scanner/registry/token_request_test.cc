#include "scanner/registry/token_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::seconds;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;

const http::Origin kRegistry{.scheme = "https", .host = "reg.example", .port = 5000};

Challenge Bearer(const std::string& realm) {
  return {
      .scheme = "bearer", .token68 = {}, .params = {{"realm", realm}, {"service", "the service"}}};
}

TEST(ReadTokenServer, AtTheRegistrysHostHasItsReach) {
  const auto server =
      ReadTokenServer(Bearer("https://reg.example:5001/token"), kRegistry, http::Reach::kAnywhere);
  ASSERT_THAT(server, IsOk());
  EXPECT_EQ(server->reach, http::Reach::kAnywhere);
  EXPECT_EQ(server->service, "the service");
}

TEST(ReadTokenServer, ElsewhereMustBePublic) {
  for (const std::string realm :
       {"https://auth.example/token", "https://reg.example.evil.net/token",
        "https://169.254.169.254/token"}) {
    const auto server = ReadTokenServer(Bearer(realm), kRegistry, http::Reach::kAnywhere);
    ASSERT_THAT(server, IsOk()) << realm;
    EXPECT_EQ(server->reach, http::Reach::kPublicOnly) << realm;
  }
}

TEST(ReadTokenServer, NeverStepsDownFromTls) {
  EXPECT_THAT(
      ReadTokenServer(Bearer("http://reg.example:5000/token"), kRegistry, http::Reach::kAnywhere),
      ErrorIs(ErrorCode::kPermissionDenied));
  http::Origin plain = kRegistry;
  plain.scheme = "http";
  EXPECT_THAT(
      ReadTokenServer(Bearer("http://reg.example:5000/token"), plain, http::Reach::kAnywhere),
      IsOk());
}

TEST(ReadTokenServer, RejectsBadRealms) {
  for (const std::string realm :
       {"", "token", "/token", "ftp://x/", "https://u:p@auth.example/", "file:///etc/passwd"}) {
    EXPECT_THAT(ReadTokenServer(Bearer(realm), kRegistry, http::Reach::kAnywhere),
                ErrorIs(ErrorCode::kInvalidArgument))
        << realm;
  }
  EXPECT_THAT(ReadTokenServer(Challenge{.scheme = "bearer", .token68 = {}, .params = {}}, kRegistry,
                              http::Reach::kAnywhere),
              ErrorIs(ErrorCode::kInvalidArgument));
}

struct ResponseCase {
  std::string name;
  std::string body;
  std::string token;
  seconds lifetime;
};

class TokenResponseAccepts : public ::testing::TestWithParam<ResponseCase> {};

TEST_P(TokenResponseAccepts, AsTheTableSays) {
  const auto token = ParseTokenResponse(GetParam().body);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->token.Reveal(), GetParam().token);
  EXPECT_GE(std::max(token->lifetime, TokenCache::kMinLifetime), GetParam().lifetime);
  EXPECT_LE(token->lifetime, GetParam().lifetime);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TokenResponseAccepts,
    ::testing::Values(
        ResponseCase{"Token", R"({"token":"abc","expires_in":300,"issued_at":"x"})", "abc",
                     seconds(300)},
        ResponseCase{"AccessToken", R"({"access_token":"abc"})", "abc", seconds(60)},
        ResponseCase{"Both", R"({"token":"abc","access_token":"def"})", "abc", seconds(60)},
        ResponseCase{"EmptyToken", R"({"token":"","access_token":"def"})", "def", seconds(60)},
        ResponseCase{"Huge", R"({"token":"a","expires_in":18446744073709551615})", "a",
                     TokenCache::kMaxLifetime},
        ResponseCase{"Negative", R"({"token":"a","expires_in":-1})", "a", seconds(60)},
        ResponseCase{"Text", R"({"token":"a","expires_in":"300"})", "a", seconds(60)}),
    [](const auto& param) { return param.param.name; });

TEST(ParseTokenResponse, RejectsWhatCannotBeSent) {
  for (const std::string body : {"", "[]", "{}", R"({"token":1})", R"({"token":"a b"})",
                                 R"({"token":"a\r\nX: y"})", "{\"token\":\"\u00e9\"}"}) {
    EXPECT_THAT(ParseTokenResponse(body), ErrorIs(ErrorCode::kInvalidArgument)) << body;
  }
}

class RequestTokenTest : public ::testing::Test {
 protected:
  Result<FreshToken> Request(const Credential* credential) {
    return RequestToken(net_, server_, {"repository:a/b:pull", "x"}, credential, Access{});
  }

  static constexpr const char* kUrl =
      "https://auth.example/"
      "token?account=1&service=reg%20%26%20x&scope=repository%3Aa%2Fb%3Apull&scope=x";
  TokenServer server_{.realm = *http::Url::Parse("https://auth.example/token?account=1"),
                      .service = "reg & x",
                      .reach = http::Reach::kPublicOnly};
  FakeTransport net_;
};

TEST_F(RequestTokenTest, AsksForEveryScopeWithBasic) {
  net_.On(http::Method::kGet, kUrl, {.body = R"({"token":"t"})"});
  const Credential credential{.kind = Credential::Kind::kPassword,
                              .username = "user",
                              .secret = SecretString("pass"),
                              .identity = "i"};
  EXPECT_THAT(Request(&credential), IsOk());
  EXPECT_EQ(net_.requests()[0].headers.Find("Authorization"), "Basic dXNlcjpwYXNz");
  EXPECT_EQ(net_.requests()[0].reach, http::Reach::kPublicOnly);
}

TEST_F(RequestTokenTest, AsksAsNobodyWithoutACredential) {
  net_.On(http::Method::kGet, kUrl, {.body = R"({"token":"t"})"});
  EXPECT_THAT(Request(nullptr), IsOk());
  EXPECT_FALSE(net_.requests()[0].headers.Find("Authorization"));
}

TEST_F(RequestTokenTest, ExchangesAnIdentityToken) {
  net_.On(http::Method::kPost, "https://auth.example/token?account=1",
          {.body = R"({"access_token":"t","expires_in":120})"});
  const Credential credential{.kind = Credential::Kind::kIdentityToken,
                              .username = "",
                              .secret = SecretString("re/fresh"),
                              .identity = "i"};
  const auto token = Request(&credential);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->token.Reveal(), "t");
  EXPECT_EQ(net_.requests()[0].body,
            "grant_type=refresh_token&client_id=xzgate&service=reg%20%26%20x&scope=repository%3Aa%"
            "2Fb%3Apull%20x&refresh_token=re%2Ffresh");
  EXPECT_FALSE(net_.requests()[0].headers.Find("Authorization"));
}

TEST_F(RequestTokenTest, HoldsItsLimit) {
  const std::string head = R"({"token":"t","x":")";
  const std::string fits = head + std::string(kMaxTokenBytes - head.size() - 2, 'x') + "\"}";
  net_.On(http::Method::kGet, kUrl, {.body = fits});
  net_.On(http::Method::kGet, kUrl, {.body = fits + " "});
  EXPECT_THAT(Request(nullptr), IsOk());
  EXPECT_THAT(Request(nullptr), ErrorIs(ErrorCode::kResourceExhausted, "auth.example"));
}

TEST_F(RequestTokenTest, NamesTheServerWhenItRefuses) {
  net_.On(http::Method::kGet, kUrl,
          {.status = 401, .body = R"({"details":"incorrect username or password"})"});
  EXPECT_THAT(Request(nullptr), ErrorIs(ErrorCode::kUnauthenticated,
                                        "token server \"https://auth.example/token\": want status "
                                        "200, found 401 (incorrect username"));
}

}  // namespace
}  // namespace xzgate::registry
