// Authorities above a good leaf, each in a trust root of its own by the name of the row.

#include <functional>
#include <string>

#include "tests/support/mint/mint.h"

namespace xzgate::testing {
namespace {

using std::chrono_literals::operator""s;

const TestAuthority& Top() {
  static const TestAuthority root = TestAuthority::Root(RootWish("mint root"));
  return root;
}

void Put(Mint& mint, const std::string& row, const TestSigstore& sigstore,
         const RootDocument& root) {
  mint.PutBundle("authorities", row, sigstore.ImageBundle(mint.image()));
  mint.PutRoot(row, root.ToJson());
}

// Beside another authority, so that the root itself has not ended where this one has.
void Put(Mint& mint, const std::string& row, const TestAuthority& fulcio) {
  const TestSigstore sigstore = SigstoreOf(fulcio);
  RootDocument root = sigstore.Root();
  root.certificate_authorities.push_back(
      RootEntry(TestSigstore::Create("other.test").fulcio, "https://other.test"));
  Put(mint, row, sigstore, root);
}

// Above the leaf in the trust root.
void MintIntermediates(Mint& mint) {
  const auto put = [&](const std::string& row, const std::function<void(IssueWish&)>& change) {
    IssueWish wish = IntermediateWish("mint intermediate", "codeSigning");
    change(wish);
    Put(mint, row, Top().Intermediate(wish));
  };
  put("good intermediate", [](IssueWish&) {});
  put("intermediate for timestamps", [](IssueWish& w) { w.extended_key_usage = "timeStamping"; });
  put("intermediate that may not issue",
      [](IssueWish& w) { w.key_usage = "critical,digitalSignature"; });
  put("intermediate over SHA-1", [](IssueWish& w) { w.hash = crypto::Algorithm::kSha1; });
  // GHSA-wfqv-66vq-46rm: the leaf is in its window, what issued it is not.
  put("intermediate that ends with the signing", [](IssueWish& w) { w.not_after = kSignedAt; });
  put("intermediate that ended before", [](IssueWish& w) { w.not_after = kSignedAt - 1s; });
  put("intermediate that begins after", [](IssueWish& w) { w.not_before = kSignedAt + 1s; });
  const TestAuthority first =
      Top().Intermediate(IntermediateWish("mint intermediate", "codeSigning"));
  Put(mint, "path too long", first.Intermediate(IntermediateWish("second", "codeSigning")));
}

// Above the leaf in the bundle, where anybody may write; trusted is the root alone.
void MintCarried(Mint& mint) {
  RootDocument root = TestSigstore::Default().Root();
  root.certificate_authorities = {RootEntry(Top(), "https://fulcio.test")};
  mint.PutRoot("the top alone", root.ToJson());
  const auto put = [&](const std::string& row, const std::function<void(IssueWish&)>& change) {
    IssueWish wish = IntermediateWish("mint intermediate", "codeSigning");
    change(wish);
    const TestSigstore sigstore = SigstoreOf(Top().Intermediate(wish));
    mint.PutBundle("authorities", "carried: " + row,
                   sigstore.ImageBundle(mint.image(), {.version = "0.2"}));
  };
  put("good", [](IssueWish&) {});
  put("for timestamps", [](IssueWish& w) { w.extended_key_usage = "timeStamping"; });
  put("none", [](IssueWish& w) { w.basic_constraints = "critical,CA:FALSE"; });
  put("without constraints", [](IssueWish& w) { w.basic_constraints = ""; });
  put("may not issue", [](IssueWish& w) { w.key_usage = "critical,digitalSignature"; });
  put("over SHA-1", [](IssueWish& w) { w.hash = crypto::Algorithm::kSha1; });
  put("ended before", [](IssueWish& w) { w.not_after = kSignedAt - 1s; });
  // By the same names, and by another root.
  const TestSigstore stranger =
      SigstoreOf(TestAuthority::Root(RootWish("mint root"))
                     .Intermediate(IntermediateWish("mint intermediate", "codeSigning")));
  mint.PutBundle("authorities", "carried: by another root of that name",
                 stranger.ImageBundle(mint.image(), {.version = "0.2"}));
}

void MintRoots(Mint& mint) {
  const auto ending = [](WallTime end) {
    IssueWish wish = RootWish("ending root");
    wish.not_after = end;
    return TestAuthority::Root(wish).Intermediate(
        IntermediateWish("mint intermediate", "codeSigning"));
  };
  Put(mint, "root that ends with the signing", ending(kSignedAt));
  Put(mint, "root that ended before", ending(kSignedAt - 1s));
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto trusted = [&](const std::string& row, const ValidFor& valid) {
    RootDocument root = sigstore.Root();
    root.certificate_authorities = {RootEntry(sigstore.fulcio, "https://fulcio.test", valid),
                                    RootEntry(Top(), "https://other.test")};
    Put(mint, row, sigstore, root);
  };
  trusted("trusted until the signing", {.end = kSignedAt});
  trusted("trusted until just before", {.end = kSignedAt - 1s});
  trusted("trusted from just after", {.start = kSignedAt + 1s});
}

// sigstore-rust#154: two authorities of one name.
void MintNamesakes(Mint& mint) {
  const TestSigstore& ours = TestSigstore::Default();
  const TestSigstore namesake = SigstoreOf(TestSigstore::Create("sigstore.test").fulcio);
  RootDocument both = ours.Root();
  both.certificate_authorities.push_back(RootEntry(namesake.fulcio, "https://namesake.test"));
  Put(mint, "two of one name, by the first", ours, both);
  Put(mint, "two of one name, by the second", namesake, both);
  Put(mint, "a namesake that is not trusted", namesake, ours.Root());
  const SctWish sct = {.issuer_spki = ours.fulcio.key().Spki()};
  mint.PutBundle("authorities", "two of one name, and the SCT of the first",
                 namesake.ImageBundle(mint.image(), {.scts = {sct}}));
  mint.PutRoot("two of one name, and the SCT of the first", both.ToJson());
}

// Refused where the policy is read.
void MintMistakes(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto without = [&](const std::string& name, json::Array RootDocument::* list) {
    RootDocument root = sigstore.Root();
    (root.*list).clear();
    mint.PutMistake(name, root.ToJson());
  };
  without("no authorities", &RootDocument::certificate_authorities);
  without("no certificate logs", &RootDocument::ctlogs);
  without("no logs", &RootDocument::tlogs);
  const auto above = [&](const std::string& name, const std::string& constraints) {
    IssueWish wish = IntermediateWish("mint intermediate", "codeSigning");
    wish.basic_constraints = constraints;
    mint.PutMistake(name, SigstoreOf(Top().Intermediate(wish)).Root().ToJson());
  };
  above("an authority that is none", "critical,CA:FALSE");
  above("an authority without constraints", "");
  const json::Value good = sigstore.Root().ToJson();
  const auto at = [&](const std::string& name, std::string_view path, json::Value value) {
    mint.PutMistake(name, With(good, path, std::move(value)));
  };
  at("a key with bytes behind it", "tlogs.0.publicKey.rawBytes",
     Base64(sigstore.rekor.key().Spki() + "x"));
  at("a certificate in a key's place", "tlogs.0.publicKey.rawBytes", Base64(sigstore.fulcio.der()));
  at("a private key in its place", "tlogs.0.publicKey.rawBytes",
     Base64(sigstore.rekor.key().PrivatePem()));
  at("an authority with bytes behind it",
     "certificateAuthorities.0.certChain.certificates.0.rawBytes",
     Base64(sigstore.fulcio.der() + "x"));
  at("an end before the start", "ctlogs.0.publicKey.validFor.end", "2024-01-01T00:00:00Z");
  at("a time that is none", "ctlogs.0.publicKey.validFor.end", "tomorrow");
  at("another version", "mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=9");
  at("a member more", "more", 1);
  mint.PutMistake("nothing", json::Object{});
}

void MintOtherRoots(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  Put(mint, "another Sigstore", sigstore, TestSigstore::Create("elsewhere.test").Root());
  // All of it ended when nobody signs any more, and before now.
  const ValidFor ended = {.end = kLeafEnd};
  Put(mint, "expired", sigstore,
      {.tlogs = {RootEntry(sigstore.rekor, ended), RootEntry(sigstore.rekor2, ended)},
       .ctlogs = {RootEntry(sigstore.ctlog, ended)},
       .certificate_authorities = {RootEntry(sigstore.fulcio, "https://fulcio.test", ended)},
       .timestamp_authorities = {RootEntry(sigstore.tsa, ended)}});
}

}  // namespace

void MintAuthorities(Mint& mint) {
  MintIntermediates(mint);
  MintCarried(mint);
  MintRoots(mint);
  MintNamesakes(mint);
  MintMistakes(mint);
  MintOtherRoots(mint);
}

}  // namespace xzgate::testing
