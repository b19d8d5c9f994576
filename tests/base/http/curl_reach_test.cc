// Where CurlTransport connects: the address guard and proxies.

#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Peer;
using ::testing::StartsWith;

class CurlReachTest : public CurlFixture {
 protected:
  // Sends as for a host that a pod named.
  Result<Response> GetPublic(const std::string& url, Headers headers = {}) {
    return transport().Send({.url = *Url::Parse(url), .headers = std::move(headers)});
  }
  std::string Port(const Server& server) const { return std::to_string(server.port()); }
  // A proxy that answers plain requests itself and opens tunnels to nowhere but its own TLS.
  static std::unique_ptr<Server> Proxy() {
    auto tls = std::make_shared<crypto::SslCtxPtr>(
        testing::MakeServerTls(Authority().Issue({.alternative_names = "DNS:name.invalid"})));
    return std::make_unique<Server>(std::nullopt, [tls](Peer& peer, const std::string& head) {
      if (!head.starts_with("CONNECT ")) {
        peer.Send(Answer(200, "from proxy"));
        return;
      }
      peer.Send("HTTP/1.1 200 ok\r\nX-Proxy: 1\r\n\r\n");
      if (!peer.StartTls(tls->get())) peer.Close();
    });
  }
};

// Whatever the spelling, the address that is connected to counts.
TEST_F(CurlReachTest, RefusesLoopbackHoweverItIsWritten) {
  const auto server = Serve(Answer(200, "x"));
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1",
                           "127.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[::1]", "x.localhost"}) {
    const std::string url = "https://" + std::string(host) + ":" + Port(*server) + "/";
    EXPECT_THAT(GetPublic(url), ErrorIs(ErrorCode::kPermissionDenied, "registries.allowedCIDRs"))
        << host;
  }
  EXPECT_EQ(server->connections(), 0);
}

TEST_F(CurlReachTest, RefusesOtherAddressesWithoutAPacket) {
  for (const char* host : {"169.254.169.254", "[::ffff:169.254.169.254]", "10.0.0.1",
                           "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]", "100.64.0.1"}) {
    EXPECT_THAT(GetPublic("https://" + std::string(host) + "/"),
                ErrorIs(ErrorCode::kPermissionDenied))
        << host;
  }
}

TEST_F(CurlReachTest, AllowsWhatTheOperatorLists) {
  const auto server = Serve(Answer(200, "x"));
  options_.guard = *AddressGuard::Create({"127.0.0.0/8"}, {});
  EXPECT_THAT(GetPublic(server->Url("/")), IsOk());
}

TEST_F(CurlReachTest, AllowsHostsThatTheOperatorLists) {
  const auto server = Serve(Answer(200, "x"));
  options_.guard = *AddressGuard::Create({}, {"localhost"});
  EXPECT_THAT(GetPublic(server->Url("/", "localhost")), IsOk());
  EXPECT_THAT(GetPublic(server->Url("/")), ErrorIs(ErrorCode::kPermissionDenied));
}

// The proxy looks names up, so a name that nobody here knows works and the proxy may be anywhere.
TEST_F(CurlReachTest, TunnelsHttpsThroughAProxyWithoutALookUp) {
  const auto proxy = Proxy();
  options_.proxy.https_proxy = proxy->Url("");
  auto response = GetPublic("https://name.invalid/v2/?q", {{"Authorization", "Bearer t"}});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 100), "from proxy");
  EXPECT_FALSE(response->headers.Find("X-Proxy"));
  const auto heads = proxy->heads();
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_THAT(heads[0], StartsWith("CONNECT name.invalid:443 HTTP/1.1\r\n"));
  EXPECT_THAT(heads[0], Not(HasSubstr("Bearer")));
  EXPECT_THAT(heads[1], StartsWith("GET /v2/?q HTTP/1.1\r\n"));
}

TEST_F(CurlReachTest, ChecksTheCertificateBehindAProxy) {
  const auto proxy = Proxy();
  options_.proxy.https_proxy = proxy->Url("");
  EXPECT_THAT(GetPublic("https://other.invalid/"),
              ErrorIs(ErrorCode::kUnavailable, "other.invalid"));
}

TEST_F(CurlReachTest, SendsPlainHttpToAProxyByteForByte) {
  const auto proxy = Proxy();
  options_.proxy.http_proxy = proxy->Url("");
  options_.plain_http_everywhere = true;
  ASSERT_THAT(GetPublic("http://name.invalid/a/../%2f?sig=%2B"), IsOk());
  EXPECT_THAT(proxy->heads().at(0),
              StartsWith("GET http://name.invalid/a/../%2f?sig=%2B HTTP/1.1\r\n"));
}

TEST_F(CurlReachTest, AsksNoProxyForSpecialAddresses) {
  const auto proxy = Proxy();
  options_.proxy.https_proxy = proxy->Url("");
  for (const char* host : {"127.0.0.1", "2130706433", "localhost", "169.254.169.254", "[::1]"}) {
    EXPECT_THAT(GetPublic("https://" + std::string(host) + "/"),
                ErrorIs(ErrorCode::kPermissionDenied))
        << host;
  }
  EXPECT_EQ(proxy->connections(), 0);
}

TEST_F(CurlReachTest, GoesAroundTheProxyForExceptions) {
  const auto proxy = Proxy();
  const auto server = Serve(Answer(200, "direct"));
  options_.proxy = {.https_proxy = proxy->Url(""), .no_proxy = {"127.0.0.1"}};
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 100), "direct");
  EXPECT_EQ(proxy->connections(), 0);
}

TEST_F(CurlReachTest, SaysThatTheProxyRefused) {
  const Server proxy(std::nullopt, [](Peer& peer, const std::string&) {
    peer.Send(Answer(403, "no"));
    peer.Close();
  });
  options_.proxy.https_proxy = "http://user:secret@127.0.0.1:" + Port(proxy);
  const auto response = GetPublic("https://name.invalid/");
  ASSERT_THAT(response, ErrorIs(ErrorCode::kUnavailable, "403"));
  EXPECT_THAT(response.error().message(), Not(HasSubstr("secret")));
  EXPECT_THAT(proxy.heads().at(0), HasSubstr("Proxy-Authorization: Basic"));
}

// Without an explicit setting libcurl would read these itself.
TEST_F(CurlReachTest, IgnoresTheEnvironmentUnlessTold) {
  const auto server = Serve(Answer(200, "direct"));
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  EXPECT_THAT(Get(server->Url("/")), IsOk());
  ::unsetenv("https_proxy");
}

}  // namespace
}  // namespace xzgate::http
