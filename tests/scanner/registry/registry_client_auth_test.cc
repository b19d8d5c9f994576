#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/crypto/digest.h"
#include "scanner/registry/registry_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeAnswer;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kTokenHost = "auth.example";

// A registry at reg.example that wants a bearer token or basic, and its token server at
// auth.example.
class AuthTest : public ::testing::Test {
 protected:
  AuthTest() {
    net_.Handle([this](const http::Request& request) {
      const bool is_token = request.url.origin().host == kTokenHost;
      return net_.MakeResponse(request, is_token ? AnswerToken(request) : AnswerRegistry(request));
    });
  }

  FakeAnswer AnswerToken(const http::Request& request) {
    if (token_answer_) return *token_answer_;
    if (!want_basic_.empty() && request.headers.Find("Authorization") != want_basic_)
      return {.status = 401};
    ++tokens_given_;
    // The token says what it is good for, as a real one does.
    good_token_ = "T" + std::to_string(tokens_given_) + "-" +
                  crypto::HexEncode(AsBytes(request.url.target())).substr(0, 200);
    return {.body = R"({"token":")" + good_token_ + R"(","expires_in":300})"};
  }

  FakeAnswer AnswerRegistry(const http::Request& request) const {
    const auto sent = request.headers.Find("Authorization");
    const bool welcome =
        scheme_ == "Basic"
            ? sent == want_basic_
            : sent == "Bearer " + (fixed_token_.empty() ? good_token_ : fixed_token_) &&
                  sent != "Bearer ";
    if (welcome && !always_refuse_)
      return {.headers = {{"Docker-Content-Digest", kDigest}}, .body = R"({"tags":[]})"};
    return {.status = 401,
            .headers = {{"WWW-Authenticate", challenge_}},
            .body = R"({"errors":[{"code":"UNAUTHORIZED"}]})"};
  }

  void GivenCredential(const std::string& host, const std::string& member) {
    ASSERT_THAT(keychain_.Add(R"({"auths":{")" + host + "\":{" + member + "}}}", "config"), IsOk());
  }
  void GivenUser(const std::string& host = "reg.example") {
    GivenCredential(host, R"("username":"user","password":"pass")");
  }

  Result<oci::Digest> Resolve(const std::string& text = "reg.example/a:1") {
    return client_.Resolve(*oci::Reference::Parse(text), Access{});
  }

  std::vector<http::Request> To(const std::string& host) const {
    std::vector<http::Request> requests;
    for (const http::Request& request : net_.requests()) {
      if (request.url.origin().host == host) requests.push_back(request);
    }
    return requests;
  }

  static constexpr const char* kUserPass = "Basic dXNlcjpwYXNz";
  std::string scheme_ = "Bearer";
  std::string challenge_ = R"(Bearer realm="https://auth.example/token",service="reg")";
  std::string want_basic_;
  std::string fixed_token_;
  std::string good_token_;
  bool always_refuse_ = false;
  std::optional<FakeAnswer> token_answer_;
  int tokens_given_ = 0;

  FakeTransport net_;
  Keychain keychain_;
  FakeClock clock_;
  RegistryClient client_{net_, keychain_, clock_, {.configured_hosts = {"reg.example"}}};
};

TEST_F(AuthTest, AnswersABearerChallengeAsNobody) {
  EXPECT_THAT(Resolve(), IsOk());
  ASSERT_EQ(To(kTokenHost).size(), 1U);
  EXPECT_EQ(To(kTokenHost)[0].url.target(), "/token?service=reg&scope=repository%3Aa%3Apull");
  EXPECT_FALSE(To(kTokenHost)[0].headers.Find("Authorization"));
  EXPECT_EQ(To(kTokenHost)[0].reach, http::Reach::kPublicOnly);
  EXPECT_EQ(To("reg.example").size(), 2U);
}

TEST_F(AuthTest, ReusesATokenUntilItExpires) {
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost).size(), 1U);
  EXPECT_EQ(To("reg.example").size(), 4U);  // one 401 in the beginning, none after it
  clock_.Advance(seconds(290));
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost).size(), 2U);
  EXPECT_EQ(To("reg.example").size(), 5U);
}

TEST_F(AuthTest, AsksForATokenOfEachRepository) {
  EXPECT_THAT(Resolve("reg.example/a:1"), IsOk());
  EXPECT_THAT(Resolve("reg.example/b/c:1"), IsOk());
  ASSERT_EQ(To(kTokenHost).size(), 2U);
  EXPECT_THAT(To(kTokenHost)[1].url.target(), HasSubstr("scope=repository%3Ab%2Fc%3Apull"));
}

TEST_F(AuthTest, RefreshesAStaleTokenOnce) {
  EXPECT_THAT(Resolve(), IsOk());
  good_token_ = "revoked";
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost).size(), 2U);
  EXPECT_EQ(To("reg.example").size(), 4U);
}

TEST_F(AuthTest, GivesUpWhenAFreshTokenDoesNotDo) {
  always_refuse_ = true;
  EXPECT_THAT(Resolve(),
              ErrorIs(ErrorCode::kUnauthenticated, "no credentials are configured for it"));
  EXPECT_EQ(To(kTokenHost).size(), 1U);
  EXPECT_EQ(To("reg.example").size(), 2U);
}

TEST_F(AuthTest, AddsTheScopeThatTheRegistryAsksFor) {
  challenge_ += R"(,scope="repository:a:metadata_read")";
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_THAT(To(kTokenHost)[0].url.target(),
              HasSubstr("scope=repository%3Aa%3Apull&scope=repository%3Aa%3Ametadata_read"));
}

TEST_F(AuthTest, SendsThePasswordToTheTokenServerAndTheTokenToTheRegistry) {
  GivenUser();
  want_basic_ = kUserPass;
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost)[0].headers.Find("Authorization"), kUserPass);
  for (const http::Request& request : To("reg.example")) {
    EXPECT_THAT(std::string(request.headers.Find("Authorization").value_or("")),
                Not(HasSubstr("Basic")));
  }
}

TEST_F(AuthTest, SendsNoCredentialOfAnotherHost) {
  GivenUser("other.example");
  GivenUser("auth.example");
  EXPECT_THAT(Resolve(), IsOk());
  for (const http::Request& request : net_.requests()) {
    EXPECT_THAT(std::string(request.headers.Find("Authorization").value_or("")),
                Not(HasSubstr("Basic")));
  }
}

TEST_F(AuthTest, AnswersABasicChallengeAndRemembersIt) {
  GivenUser();
  scheme_ = "Basic";
  challenge_ = R"(Basic realm="Registry")";
  want_basic_ = kUserPass;
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To("reg.example").size(), 3U);
}

TEST_F(AuthTest, SaysThatTheCredentialsDoNotSuffice) {
  GivenUser();
  scheme_ = "Basic";
  challenge_ = R"(Basic realm="Registry")";
  want_basic_ = "Basic other";
  EXPECT_THAT(Resolve(),
              ErrorIs(ErrorCode::kUnauthenticated, "the configured credentials do not suffice"));
  EXPECT_EQ(net_.requests().size(), 2U);
}

TEST_F(AuthTest, NamesTheHelperThatItDoesNotRun) {
  ASSERT_THAT(keychain_.Add(R"({"credHelpers":{"reg.example":"ecr-login"}})", "config"), IsOk());
  scheme_ = "Basic";
  challenge_ = R"(Basic realm="Registry")";
  EXPECT_THAT(Resolve(), ErrorIs(ErrorCode::kUnauthenticated,
                                 "credential helper \"ecr-login\" is not supported yet"));
}

TEST_F(AuthTest, SendsARegistryTokenAsItIs) {
  GivenCredential("reg.example", R"("registrytoken":"fixed")");
  fixed_token_ = "fixed";
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost).size(), 0U);
}

TEST_F(AuthTest, ExchangesAnIdentityToken) {
  GivenCredential("reg.example", R"("identitytoken":"refresh")");
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost)[0].method, http::Method::kPost);
  EXPECT_THAT(To(kTokenHost)[0].body, HasSubstr("refresh_token=refresh"));
}

TEST_F(AuthTest, PrefersBearerToBasic) {
  GivenUser();
  want_basic_ = kUserPass;
  challenge_ = R"(Basic realm="Registry", )" + challenge_;
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(To(kTokenHost).size(), 1U);
}

TEST_F(AuthTest, ReadsTheChallengeOfTheRegistryOnly) {
  GivenUser();
  net_.Handle([this](const http::Request& request) -> Result<http::Response> {
    auto response = net_.MakeResponse(
        request, {.status = 401, .headers = {{"WWW-Authenticate", R"(Basic realm="x")"}}});
    response->url = *http::Url::Parse("https://storage.example/blob");  // where a redirect ended
    return response;
  });
  EXPECT_THAT(Resolve(), ErrorIs(ErrorCode::kUnauthenticated));
  EXPECT_EQ(net_.requests().size(), 1U);
}

TEST_F(AuthTest, AFaultOnTheWayToATokenIsNoFaultOfTheImage) {
  struct Case {
    std::string name;
    std::string challenge;
    std::optional<FakeAnswer> token;
    ErrorCode want;
  };
  const std::string good = challenge_;
  const Case cases[] = {
      {"broken challenge", "Bearer realm=\"", {}, ErrorCode::kUnauthenticated},
      {"unknown scheme", "Negotiate", {}, ErrorCode::kUnauthenticated},
      {"no realm", "Bearer service=x", {}, ErrorCode::kUnauthenticated},
      {"realm without TLS",
       R"(Bearer realm="http://auth.example/token")",
       {},
       ErrorCode::kPermissionDenied},
      {"huge challenge",
       "Bearer realm=\"" + std::string(kMaxChallengeBytes, 'x') + "\"",
       {},
       ErrorCode::kUnauthenticated},
      {"huge token", good, FakeAnswer{.body = std::string(kMaxTokenBytes + 1, ' ')},
       ErrorCode::kUnauthenticated},
      {"no token", good, FakeAnswer{.body = "{}"}, ErrorCode::kUnauthenticated},
      {"token server down", good, FakeAnswer{.status = 503}, ErrorCode::kUnavailable},
      {"guarded", good, FakeAnswer{.error = Error(ErrorCode::kPermissionDenied, "private address")},
       ErrorCode::kPermissionDenied}};
  for (const Case& test : cases) {
    challenge_ = test.challenge;
    token_answer_ = test.token;
    RegistryClient client(net_, keychain_, clock_);
    EXPECT_THAT(client.Resolve(*oci::Reference::Parse("reg.example/a:1"), Access{}),
                ErrorIs(test.want, R"(repository "reg.example/a")"))
        << test.name;
  }
}

// Docker Hub's limits for the anonymous show at its token server as well.
TEST_F(AuthTest, LeavesARegistryAloneWhoseTokenServerAsksForIt) {
  token_answer_ = FakeAnswer{.status = 429, .headers = {{"Retry-After", "60"}}};
  EXPECT_THAT(Resolve(), ErrorIs(ErrorCode::kUnavailable, "429"));
  EXPECT_EQ(client_.BusyFor("reg.example"), seconds(60));
  const auto refused = Resolve();
  EXPECT_THAT(refused, ErrorIs(ErrorCode::kUnavailable, "asked to wait until"));
  EXPECT_EQ(refused.error().kind(), ErrorKind::kRateLimited);
  EXPECT_EQ(net_.requests().size(), 2U);
  clock_.Advance(seconds(60));
  token_answer_.reset();
  EXPECT_THAT(Resolve(), IsOk());
}

TEST_F(AuthTest, CountsRequestsToATokenServerAsTheRegistrys) {
  class Observer final : public RequestObserver {
   public:
    void OnRequest(HostClass host_class, int status) override {
      seen.emplace_back(ToString(host_class), status);
    }
    std::vector<std::pair<std::string_view, int>> seen;
  } observer;
  RegistryClient client(net_, keychain_, clock_, {.configured_hosts = {"reg.example"}}, &observer);
  token_answer_ = FakeAnswer{.status = 403};
  EXPECT_THAT(client.Resolve(*oci::Reference::Parse("reg.example/a:1"), Access{}),
              ErrorIs(ErrorCode::kPermissionDenied));
  EXPECT_THAT(observer.seen, ElementsAre(Pair("configured", 401), Pair("configured", 403)));
}

TEST_F(AuthTest, HoldsNoBodyOfARefusedAnswerWhileItAsksForAToken) {
  int open_at_token = -1;
  net_.Handle([this, &open_at_token](const http::Request& request) {
    const bool is_token = request.url.origin().host == kTokenHost;
    if (is_token) open_at_token = net_.open_bodies();
    return net_.MakeResponse(request, is_token ? AnswerToken(request) : AnswerRegistry(request));
  });
  EXPECT_THAT(Resolve(), IsOk());
  EXPECT_EQ(open_at_token, 0);
  EXPECT_EQ(net_.open_bodies(), 0);
}

}  // namespace
}  // namespace xzgate::registry
