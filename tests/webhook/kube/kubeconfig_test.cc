#include "webhook/kube/kubeconfig.h"

#include "base/crypto/digest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace xzgate::kube {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::TempFolder;
using testing::TestCertificate;

const TestCertificate& Authority() {
  static const auto made = TestCertificate::SelfSigned({.is_authority = true});
  return made;
}
const TestCertificate& Client() {
  static const auto made = Authority().Issue({.common_name = "client"});
  return made;
}
std::string Encoded(const std::string& text) {
  return crypto::Base64Encode(AsBytes(text));
}

// A kubeconfig with one context; `cluster` and `user` are flow mappings without their braces.
std::string Config(const std::string& cluster, const std::string& user = "token: hunter2",
                   const std::string& context = "cluster: c, user: u, namespace: shop") {
  return "apiVersion: v1\nkind: Config\npreferences: {}\ncurrent-context: main\n"
         "clusters:\n- name: c\n  cluster: {" +
         cluster + "}\nusers:\n- name: u\n  user: {" + user +
         "}\ncontexts:\n- name: main\n  context: {" + context +
         "}\n- name: other\n  context: {cluster: missing, user: u}\n";
}

constexpr char kServer[] = "server: 'https://api.example:6443'";

class KubeconfigTest : public ::testing::Test {
 protected:
  KubeconfigTest() {
    folder_.Write("ca.pem", Authority().CertificatePem());
    folder_.Write("client.pem", Client().CertificatePem());
    folder_.Write("client.key", Client().KeyPem());
    folder_.Write("token", "from-file");
  }
  Result<Access> Read(const std::string& text, std::string_view context = {}) {
    return ReadKubeconfig(folder_.Write("config", text), context);
  }
  TempFolder folder_;
  testing::FakeClock clock_;
};

TEST_F(KubeconfigTest, ReadsTheCurrentContext) {
  auto access = Read(Config(kServer));
  ASSERT_THAT(access, IsOk());
  EXPECT_EQ(access->server.ToString(), "https://api.example:6443/");
  EXPECT_EQ(access->ns, "shop");
  EXPECT_FALSE(access->client_certificate);
  EXPECT_EQ((*MakeTokenSource(*access, clock_))->Get().Reveal(), "hunter2");
  EXPECT_FALSE(MakeCurlOptions(*access, {}).system_authorities);  // as the system has it
}

TEST_F(KubeconfigTest, ReadsJsonToo) {
  const auto access = Read(
      R"({"apiVersion":"v1","kind":"Config","current-context":"a","users":null,
          "clusters":[{"name":"c","cluster":{"server":"https://h"}}],
          "contexts":[{"name":"a","context":{"cluster":"c","user":""}}]})");
  ASSERT_THAT(access, IsOk());
  EXPECT_TRUE(access->token.empty());
}

TEST_F(KubeconfigTest, FilesAreBesideTheKubeconfig) {
  auto access =
      Read(Config(std::string(kServer) + ", certificate-authority: ca.pem, tls-server-name: api",
                  "client-certificate: client.pem, client-key: ./client.key, tokenFile: token, "
                  "token: not-this-one"));
  ASSERT_THAT(access, IsOk());
  EXPECT_TRUE(access->client_certificate);
  EXPECT_EQ((*MakeTokenSource(*access, clock_))->Get().Reveal(), "from-file");
  const auto options = MakeCurlOptions(*access, {.https_proxy = "http://proxy.example"});
  EXPECT_EQ(options.system_authorities->file, folder_.path() + "/ca.pem");
  EXPECT_EQ(options.tls_server_name, "api");
  EXPECT_EQ(options.proxy.https_proxy, "http://proxy.example");
}

TEST_F(KubeconfigTest, DataWinOverFiles) {
  const auto access = Read(Config(
      std::string(kServer) + ", certificate-authority: missing.pem, certificate-authority-data: " +
          Encoded(Authority().CertificatePem()) + ", proxy-url: 'http://own.example'",
      "client-certificate: missing.pem, client-certificate-data: " +
          Encoded(Client().CertificatePem()) + ", client-key-data: " + Encoded(Client().KeyPem())));
  ASSERT_THAT(access, IsOk());
  EXPECT_TRUE(access->client_certificate);
  const auto options = MakeCurlOptions(*access, {.https_proxy = "http://proxy.example"});
  EXPECT_EQ(options.ca_pem, Authority().CertificatePem());
  ASSERT_TRUE(options.system_authorities);  // none but that one
  EXPECT_EQ(options.system_authorities->file, "");
  EXPECT_EQ(options.proxy.https_proxy, "http://own.example");
}

TEST_F(KubeconfigTest, IgnoresWhatIsSaidToBeOffOrIsNotOurs) {
  EXPECT_THAT(Read(Config(std::string(kServer) +
                              ", insecure-skip-tls-verify: false, extensions: [{name: x}]",
                          "token: t, exec: null, username: '', as: '', as-groups: []")),
              IsOk());
}

TEST_F(KubeconfigTest, AContextMayBeNamed) {
  EXPECT_THAT(Read(Config(kServer), "main"), IsOk());
  EXPECT_THAT(Read(Config(kServer), "other"), ErrorIs(ErrorCode::kNotFound, "\"missing\""));
  EXPECT_THAT(Read(Config(kServer), "nowhere"), ErrorIs(ErrorCode::kNotFound, "\"nowhere\""));
}

struct RejectCase {
  const char* name;
  std::string text;
  ErrorCode code;
  const char* says;
};

class KubeconfigRejects : public KubeconfigTest,
                          public ::testing::WithParamInterface<RejectCase> {};
TEST_P(KubeconfigRejects, SayingWhatToUse) {
  const auto access = Read(GetParam().text);
  ASSERT_THAT(access, ErrorIs(GetParam().code, GetParam().says));
  EXPECT_THAT(access.error().message(), HasSubstr("config"));
  EXPECT_THAT(access.error().message(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(access.error().message(), Not(HasSubstr("PRIVATE KEY")));
}

const RejectCase kRejected[] = {
    {"Insecure", Config(std::string(kServer) + ", insecure-skip-tls-verify: true"),
     ErrorCode::kUnsupported, "`certificate-authority`"},
    {"InsecureAsText", Config(std::string(kServer) + ", insecure-skip-tls-verify: 'true'"),
     ErrorCode::kUnsupported, "`certificate-authority`"},
    {"Exec", Config(kServer, "exec: {command: aws}"), ErrorCode::kUnsupported, "`tokenFile`"},
    {"AuthProvider", Config(kServer, "auth-provider: {name: gcp}"), ErrorCode::kUnsupported,
     "`kubectl create token`"},
    {"Password", Config(kServer, "username: a, password: hunter2"), ErrorCode::kUnsupported,
     "1.19"},
    {"Impersonation", Config(kServer, "token: hunter2, as: root"), ErrorCode::kUnsupported,
     "impersonated"},
    {"PlainHttp", Config("server: 'http://api.example'"), ErrorCode::kUnsupported, "https"},
    {"NoServer", Config("tls-server-name: x"), ErrorCode::kInvalidArgument, "server"},
    {"NoUrl", Config("server: 'api.example:6443'"), ErrorCode::kInvalidArgument, "server"},
    {"Query", Config("server: 'https://api.example/?a=b'"), ErrorCode::kUnsupported, "query"},
    {"SocksProxy", Config(std::string(kServer) + ", proxy-url: 'socks5://p'"),
     ErrorCode::kUnsupported, "proxy-url"},
    {"ServerNameIsNoName", Config(std::string(kServer) + ", tls-server-name: 'a/b'"),
     ErrorCode::kInvalidArgument, "tls-server-name"},
    {"CaIsNoBase64", Config(std::string(kServer) + ", certificate-authority-data: '%%%'"),
     ErrorCode::kInvalidArgument, "base64"},
    {"CaIsNoCertificate", Config(std::string(kServer) + ", certificate-authority-data: aGk="),
     ErrorCode::kInvalidArgument, "certificate in PEM"},
    {"CaIsMissing", Config(std::string(kServer) + ", certificate-authority: gone.pem"),
     ErrorCode::kNotFound, "gone.pem"},
    {"KeyIsMissing", Config(kServer, "client-certificate: client.pem"), ErrorCode::kInvalidArgument,
     "together"},
    {"CertificateIsMissing", Config(kServer, "client-key: client.key"), ErrorCode::kInvalidArgument,
     "together"},
    {"KeyOfAnother", Config(kServer, "client-certificate: ca.pem, client-key: client.key"),
     ErrorCode::kInvalidArgument, "not the key"},
    {"KeyIsNone", Config(kServer, "client-certificate: client.pem, client-key: token"),
     ErrorCode::kInvalidArgument, "private key"},
    {"KeyWithPassword",
     Config(kServer, "client-certificate: client.pem, client-key-data: " +
                         Encoded(Client().EncryptedKeyPem("hunter2"))),
     ErrorCode::kInvalidArgument, "no password"},
    {"NoSuchUser", Config(kServer, "token: t", "cluster: c, user: nobody"), ErrorCode::kNotFound,
     "\"nobody\""},
    {"NamespaceIsNoName", Config(kServer, "token: t", "cluster: c, user: u, namespace: ../x"),
     ErrorCode::kInvalidArgument, "namespace"},
    {"TokenIsAList", Config(kServer, "token: [a]"), ErrorCode::kInvalidArgument, "want text"},
    {"OtherKind", "kind: Pod\ncurrent-context: main\n", ErrorCode::kInvalidArgument, "\"Pod\""},
    {"NoContext", "kind: Config\n", ErrorCode::kNotFound, "current-context"},
    {"Empty", "", ErrorCode::kInvalidArgument, "one document"},
    {"TwoDocuments", Config(kServer) + "---\n" + Config(kServer), ErrorCode::kInvalidArgument,
     "one document"},
    {"List", "- a\n", ErrorCode::kInvalidArgument, "mapping"},
    {"NoYaml", "a: [", ErrorCode::kInvalidArgument, "config"},
    {"TwoServers", Config("server: 'https://a', server: 'https://b'"), ErrorCode::kInvalidArgument,
     "server"},
    {"ClusterIsText", "current-context: main\ncontexts: [{name: main, context: text}]\n",
     ErrorCode::kInvalidArgument, "context"},
};
INSTANTIATE_TEST_SUITE_P(Table, KubeconfigRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(KubeconfigTest, IsBounded) {
  std::string large = Config(kServer);
  large += "# " + std::string(kMaxKubeconfigBytes - large.size() - 3, 'x') + "\n";
  ASSERT_EQ(large.size(), kMaxKubeconfigBytes);
  EXPECT_THAT(Read(large), IsOk());
  EXPECT_THAT(Read(large + "\n"), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(ReadKubeconfig(folder_.path() + "/missing"), ErrorIs(ErrorCode::kNotFound));
}

}  // namespace
}  // namespace xzgate::kube
