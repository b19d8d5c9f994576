// RFC 3161 answers that say what they must not be believed (CVE-2026-39984 and its neighbours). The
// log is Rekor v2, so that nothing else tells a time.

#include <functional>
#include <string>
#include <utility>

#include "tests/support/mint/mint.h"

namespace xzgate::testing {
namespace {

using Tlog = SigningWish::Tlog;

void Put(Mint& mint, std::string_view row, const TimestampWish& stamp) {
  mint.PutBundle("timestamps", row, mint.Sign({.tlog = Tlog::kV2, .stamp = stamp}));
}

void MintSigners(Mint& mint) {
  const TestTsa& tsa = TestSigstore::Default().tsa;
  const Issued other = tsa.authority().Issue(TsaLeafWish("another leaf"));
  const Issued stranger = TestSigstore::Create("stranger.test").tsa.leaf();
  // The forged one is what a reader of the bag's first certificate takes for the signer.
  const Issued forged = TestAuthority::Root(RootWish("forger")).Issue(TsaLeafWish("sigstore"));
  Put(mint, "good", {});
  Put(mint, "a forged certificate first in the bag", {.first_in_bag = {forged.der}});
  Put(mint, "another leaf of the authority", {.signer = other});
  Put(mint, "another leaf in the real one's name",
      {.signer = other, .signer_name_of = tsa.leaf().der});
  Put(mint, "another leaf behind the real one",
      {.first_in_bag = {tsa.leaf().der}, .signer = other});
  Put(mint, "a stranger", {.signer = stranger});
  Put(mint, "a stranger behind the real one",
      {.first_in_bag = {tsa.leaf().der}, .signer = stranger});
  Put(mint, "a stranger in the real one's name",
      {.first_in_bag = {tsa.leaf().der}, .signer = stranger, .signer_name_of = tsa.leaf().der});
  Put(mint, "the leaf that signed the image", {.signer = TestSigstore::Default().IssueLeaf({})});
  Put(mint, "two signers", {.signers = 2});
  Put(mint, "no signer", {.signers = 0});
}

void MintContents(Mint& mint) {
  Put(mint, "a broken signature", {.break_signature = true});
  Put(mint, "over something else", {.imprint_digest = std::string(32, 'x')});
  Put(mint, "over SHA-1", {.imprint = crypto::Algorithm::kSha1});
  Put(mint, "signed over SHA-1", {.hash = crypto::Algorithm::kSha1});
  Put(mint, "refused", {.status = 2});
  Put(mint, "without a token", {.has_token = false});
  Put(mint, "without signed attributes", {.signed_attributes = false});
  Put(mint, "another message digest", {.message_digest = std::string(32, 'x')});
  Put(mint, "without ESS", {.ess = TimestampWish::Ess::kNone});
  Put(mint, "ESS of another certificate",
      {.ess_certificate = TestSigstore::Default().fulcio.der()});
  Put(mint, "another content type", {.content_type = "1.2.840.113549.1.7.1"});
  Put(mint, "bytes behind it", {.trailing = "x"});
  Put(mint, "a time without zone", {.raw_time = "20260601000100"});
}

// Each is what its trust root, by the name of the row, says to believe.
void MintUsages(Mint& mint) {
  const auto put = [&](std::string_view row, const std::function<void(IssueWish&)>& change) {
    IssueWish wish = TsaLeafWish("sigstore-tsa");
    change(wish);
    TestSigstore sigstore = TestSigstore::Default();
    sigstore.tsa = TestTsa::Create("tsa.sigstore.test", wish);
    mint.PutBundle("timestamps", row, sigstore.ImageBundle(mint.image(), {.tlog = Tlog::kV2}));
    mint.PutRoot(row, sigstore.Root().ToJson());
  };
  put("by an authority of its own", [](IssueWish&) {});
  put("for code", [](IssueWish& w) { w.extended_key_usage = "critical,codeSigning"; });
  put("for code too",
      [](IssueWish& w) { w.extended_key_usage = "critical,timeStamping,codeSigning"; });
  put("for timestamps, not critical", [](IssueWish& w) { w.extended_key_usage = "timeStamping"; });
  put("by an authority's certificate",
      [](IssueWish& w) { w.basic_constraints = "critical,CA:TRUE"; });
  put("by one that had ended",
      [](IssueWish& w) { w.not_after = kSignedAt - std::chrono::seconds(1); });
  put("by one that had not begun",
      [](IssueWish& w) { w.not_before = kSignedAt + std::chrono::seconds(1); });
}

}  // namespace

void MintTimestamps(Mint& mint) {
  MintSigners(mint);
  MintContents(mint);
  MintUsages(mint);
}

}  // namespace xzgate::testing
