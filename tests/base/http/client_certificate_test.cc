// What CurlTransport does for one fixed server: a client certificate, an authority given as text, a
// name to verify, methods that write, cancelling.

#include "base/http/client_certificate.h"

#include <atomic>

#include "base/http/authority_file.h"
#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Peer;
using testing::TestCertificate;

const TestCertificate& Client() {
  static const auto made =
      TestCertificate::SelfSigned({.common_name = "clients", .is_authority = true})
          .Issue({.common_name = "client"});
  return made;
}

class ClientCertificateTest : public CurlFixture {
 protected:
  // A server that wants a certificate of this client.
  std::unique_ptr<Server> ServeTo(const TestCertificate& client) {
    auto server = Serve(Answer(200, "x"));
    auto trusted = ParseAuthorities(client.CertificatePem(), "client");
    X509_STORE* const store = SSL_CTX_get_cert_store(server->tls());
    X509_STORE_add_cert(store, trusted->front().get());
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify(server->tls(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return server;
  }
  Result<std::string> GetText(const Server& server) {
    auto response = Get(server.Url("/"));
    if (!response) return std::unexpected(response.error());
    return ReadBody(*response, 100);
  }
};

TEST_F(ClientCertificateTest, IsShownToAServerThatAsks) {
  const auto server = ServeTo(Client());
  options_.client_certificate =
      *ClientCertificate::FromPem(Client().CertificatePem(), Client().KeyPem());
  EXPECT_THAT(GetText(*server), IsOk());
}

TEST_F(ClientCertificateTest, WithoutOneOrWithAnotherTheServerRefuses) {
  const auto server = ServeTo(Client());
  EXPECT_FALSE(GetText(*server));
  const auto other = TestCertificate::SelfSigned({.common_name = "other"});
  CurlOptions options = Trusting();
  options.client_certificate = *ClientCertificate::FromPem(other.CertificatePem(), other.KeyPem());
  const auto transport = *CurlTransport::Create(options, clock_);
  auto response =
      transport->Send({.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere});
  EXPECT_TRUE(!response || !ReadBody(*response, 100));
}

TEST_F(ClientCertificateTest, ReadsPemOnly) {
  const std::string& certificate = Client().CertificatePem();
  const std::string& key = Client().KeyPem();
  EXPECT_THAT(ClientCertificate::FromPem(certificate, "# note\n" + key), IsOk());
  EXPECT_THAT(ClientCertificate::FromPem("", key), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ClientCertificate::FromPem(certificate, ""),
              ErrorIs(ErrorCode::kInvalidArgument, "private key"));
  EXPECT_THAT(ClientCertificate::FromPem(certificate, Client().EncryptedKeyPem("secret")),
              ErrorIs(ErrorCode::kInvalidArgument, "no password"));
  EXPECT_THAT(ClientCertificate::FromPem(Leaf().CertificatePem(), key),
              ErrorIs(ErrorCode::kInvalidArgument, "not the key"));
  const auto damaged = ClientCertificate::FromPem(certificate, key.substr(0, key.size() / 2));
  ASSERT_THAT(damaged, ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(damaged.error().message(), Not(HasSubstr(key.substr(40, 20))));
}

TEST_F(ClientCertificateTest, IsBounded) {
  const std::string pem = Client().CertificatePem() + Client().KeyPem();
  const std::string space(kMaxClientCertificateBytes - pem.size(), '\n');
  EXPECT_THAT(ClientCertificate::FromPem(Client().CertificatePem() + space, Client().KeyPem()),
              IsOk());
  EXPECT_THAT(
      ClientCertificate::FromPem(Client().CertificatePem() + space + "\n", Client().KeyPem()),
      ErrorIs(ErrorCode::kResourceExhausted));
}

class FixedServerTest : public CurlFixture {};

TEST_F(FixedServerTest, TrustsAnAuthorityThatIsText) {
  const auto server = Serve(Answer(200, "x"));
  options_ = {.ca_pem = Authority().CertificatePem(), .system_authorities = {{}}};
  EXPECT_THAT(Get(server->Url("/")), IsOk());
  EXPECT_THAT(CurlTransport::Create({.ca_pem = "junk"}, clock_),
              ErrorIs(ErrorCode::kInvalidArgument, "CA certificates"));
}

TEST_F(FixedServerTest, VerifiesTheNameThatItIsTold) {
  const auto leaf = Authority().Issue({.alternative_names = "DNS:api.internal"});
  const Server server(leaf, [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  options_.tls_server_name = "api.internal";
  EXPECT_THAT(Get(server.Url("/path?q=1")), IsOk());
  EXPECT_THAT(server.heads()[0], HasSubstr("GET /path?q=1 HTTP/1.1"));
  CurlOptions wrong = Trusting();
  wrong.tls_server_name = "localhost";
  const auto transport = *CurlTransport::Create(wrong, clock_);
  EXPECT_THAT(transport->Send({.url = *Url::Parse(server.Url("/")), .reach = Reach::kAnywhere}),
              ErrorIs(ErrorCode::kUnavailable, "localhost"));
}

TEST_F(FixedServerTest, SendsEveryMethod) {
  for (const Method method : {Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    const auto server = Serve(Answer(200, "x"), true);
    const auto response = transport().Send({.method = method,
                                            .url = *Url::Parse(server->Url("/o")),
                                            .headers = {{"Content-Type", "application/json"}},
                                            .body = "{}",
                                            .reach = Reach::kAnywhere});
    ASSERT_THAT(response, IsOk());
    const std::string head = server->heads()[0];
    EXPECT_THAT(head, HasSubstr(std::string(ToString(method)) + " /o HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Length: 2\r\n"));
  }
}

TEST_F(FixedServerTest, AGetAfterAWriteIsAGet) {
  const auto server = Serve(Answer(200, "x"), true);
  (void)transport().Send({.method = Method::kDelete,
                          .url = *Url::Parse(server->Url("/a")),
                          .reach = Reach::kAnywhere});
  EXPECT_THAT(Get(server->Url("/b")), IsOk());
  EXPECT_THAT(server->heads()[1], HasSubstr("GET /b HTTP/1.1\r\n"));
  EXPECT_THAT(server->heads()[1], Not(HasSubstr("Content-Length")));
}

// The server keeps silent, and we do not wait for it.
TEST_F(FixedServerTest, ACancelledRequestEnds) {
  for (const bool with_head : {false, true}) {
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    const Server server(Leaf(), [&](Peer& peer, const std::string&) {
      if (with_head) peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
      *cancelled = true;
    });
    auto response = transport().Send(
        {.url = *Url::Parse(server.Url("/")), .reach = Reach::kAnywhere, .cancelled = cancelled});
    const auto text = response ? ReadBody(*response, 100) : std::unexpected(response.error());
    EXPECT_THAT(text, ErrorIs(ErrorCode::kUnavailable, "cancelled"));
  }
}

}  // namespace
}  // namespace xzgate::http
