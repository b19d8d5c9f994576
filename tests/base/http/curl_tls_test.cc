// Whom CurlTransport trusts.

#include <sys/socket.h>

#include <atomic>

#include "base/http/authority_file.h"
#include "base/http/retrying_transport.h"
#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Peer;
using testing::TestCertificate;

// A failure of TLS that trying again would not mend; `text` is part of its message.
MATCHER_P(IsTlsFailure, text, "") {
  return !arg && arg.error().code() == ErrorCode::kUnavailable &&
         arg.error().kind() == ErrorKind::kTls &&
         arg.error().message().find(text) != std::string::npos;
}

class CurlTlsTest : public CurlFixture {
 protected:
  Result<Response> GetFrom(const TestCertificate& certificate, const std::string& host) {
    const Server server(certificate,
                        [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
    return Get(server.Url("/", host));
  }
};

TEST_F(CurlTlsTest, TrustsAnExtraAuthority) {
  EXPECT_THAT(GetFrom(Leaf(), "127.0.0.1"), IsOk());
  EXPECT_THAT(GetFrom(Leaf(), "localhost"), IsOk());
}

TEST_F(CurlTlsTest, RefusesAnUnknownAuthority) {
  options_ = {};
  EXPECT_THAT(GetFrom(Leaf(), "127.0.0.1"), IsTlsFailure("certificate"));
}

TEST_F(CurlTlsTest, RefusesAnotherAuthorityThanTheExtraOne) {
  const auto other =
      TestCertificate::SelfSigned({.common_name = "other authority", .is_authority = true});
  EXPECT_THAT(GetFrom(other.Issue(), "127.0.0.1"), IsTlsFailure("certificate"));
}

TEST_F(CurlTlsTest, RefusesASelfSignedCertificate) {
  EXPECT_THAT(GetFrom(TestCertificate::SelfSigned(), "127.0.0.1"), IsTlsFailure("self-signed"));
}

TEST_F(CurlTlsTest, RefusesAnotherName) {
  const auto other = Authority().Issue({.alternative_names = "DNS:other.example"});
  const auto response = GetFrom(other, "localhost");
  ASSERT_THAT(response, IsTlsFailure("localhost"));
  EXPECT_THAT(response.error().message(), HasSubstr("subject name"));
  EXPECT_THAT(GetFrom(other, "127.0.0.1"), IsTlsFailure("127.0.0.1"));
}

TEST_F(CurlTlsTest, RefusesAnExpiredCertificate) {
  const auto expired =
      Authority().Issue({.not_after = std::chrono::sys_days(std::chrono::January / 1 / 2021)});
  EXPECT_THAT(GetFrom(expired, "127.0.0.1"), IsTlsFailure("expired"));
}

TEST_F(CurlTlsTest, RefusesACertificateOfTheFuture) {
  const auto future =
      Authority().Issue({.not_before = std::chrono::sys_days(std::chrono::January / 1 / 2039)});
  EXPECT_THAT(GetFrom(future, "127.0.0.1"), IsTlsFailure("not yet valid"));
}

TEST_F(CurlTlsTest, RefusesOldTls) {
  const Server tls11(Leaf(), [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  SSL_CTX_set_security_level(tls11.tls(), 0);
  SSL_CTX_set_min_proto_version(tls11.tls(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(tls11.tls(), TLS1_1_VERSION);
  EXPECT_THAT(Get(tls11.Url("/")), IsTlsFailure("protocol"));
}

TEST_F(CurlTlsTest, RefusesAPeerWithoutACipherInCommon) {
  const Server server(Leaf(), [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  SSL_CTX_set_max_proto_version(server.tls(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(server.tls(), "PSK");  // no pre-shared key is agreed on
  EXPECT_THAT(Get(server.Url("/")), IsTlsFailure("handshake failure"));
}

// The first handshake breaks off, as `how` does it to the server's socket; the next one succeeds.
class BrokenHandshake : public CurlTlsTest {
 protected:
  using How = void (*)(int fd);

  static int OnHello(SSL* ssl, int*, void* argument) {
    auto& self = *static_cast<BrokenHandshake*>(argument);
    if (self.hellos_++ > 0) return SSL_CLIENT_HELLO_SUCCESS;
    self.how_(SSL_get_fd(ssl));
    return SSL_CLIENT_HELLO_ERROR;
  }
  std::unique_ptr<Server> ServeAfterBreak(How how) {
    how_ = how;
    auto server = Serve(Answer(200, "x"));
    SSL_CTX_set_client_hello_cb(server->tls(), OnHello, this);
    return server;
  }

  How how_ = nullptr;
  std::atomic<int> hellos_ = 0;
};

void ResetPeer(int fd) {
  const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
  ::connect(fd, &nowhere, sizeof(nowhere));  // tcp(7): sends a reset
}
void LeavePeer(int fd) {
  ::shutdown(fd, SHUT_WR);
}
void SpeakPlainly(int fd) {
  constexpr std::string_view kAnswer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  ::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

TEST_F(BrokenHandshake, IsNoFailureOfTls) {
  for (const How how : {ResetPeer, LeavePeer}) {
    hellos_ = 0;
    const auto server = ServeAfterBreak(how);
    const auto response = Get(server->Url("/"));
    ASSERT_THAT(response, ErrorIs(ErrorCode::kUnavailable));
    EXPECT_EQ(response.error().kind(), ErrorKind::kOther) << response.error().message();
  }
}

TEST_F(BrokenHandshake, IsAFailureOfTlsWhereThePeerSpeaksNone) {
  const auto server = ServeAfterBreak(SpeakPlainly);
  EXPECT_THAT(Get(server->Url("/")), IsTlsFailure("wrong version"));
}

TEST_F(BrokenHandshake, IsRepeated) {
  const auto server = ServeAfterBreak(ResetPeer);
  ThreadSleeper sleeper;
  RetryingTransport retrying(transport(), clock_, sleeper, [] { return 0.0; });
  EXPECT_THAT(retrying.Send({.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere}),
              IsOk());
  EXPECT_EQ(hellos_, 2);
}

TEST_F(CurlTlsTest, TakesTls12) {
  const Server server(Leaf(), [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  SSL_CTX_set_max_proto_version(server.tls(), TLS1_2_VERSION);
  EXPECT_THAT(Get(server.Url("/")), IsOk());
}

TEST_F(CurlTlsTest, RefusesPlainHttpUnlessAllowed) {
  const Server server(std::nullopt,
                      [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  EXPECT_THAT(Get(server.Url("/")), ErrorIs(ErrorCode::kPermissionDenied, "plain http"));
  EXPECT_EQ(server.connections(), 0);
  const std::string with_port = "127.0.0.1:" + std::to_string(server.port());
  const CurlOptions allowing[] = {{.plain_http_everywhere = true},
                                  {.plain_http_hosts = {"127.0.0.1"}},
                                  {.plain_http_hosts = {with_port}}};
  for (const auto& options : allowing) {
    const auto transport = CurlTransport::Create(options, clock_);
    EXPECT_THAT(
        (*transport)->Send({.url = *Url::Parse(server.Url("/")), .reach = Reach::kAnywhere}),
        IsOk());
  }
}

TEST_F(CurlTlsTest, NamesACaFileThatItCannotUse) {
  const auto create = [this](const std::string& path) {
    return CurlTransport::Create({.ca_files = {AuthorityFile(), path}}, clock_);
  };
  EXPECT_THAT(create("/no/such/file.pem"), ErrorIs(ErrorCode::kNotFound, "/no/such/file.pem"));
  EXPECT_THAT(create(Folder().Write("empty.pem", "")),
              ErrorIs(ErrorCode::kInvalidArgument, "empty"));
  EXPECT_THAT(create(Folder().Write("key.pem", Authority().KeyPem())),
              ErrorIs(ErrorCode::kInvalidArgument, "key.pem"));
  std::string damaged = Authority().CertificatePem();
  damaged[damaged.size() / 2] = '!';
  EXPECT_THAT(create(Folder().Write("damaged.pem", damaged)),
              ErrorIs(ErrorCode::kInvalidArgument, "damaged"));
}

TEST_F(CurlTlsTest, HoldsTheLimitOfACaFile) {
  std::string pem = Authority().CertificatePem();
  while (pem.size() < kMaxCaFileBytes) pem.append(63, '#').append("\n");
  pem.resize(kMaxCaFileBytes);
  EXPECT_THAT(ReadAuthorities(Folder().Write("full.pem", pem)), IsOk());
  EXPECT_THAT(ReadAuthorities(Folder().Write("over.pem", pem + "#")),
              ErrorIs(ErrorCode::kResourceExhausted, "over.pem"));
}

TEST_F(CurlTlsTest, ReadsEveryCertificateOfAFile) {
  const auto other =
      TestCertificate::SelfSigned({.common_name = "other authority", .is_authority = true});
  options_ = {.ca_files = {Folder().Write(
                  "both.pem", other.CertificatePem() + "# ours\n" + Authority().CertificatePem())}};
  EXPECT_THAT(GetFrom(Leaf(), "127.0.0.1"), IsOk());
  EXPECT_THAT(GetFrom(other.Issue(), "127.0.0.1"), IsOk());
}

}  // namespace
}  // namespace xzgate::http
