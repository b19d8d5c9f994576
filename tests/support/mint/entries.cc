// Log entries that are valid and about something else: CVE-2022-23649, CVE-2022-36056,
// CVE-2024-53267, CVE-2026-22703, GHSA-9vcr-p3rj-q5q6.

#include <string>
#include <utility>

#include "tests/support/mint/mint.h"

namespace xzgate::testing {
namespace {

using Entry = SigningWish::Entry;
using Tlog = SigningWish::Tlog;

constexpr std::string_view kEntries = "verificationMaterial.tlogEntries";
constexpr std::string_view kCertificateAnnotation = "dev.sigstore.cosign/certificate";
const std::string kProvenance = "https://slsa.dev/provenance/v1";

// A bundle as it should be, with the entry of the other image's, and with that of another
// signature of the same image.
void MintForBundles(Mint& mint, const std::string& row, const SigningWish& wish) {
  SigningWish again = wish;
  again.leaf_key = TestKey::Shared(KeyType::kP256, 7);
  const json::Value good = mint.Sign(wish);
  const auto entries_of = [](const json::Value& bundle) { return At(bundle, kEntries); };
  mint.PutBundle("entries", row, good);
  mint.PutBundle(
      "entries", row + ", of another image",
      With(good, kEntries, entries_of(TestSigstore::Default().ImageBundle(mint.other(), wish))));
  mint.PutBundle("entries", row + ", of another signature",
                 With(good, kEntries, entries_of(mint.Sign(again))));
}

void MintForLayers(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto put = [&](std::string_view row, const LegacyLayer& layer) {
    mint.Put("entries", row, {.signature_layers = {layer}});
  };
  const auto with = [&](std::string_view annotation, LegacyLayer from) {
    LegacyLayer layer = sigstore.SimpleSigning(mint.image());
    layer.Annotation(annotation) = from.Annotation(annotation);
    return layer;
  };
  const SigningWish again = {.leaf_key = TestKey::Shared(KeyType::kP256, 7)};
  put("tag", sigstore.SimpleSigning(mint.image()));
  put("tag, of another image", with(kRekorAnnotation, sigstore.SimpleSigning(mint.other())));
  put("tag, of another signature",
      with(kRekorAnnotation, sigstore.SimpleSigning(mint.image(), again)));
  put("tag, the certificate of another signature",
      with(kCertificateAnnotation, sigstore.SimpleSigning(mint.image(), again)));
  put("tag, signed is another image", sigstore.SimpleSigning(mint.other()));
  LegacyLayer bare = sigstore.SimpleSigning(mint.image());
  bare.Remove(kRekorAnnotation);
  put("tag, of none", bare);
  LegacyLayer unsigned_time = sigstore.SimpleSigning(mint.image(), {.tlog = Tlog::kNone});
  put("tag, a timestamp alone", unsigned_time);
}

void MintForAttestations(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto attested = [&](const std::string& image, const SigningWish& wish = {}) {
    return sigstore.Attestation(Statement(image, kProvenance), wish);
  };
  const auto put = [&](std::string_view row, const LegacyLayer& layer) {
    mint.Put("entries", row, {.attestation_layers = {layer}});
  };
  LegacyLayer swapped = attested(mint.image());
  swapped.Annotation(kRekorAnnotation) = attested(mint.other()).Annotation(kRekorAnnotation);
  put("attestation", attested(mint.image()));
  put("attestation, of another image", swapped);
  put("attestation, stated is another image", attested(mint.other()));
  put("attestation, another type",
      sigstore.Attestation(Statement(mint.image(), kProvenance + ".1")));
  mint.PutBundle("entries", "bundled attestation",
                 sigstore.DsseBundle(Statement(mint.image(), kProvenance)));
  mint.PutBundle("entries", "stated is another image", sigstore.ImageBundle(mint.other()));
}

// The same signature in several logs: what is counted is logs.
void MintForThresholds(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const Issued leaf = sigstore.IssueLeaf({});
  const auto bundle = [&](Tlog log, std::size_t index) {
    return mint.Sign({.certificate = leaf, .tlog = log, .log = {.index = index}});
  };
  const json::Value one = bundle(Tlog::kV1, 3);
  const std::string entry = std::string(kEntries) + ".0";
  // ECDSA signs anew each time, so the second entry has to be made about the first signature.
  const json::Value body = BodyIn(one);
  const json::Value later = sigstore.rekor.Add(body, {.index = 4}).ToBundle();
  TestSigstore second = sigstore;
  second.rekor = TestRekorV1("second.sigstore.test", TestKey::Generate());
  const json::Value elsewhere = second.rekor.Add(body).ToBundle();
  mint.PutBundle("entries", "one entry", one);
  mint.PutBundle("entries", "one entry twice",
                 With(one, std::string(kEntries) + ".1", At(one, entry)));
  mint.PutBundle("entries", "two entries of one log",
                 With(one, std::string(kEntries) + ".1", later));
  mint.PutBundle("entries", "entries of two logs",
                 With(one, std::string(kEntries) + ".1", elsewhere));
  RootDocument two = sigstore.Root();
  two.tlogs.push_back(RootEntry(second.rekor));
  mint.PutRoot("two logs", two.ToJson());
  for (json::Value& log : two.tlogs) log = With(log, "operator", "sigstore.test");
  mint.PutRoot("two logs of one operator", two.ToJson());
  RootDocument twice = sigstore.Root();
  twice.tlogs.push_back(
      LogEntryOfRoot("again.sigstore.test", sigstore.rekor.key(), std::string(32, 'y')));
  mint.PutRoot("one log twice", twice.ToJson());
}

}  // namespace

void MintEntries(Mint& mint) {
  for (const std::string version : {"0.1", "0.2", "0.3"})
    MintForBundles(mint, "v" + version, {.version = version});
  MintForBundles(mint, "v0.3 as hashedrekord", {.entry = Entry::kHashedRekord});
  MintForBundles(mint, "v0.3 as intoto", {.entry = Entry::kIntoto});
  MintForBundles(mint, "v0.3 in Rekor v2", {.tlog = Tlog::kV2});
  const json::Value stranger = TestSigstore::Create("sigstore.test").ImageBundle(mint.image());
  mint.PutBundle("entries", "of a stranger's log",
                 With(mint.Sign(), kEntries, At(stranger, kEntries)));
  mint.PutBundle("entries", "no entry", mint.Sign({.tlog = Tlog::kNone}));
  MintForLayers(mint);
  MintForAttestations(mint);
  MintForThresholds(mint);
}

}  // namespace xzgate::testing
