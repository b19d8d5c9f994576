// Whom CurlTransport trusts besides the authorities that the operator adds.

#include "base/http/trusted_authorities.h"

#include <openssl/pem.h>

#include <cstdio>
#include <thread>

#include "base/crypto/openssl_error.h"
#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Peer;
using testing::TempFolder;
using testing::TestCertificate;

TestCertificate MakeAuthority(const std::string& name) {
  return TestCertificate::SelfSigned({.common_name = name, .is_authority = true});
}

crypto::X509Ptr ToX509(const std::string& pem) {
  const crypto::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return crypto::X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

class SystemAuthoritiesTest : public CurlFixture {
 protected:
  Result<Response> GetFrom(const TestCertificate& certificate) {
    const Server server(certificate, [](Peer& peer, const std::string&) {
      peer.Send(Answer(200, "x"));
      peer.Close();
    });
    return Get(server.Url("/"));
  }
  // What c_rehash makes: a file of the directory, named by the hash of the subject.
  void AddToDirectory(const TestCertificate& certificate) const {
    char name[16];
    std::snprintf(name, sizeof(name), "%08lx.0",
                  X509_subject_name_hash(ToX509(certificate.CertificatePem()).get()));
    own_.Write(name, certificate.CertificatePem());
  }

  const TempFolder own_;
  const TestCertificate other_ = MakeAuthority("other authority");
};

TEST_F(SystemAuthoritiesTest, ThoseOfTheFileAreTrusted) {
  options_ = {
      .system_authorities = {
          {.file = own_.Write("ca.crt", other_.CertificatePem() + Authority().CertificatePem())}}};
  EXPECT_THAT(GetFrom(Leaf()), IsOk());
  EXPECT_THAT(GetFrom(other_.Issue()), IsOk());
  EXPECT_THAT(GetFrom(MakeAuthority("a third").Issue()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, ThoseOfTheDirectoryAreTrusted) {
  AddToDirectory(other_);
  options_ = {.system_authorities = {{.file = "/no/such/file", .directory = own_.path()}}};
  EXPECT_THAT(GetFrom(other_.Issue()), IsOk());
  EXPECT_THAT(GetFrom(Leaf()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, TheFileHoldsWhatTheDirectoryDoesNot) {
  AddToDirectory(other_);
  options_ = {.system_authorities = {{.file = own_.Write("ca.crt", Authority().CertificatePem()),
                                      .directory = own_.path()}}};
  EXPECT_THAT(GetFrom(Leaf()), IsOk());
}

TEST_F(SystemAuthoritiesTest, ThoseOfTheOperatorStandBesideThem) {
  options_.system_authorities = {.file = own_.Write("ca.crt", other_.CertificatePem())};
  EXPECT_THAT(GetFrom(Leaf()), IsOk());
  EXPECT_THAT(GetFrom(other_.Issue()), IsOk());
}

// Renewed authorities keep their name.
TEST_F(SystemAuthoritiesTest, TwoOfOneNameAreBothTrusted) {
  const TestCertificate renewed = MakeAuthority("other authority");
  options_ = {.system_authorities = {{.file = own_.Write("ca.crt", other_.CertificatePem() +
                                                                       renewed.CertificatePem())}}};
  EXPECT_THAT(GetFrom(renewed.Issue()), IsOk());
  EXPECT_THAT(GetFrom(other_.Issue()), IsOk());
  EXPECT_THAT(GetFrom(MakeAuthority("other authority").Issue()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, AnIntermediateMayBeTheAnchor) {
  const TestCertificate intermediate =
      other_.Issue({.common_name = "intermediate", .is_authority = true});
  options_ = {.ca_files = {own_.Write("ca.crt", intermediate.CertificatePem())},
              .system_authorities = SystemAuthorities{}};
  EXPECT_THAT(GetFrom(intermediate.Issue()), IsOk());
  EXPECT_THAT(GetFrom(other_.Issue()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, AFileThatWasReplacedIsReadAgain) {
  const std::string path = own_.Write("ca.crt", other_.CertificatePem());
  options_ = {.system_authorities = {{.file = path}}};
  ASSERT_THAT(GetFrom(other_.Issue()), IsOk());
  ASSERT_THAT(GetFrom(Leaf()), ErrorIs(ErrorCode::kUnavailable));
  std::filesystem::rename(own_.Write("new.crt", Authority().CertificatePem()), path);
  EXPECT_THAT(GetFrom(Leaf()), IsOk());
  EXPECT_THAT(GetFrom(other_.Issue()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, ADamagedFileIsTrustedInNothing) {
  std::string damaged = Authority().CertificatePem();
  damaged[damaged.size() / 2] = '!';
  options_ = {.system_authorities = {{.file = own_.Write("ca.crt", damaged)}}};
  EXPECT_THAT(GetFrom(Leaf()), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(SystemAuthoritiesTest, ARefusalSaysWhenThereAreNone) {
  options_ = {.system_authorities = {{.file = "/no/such/ca.crt", .directory = "/no/such"}}};
  EXPECT_THAT(GetFrom(Leaf()), ErrorIs(ErrorCode::kUnavailable, "no \"/no/such/ca.crt\""));
  options_ = {};
  const auto refused = CurlTransport::Create(
      {.system_authorities = {{.file = own_.Write("ca.crt", other_.CertificatePem())}}}, clock_);
  const auto server = Serve(Answer(200, "x"), true);
  const auto answer =
      (*refused)->Send({.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere});
  ASSERT_THAT(answer, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(answer.error().message(), Not(HasSubstr("ca-certificates")));
}

class StoreTest : public ::testing::Test {
 protected:
  static int CountOf(const SSL_CTX* client) {
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(client)));
  }
  static bool Trusts(const SSL_CTX* client, const TestCertificate& leaf) {
    const crypto::X509Ptr certificate = ToX509(leaf.CertificatePem());
    const crypto::X509StoreCtxPtr check(X509_STORE_CTX_new());
    X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(client), certificate.get(), nullptr);
    const bool trusted = X509_verify_cert(check.get()) == 1;
    crypto::DrainOpensslErrors();
    return trusted;
  }

  const TempFolder folder_;
  const TestCertificate own_ = MakeAuthority("own");
  const TestCertificate system_ = MakeAuthority("system");
  const std::unique_ptr<TrustedAuthorities> authorities_ =
      *TrustedAuthorities::Load({folder_.Write("own.crt", own_.CertificatePem())},
                                {.file = folder_.Write("ca.crt", system_.CertificatePem())});
  const crypto::SslCtxPtr client_{SSL_CTX_new(TLS_client_method())};
};

TEST_F(StoreTest, IsSharedByAllClients) {
  const crypto::SslCtxPtr second(SSL_CTX_new(TLS_client_method()));
  ASSERT_TRUE(authorities_->GiveTo(client_.get()));
  ASSERT_TRUE(authorities_->GiveTo(second.get()));
  EXPECT_EQ(SSL_CTX_get_cert_store(client_.get()), SSL_CTX_get_cert_store(second.get()));
}

TEST_F(StoreTest, HoldsTheSystemsOnlyWhenAChainAsks) {
  ASSERT_TRUE(authorities_->GiveTo(client_.get()));
  EXPECT_TRUE(Trusts(client_.get(), own_.Issue()));
  EXPECT_EQ(CountOf(client_.get()), 1);
  EXPECT_TRUE(Trusts(client_.get(), system_.Issue()));
  EXPECT_EQ(CountOf(client_.get()), 2);
}

TEST_F(StoreTest, OutlivesItsMaker) {
  auto authorities =
      *TrustedAuthorities::Load({}, {.file = folder_.Write("short.crt", system_.CertificatePem())});
  ASSERT_TRUE(authorities->GiveTo(client_.get()));
  authorities.reset();
  EXPECT_TRUE(Trusts(client_.get(), system_.Issue()));
}

TEST_F(StoreTest, ServesThreadsAtOnce) {
  const TestCertificate leaf = system_.Issue();
  std::vector<std::jthread> threads;
  std::atomic<int> trusted = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const crypto::SslCtxPtr client(SSL_CTX_new(TLS_client_method()));
      if (authorities_->GiveTo(client.get()) && Trusts(client.get(), leaf)) ++trusted;
    });
  }
  threads.clear();
  EXPECT_EQ(trusted, 8);
}

}  // namespace
}  // namespace xzgate::http
