// Whom CurlTransport trusts.

#include "base/http/extra_roots.h"
#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::MakeCertificate;
using testing::Peer;
using testing::TestCertificate;
using testing::WriteTestFile;

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
  EXPECT_THAT(GetFrom(Leaf(), "127.0.0.1"), ErrorIs(ErrorCode::kUnavailable, "certificate"));
}

TEST_F(CurlTlsTest, RefusesAnotherAuthorityThanTheExtraOne) {
  const auto other = MakeCertificate({.common_name = "other authority", .is_ca = true});
  EXPECT_THAT(GetFrom(MakeCertificate({}, &other), "127.0.0.1"),
              ErrorIs(ErrorCode::kUnavailable, "certificate"));
}

TEST_F(CurlTlsTest, RefusesASelfSignedCertificate) {
  EXPECT_THAT(GetFrom(MakeCertificate({}), "127.0.0.1"),
              ErrorIs(ErrorCode::kUnavailable, "self-signed"));
}

TEST_F(CurlTlsTest, RefusesAnotherName) {
  const auto other = MakeCertificate({.alternative_names = "DNS:other.example"}, &Authority());
  const auto response = GetFrom(other, "localhost");
  ASSERT_THAT(response, ErrorIs(ErrorCode::kUnavailable, "localhost"));
  EXPECT_THAT(response.error().message(), HasSubstr("subject name"));
  EXPECT_THAT(GetFrom(other, "127.0.0.1"), ErrorIs(ErrorCode::kUnavailable, "127.0.0.1"));
}

TEST_F(CurlTlsTest, RefusesAnExpiredCertificate) {
  const auto expired =
      MakeCertificate({.valid_from_days = -10, .valid_until_days = -1}, &Authority());
  EXPECT_THAT(GetFrom(expired, "127.0.0.1"), ErrorIs(ErrorCode::kUnavailable, "expired"));
}

TEST_F(CurlTlsTest, RefusesACertificateOfTheFuture) {
  const auto future = MakeCertificate({.valid_from_days = 1}, &Authority());
  EXPECT_THAT(GetFrom(future, "127.0.0.1"), ErrorIs(ErrorCode::kUnavailable, "not yet valid"));
}

TEST_F(CurlTlsTest, RefusesOldTls) {
  const Server tls11(Leaf(), [](Peer& peer, const std::string&) { peer.Send(Answer(200, "x")); });
  SSL_CTX_set_security_level(tls11.tls(), 0);
  SSL_CTX_set_min_proto_version(tls11.tls(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(tls11.tls(), TLS1_1_VERSION);
  EXPECT_THAT(Get(tls11.Url("/")), ErrorIs(ErrorCode::kUnavailable));
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
  EXPECT_THAT(create(WriteTestFile("empty.pem", "")),
              ErrorIs(ErrorCode::kInvalidArgument, "empty"));
  EXPECT_THAT(create(WriteTestFile("key.pem", Authority().key_pem)),
              ErrorIs(ErrorCode::kInvalidArgument, "key.pem"));
  std::string damaged = Authority().certificate_pem;
  damaged[damaged.size() / 2] = '!';
  EXPECT_THAT(create(WriteTestFile("damaged.pem", damaged)),
              ErrorIs(ErrorCode::kInvalidArgument, "damaged"));
}

TEST_F(CurlTlsTest, ReadsEveryCertificateOfAFile) {
  const auto other = MakeCertificate({.common_name = "other authority", .is_ca = true});
  options_ = {.ca_files = {WriteTestFile(
                  "both.pem", other.certificate_pem + "# ours\n" + Authority().certificate_pem)}};
  EXPECT_THAT(GetFrom(Leaf(), "127.0.0.1"), IsOk());
  EXPECT_THAT(GetFrom(MakeCertificate({}, &other), "127.0.0.1"), IsOk());
}

}  // namespace
}  // namespace xzgate::http
