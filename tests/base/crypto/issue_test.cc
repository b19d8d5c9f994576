#include "base/crypto/issue.h"

#include <openssl/x509v3.h>

#include "base/crypto/openssl_ptr.h"
#include "tests/support/result_matchers.h"

namespace xzgate::crypto {
namespace {

using testing::ErrorIs;
using testing::IsOk;

constexpr WallTime kNow = std::chrono::sys_days(std::chrono::November / 24 / 2026);
constexpr Validity kYear = {kNow - std::chrono::hours(1), kNow + std::chrono::days(365)};

Issuer MakeIssuer(const std::string& name = "test authority") {
  PrivateKey key = *PrivateKey::Generate();
  Certificate certificate = *IssueAuthority(key, name, kYear);
  return {std::move(certificate), std::move(key)};
}

// What a TLS client at `kNow` that asks for `host` says: X509_V_OK or why not.
int Judge(const Certificate& root, const Certificate& leaf, const char* host, WallTime now = kNow) {
  const X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.handle());
  const X509StoreCtxPtr check(X509_STORE_CTX_new());
  X509_STORE_CTX_init(check.get(), store.get(), leaf.handle(), nullptr);
  X509_STORE_CTX_set_default(check.get(), "ssl_server");
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(check.get());
  X509_VERIFY_PARAM_set1_host(wanted, host, 0);
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_time(
      wanted, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  X509_verify_cert(check.get());
  return X509_STORE_CTX_get_error(check.get());
}

TEST(IssueTest, AStrictClientTrustsTheServer) {
  const Issuer issuer = MakeIssuer();
  const PrivateKey key = *PrivateKey::Generate();
  const auto leaf = IssueServer(issuer, key.public_key(),
                                {"xzgate.xz.svc", "xzgate.xz.svc.cluster.local"}, kYear);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(Judge(issuer.certificate, *leaf, "xzgate.xz.svc"), X509_V_OK);
  EXPECT_EQ(Judge(issuer.certificate, *leaf, "xzgate.xz.svc.cluster.local"), X509_V_OK);
  EXPECT_TRUE(leaf->key() == key.public_key());
  EXPECT_FALSE(leaf->IsAuthority());
  EXPECT_TRUE(issuer.certificate.IsAuthority());
}

TEST(IssueTest, NoOtherNameOrTimeOrAuthority) {
  const Issuer issuer = MakeIssuer();
  const PrivateKey key = *PrivateKey::Generate();
  const Certificate leaf = *IssueServer(issuer, key.public_key(), {"xzgate.xz.svc"}, kYear);
  EXPECT_EQ(Judge(issuer.certificate, leaf, "other.xz.svc"), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(
      Judge(issuer.certificate, leaf, "xzgate.xz.svc", kYear.not_after + std::chrono::days(1)),
      X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(
      Judge(issuer.certificate, leaf, "xzgate.xz.svc", kYear.not_before - std::chrono::days(1)),
      X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_NE(Judge(MakeIssuer().certificate, leaf, "xzgate.xz.svc"), X509_V_OK);
}

TEST(IssueTest, WhoIssuedAndWhatItAnswersTo) {
  const Issuer issuer = MakeIssuer(), namesake = MakeIssuer();
  const Certificate leaf = *IssueServer(issuer, issuer.key.public_key(), {"xzgate.xz.svc"}, kYear);
  EXPECT_TRUE(IsIssuedBy(leaf, issuer.certificate));
  EXPECT_FALSE(IsIssuedBy(leaf, namesake.certificate));
  EXPECT_FALSE(IsIssuedBy(leaf, MakeIssuer("another name").certificate));
  EXPECT_TRUE(AnswersTo(leaf, "xzgate.xz.svc"));
  EXPECT_FALSE(AnswersTo(leaf, "xzgate.xy.svc"));
  EXPECT_FALSE(AnswersTo(leaf, "xzgate webhook"));
}

TEST(IssueTest, ANameIsOneName) {
  const Issuer issuer = MakeIssuer();
  const PrivateKey key = *PrivateKey::Generate();
  const Certificate leaf = *IssueServer(issuer, key.public_key(), {"a.svc,DNS:b.svc"}, kYear);
  EXPECT_EQ(Judge(issuer.certificate, leaf, "b.svc"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST(IssueTest, TimesAndSerialNumbers) {
  const Issuer one = MakeIssuer(), two = MakeIssuer();
  EXPECT_EQ(one.certificate.not_before(), kYear.not_before);
  EXPECT_EQ(one.certificate.not_after(), kYear.not_after);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.certificate.handle()),
                             X509_get0_serialNumber(two.certificate.handle())),
            0);
}

TEST(IssueTest, ALeafHasANameAndAnAuthorityAShortOne) {
  const Issuer issuer = MakeIssuer();
  EXPECT_THAT(IssueServer(issuer, issuer.key.public_key(), {}, kYear),
              ErrorIs(ErrorCode::kInternal, "names"));
  EXPECT_THAT(IssueAuthority(issuer.key, std::string(64, 'n'), kYear), IsOk());
  EXPECT_THAT(IssueAuthority(issuer.key, std::string(65, 'n'), kYear),
              ErrorIs(ErrorCode::kInternal));
}

}  // namespace
}  // namespace xzgate::crypto
