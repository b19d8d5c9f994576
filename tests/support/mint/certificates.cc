// Leaves and authorities that must not be believed (signatures.md 10.5 row 5).

#include <functional>
#include <string>
#include <utility>

#include "tests/support/mint/mint.h"
#include "tests/support/signing/test_der.h"

namespace xzgate::testing {
namespace {

using Kind = AlternativeName::Kind;
using std::chrono_literals::operator""s;

const std::string kFulcioIssuer = "1.3.6.1.4.1.57264.1.8";

// By a log that stamps the leaf.
json::Value By(const Mint& mint, const std::function<void(IssueWish&)>& change) {
  IssueWish leaf = GoodLeaf();
  change(leaf);
  return mint.Sign({.leaf = std::move(leaf)});
}

void MintNames(Mint& mint) {
  const auto put = [&](std::string_view row, const std::function<void(IssueWish&)>& change) {
    mint.PutBundle("certificates", row, By(mint, change));
  };
  const auto names = [&](std::string_view row, std::vector<AlternativeName> wanted) {
    put(row, [&](IssueWish& leaf) { leaf.names = wanted; });
  };
  const auto issuers = [&](std::string_view row, std::vector<RawExtension> wanted) {
    put(row, [&](IssueWish& leaf) { leaf.extensions = wanted; });
  };
  put("good", [](IssueWish&) {});
  names("no name", {});
  names("two names", {{Kind::kUri, kTestSubject}, {Kind::kUri, "https://evil.test"}});
  names("the wanted name second", {{Kind::kEmail, "a@evil.test"}, {Kind::kUri, kTestSubject}});
  names("the name as a host", {{Kind::kDns, kTestSubject}});
  names("a NUL in the name", {{Kind::kUri, kTestSubject + std::string(1, '\0') + ".evil.test"}});
  names("a line end behind the name", {{Kind::kUri, kTestSubject + "\n"}});
  names("another name", {{Kind::kUri, "https://github.com/evil/app"}});
  // CVE-2026-22772: an expression that looks for ours anywhere would find it.
  names("ours inside another name", {{Kind::kUri, "https://evil.test/?" + kTestSubject}});
  names("ours with more behind it", {{Kind::kUri, kTestSubject + ".evil.test"}});
  put("names not critical", [](IssueWish& leaf) { leaf.names_critical = false; });
  put("names not critical beside a subject", [](IssueWish& leaf) {
    leaf.names_critical = false;
    leaf.common_name = "signer";
  });
  put("a common name alone", [](IssueWish& leaf) {
    leaf.names = {};
    leaf.common_name = "release@acme.test";
  });
  issuers("the old issuer alone", {FulcioExtension(1, kTestIssuer)});
  issuers("the new issuer alone", {FulcioExtension(8, kTestIssuer)});
  issuers("no issuer", {});
  issuers("two issuers", {FulcioExtension(1, kTestIssuer), FulcioExtension(8, "https://a.test")});
  issuers("two issuers the other way round",
          {FulcioExtension(1, "https://a.test"), FulcioExtension(8, kTestIssuer)});
  issuers("one issuer twice", {FulcioExtension(8, kTestIssuer), FulcioExtension(8, kTestIssuer)});
  issuers("another issuer second",
          {FulcioExtension(8, kTestIssuer), FulcioExtension(8, "https://a.test")});
  issuers("bytes behind the issuer", {{kFulcioIssuer, der::Utf8String(kTestIssuer) + "x", false}});
  issuers("an issuer with a slash more", {FulcioExtension(8, kTestIssuer + "/")});
}

void MintUsages(Mint& mint) {
  const auto put = [&](std::string_view row, const std::function<void(IssueWish&)>& change) {
    mint.PutBundle("certificates", row, By(mint, change));
  };
  const auto extended = [&](std::string_view row, std::string_view usage) {
    put(row, [&](IssueWish& leaf) { leaf.extended_key_usage = usage; });
  };
  extended("no extended usage", "");
  extended("any extended usage", "anyExtendedKeyUsage");
  extended("for servers", "serverAuth");
  extended("for timestamps", "critical,timeStamping");
  put("an authority's", [](IssueWish& leaf) {
    leaf.key_usage = "critical,digitalSignature,keyCertSign";
    leaf.basic_constraints = "critical,CA:TRUE";
  });
  put("no key usage", [](IssueWish& leaf) { leaf.key_usage = ""; });
  put("for encryption", [](IssueWish& leaf) { leaf.key_usage = "critical,keyEncipherment"; });
  put("signed over SHA-1", [](IssueWish& leaf) { leaf.hash = crypto::Algorithm::kSha1; });
  put("an unknown critical extension",
      [](IssueWish& leaf) { leaf.extensions.push_back({"1.2.3.4", "x", true}); });
}

// What is in the bundle in place of the leaf, or around it.
void MintChains(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto chain = [&](std::string_view row, const std::vector<std::string>& certificates,
                         const json::Value& bundle) {
    json::Array listed;
    for (const std::string& each : certificates)
      listed.emplace_back(json::Object{{"rawBytes", Base64(each)}});
    mint.PutBundle("certificates", row,
                   With(bundle, "verificationMaterial.x509CertificateChain.certificates", listed));
  };
  const Issued leaf = sigstore.IssueLeaf({});
  const std::string middle = sigstore.fulcio.der();
  const std::string root = sigstore.fulcio.Chain().back();
  const json::Value old = mint.Sign({.certificate = leaf, .version = "0.2"});
  chain("a chain", {leaf.der, middle}, old);
  chain("a leaf alone in a chain", {leaf.der}, old);
  chain("a root in the chain", {leaf.der, middle, root}, old);
  chain("a chain the other way round", {middle, leaf.der}, old);
  chain("somebody else's leaf behind it",
        {leaf.der, sigstore.IssueLeaf({.leaf_key = TestKey::Shared(KeyType::kP256, 7)}).der}, old);
  std::vector<std::string> crowd = {leaf.der};
  crowd.insert(crowd.end(), 10, middle);
  chain("eleven certificates", crowd, old);
  const std::string_view place = "verificationMaterial.certificate.rawBytes";
  mint.PutBundle("certificates", "bytes behind the leaf",
                 With(mint.Sign({.certificate = leaf}), place, Base64(leaf.der + "x")));
  mint.PutBundle("certificates", "the leaf in PEM",
                 With(mint.Sign({.certificate = leaf}), place, Base64(leaf.Pem())));
}

void MintScts(Mint& mint) {
  const TestSigstore stranger = TestSigstore::Create("stranger.test");
  const auto put = [&](std::string_view row, std::vector<SctWish> scts) {
    mint.PutBundle("certificates", row, mint.Sign({.scts = std::move(scts)}));
  };
  put("no SCT", {});
  put("a broken SCT", {{.break_signature = true}});
  put("an SCT with another time", {{.unsigned_time = kSignedAt}});
  put("an SCT by an unknown log", {{.log_id = std::string(32, 'x')}});
  put("an SCT from before the log", {{.time = kTrustStart - 1s}});
  // sigstore-rust#154: the log vouched for a leaf of the namesake's.
  put("an SCT for a namesake's leaf", {{.issuer_spki = stranger.fulcio.key().Spki()}});
  put("one SCT twice", {{}, {}});
  // That of another leaf.
  std::string taken;
  IssueWish other = GoodLeaf();
  other.scts = {[&](std::string_view tbs, std::string_view spki) {
    return taken = TestSigstore::Default().ctlog.Sct(tbs, spki, {});
  }};
  TestSigstore::Default().fulcio.Issue(other, TestKey::Shared(KeyType::kP256, 7));
  IssueWish leaf = GoodLeaf();
  leaf.scts = {[&](std::string_view, std::string_view) { return taken; }};
  mint.PutBundle("certificates", "the SCT of another leaf",
                 mint.Sign({.leaf = std::move(leaf), .scts = {}}));
}

}  // namespace

void MintCertificates(Mint& mint) {
  MintNames(mint);
  MintUsages(mint);
  MintChains(mint);
  MintScts(mint);
}

}  // namespace xzgate::testing
