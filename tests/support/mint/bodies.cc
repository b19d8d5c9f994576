// Bodies of entries that a log took up, promised and proved, and that no log writes: what made
// cosign panic before v3.0.5.

#include <string>
#include <vector>

#include "tests/support/mint/mint.h"

namespace xzgate::testing {
namespace {

// Promised alone, as v0.1 and the annotation have it.
void PutText(Mint& mint, const std::string& row, const std::string& body) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const json::Value good = mint.Sign({.version = "0.1"});
  TestLogEntry entry = sigstore.rekor.Add(json::Object{{"apiVersion", "0.0.1"}, {"kind", "dsse"}});
  entry.body = body;
  entry.has_proof = false;
  entry.set = sigstore.rekor.SignEntry(entry);
  mint.PutBundle("bodies", row, With(good, kEntryPath, entry.ToBundle()));
  LegacyLayer layer = sigstore.SimpleSigning(mint.image());
  layer.Annotation(kRekorAnnotation) = entry.ToRekorAnnotation();
  mint.Put("bodies", row + ", legacy", {.signature_layers = {layer}});
}

// Every member of a real body, at any depth, as something else.
void PutChanges(Mint& mint, const std::string& kind, const SigningWish& wish,
                const std::vector<std::string>& paths) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const json::Value good = mint.Sign(wish);
  const json::Value body = BodyIn(good);
  const auto put = [&](const std::string& row, const json::Value& changed) {
    const TestLogEntry entry = wish.tlog == SigningWish::Tlog::kV2 ? sigstore.rekor2.Add(changed)
                                                                   : sigstore.rekor.Add(changed);
    mint.PutBundle("bodies", kind + ": " + row, With(good, kEntryPath, entry.ToBundle()));
  };
  put("good", body);
  put("a member more", With(body, "more", 1));
  for (const std::string& path : paths) {
    put(path + " is null", With(body, path, json::Value()));
    put(path + " is a number", With(body, path, 1));
    put(path + " is a list", With(body, path, json::Array{}));
    put(path + " is an object", With(body, path, json::Object{}));
    put(path + " is a text", With(body, path, "x"));
  }
}

}  // namespace

void MintBodies(Mint& mint) {
  PutText(mint, "null", "null");
  PutText(mint, "a list", "[]");
  PutText(mint, "an object", "{}");
  PutText(mint, "nothing", "");
  PutText(mint, "a number", "1");
  PutText(mint, "deep", std::string(10'000, '['));
  PutText(mint, "no spec", R"({"apiVersion":"0.0.1","kind":"dsse"})");
  PutText(mint, "spec is null", R"({"apiVersion":"0.0.1","kind":"dsse","spec":null})");
  PutText(mint, "kind is a number", R"({"apiVersion":"0.0.1","kind":1,"spec":{}})");
  PutText(mint, "kind twice",
          R"({"apiVersion":"0.0.1","kind":"dsse","kind":"hashedrekord","spec":{}})");
  using Entry = SigningWish::Entry;
  PutChanges(mint, "dsse", {},
             {"spec", "spec.payloadHash", "spec.payloadHash.value", "spec.signatures",
              "spec.signatures.0", "spec.signatures.0.signature", "spec.signatures.0.verifier"});
  PutChanges(
      mint, "hashedrekord", {.entry = Entry::kHashedRekord},
      {"spec", "spec.data", "spec.data.hash", "spec.data.hash.value", "spec.signature",
       "spec.signature.content", "spec.signature.publicKey", "spec.signature.publicKey.content"});
  PutChanges(mint, "intoto", {.entry = Entry::kIntoto},
             {"spec.content", "spec.content.envelope", "spec.content.envelope.signatures",
              "spec.content.envelope.signatures.0", "spec.content.payloadHash"});
  PutChanges(mint, "Rekor v2", {.tlog = SigningWish::Tlog::kV2},
             {"spec", "spec.hashedRekordV002", "spec.hashedRekordV002.data",
              "spec.hashedRekordV002.data.digest", "spec.hashedRekordV002.signature",
              "spec.hashedRekordV002.signature.verifier",
              "spec.hashedRekordV002.signature.verifier.x509Certificate"});
}

}  // namespace xzgate::testing
