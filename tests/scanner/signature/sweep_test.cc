// Signatures of every format with every part of them changed in turn. What is still accepted
// afterwards must stand in a table, with its reason, and must prove no more than before.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/json/reader.h"
#include "scanner/signature/timestamp.h"
#include "tests/scanner/signature/verifier_fixture.h"
#include "tests/support/signing/test_changes.h"

namespace xzgate::signature {
namespace {

using namespace testing;  // NOLINT: the vocabulary of the signer
using Tlog = SigningWish::Tlog;

// A part that may be changed without the signature being refused.
struct Loose {
  std::string path;                       // it and all below
  std::vector<std::string_view> changes;  // these alone; empty: all
  std::string_view reason;                // for the reader
};

struct Document {
  std::string name;
  json::Value good;
  Authority authority;
  std::function<Result<Material>(const json::Value&)> read;
  std::vector<Loose> loose;
  bool is_signed_anew = false;  // after the change
};

// Why a change may be accepted, if it may.
const Loose* FindLoose(const Document& document, const Change& change) {
  const auto allows = [&](const Loose& loose) {
    return (change.path == loose.path || change.path.starts_with(loose.path + ".")) &&
           (loose.changes.empty() || std::ranges::count(loose.changes, change.what) > 0);
  };
  const auto found = std::ranges::find_if(document.loose, allows);
  return found == document.loose.end() ? nullptr : &*found;
}

// ---- documents

Result<Material> ReadAsBundle(const json::Value& document) {
  return ParseBundle(json::Encode(document));
}

// A legacy layer as a document: its blob, and its annotations by the ends of their names, with
// certificates in base64 and JSON as what it says.
constexpr std::string_view kSignature = "dev.cosignproject.cosign/signature";
constexpr std::string_view kCertificate = "dev.sigstore.cosign/certificate";
constexpr std::string_view kChain = "dev.sigstore.cosign/chain";
constexpr std::string_view kBundle = "dev.sigstore.cosign/bundle";
constexpr std::string_view kTimestamp = "dev.sigstore.cosign/rfc3161timestamp";

std::string_view EndOf(std::string_view name) {
  return name.substr(name.find('/') + 1);
}

json::Value ToDocument(const LegacyLayer& layer) {
  json::Object out = {{"mediaType", layer.media_type}, {"blob", layer.blob}};
  for (const auto& [name, text] : layer.annotations) {
    const std::string end(EndOf(name));
    if (name == kSignature) out.emplace_back(end, text);
    if (name == kBundle || name == kTimestamp)
      out.emplace_back(end, *json::Parse(text, json::Limits{}, "annotation"));
    if (name != kCertificate && name != kChain) continue;
    json::Array list;
    const auto certificates = crypto::Certificate::ListFromPem(text, kMaxChain);
    for (const auto& each : *certificates) list.emplace_back(Base64(each.der()));
    out.emplace_back(end, std::move(list));
  }
  return out;
}

std::string ToPem(const json::Value& list) {
  std::string out;
  if (list.AsArray() == nullptr) return "not PEM";
  for (const json::Value& each : *list.AsArray()) {
    const auto der = crypto::Base64Decode(each.AsString() != nullptr ? *each.AsString() : "");
    out += der ? PemBlock("CERTIFICATE", *der) : "not PEM";
  }
  return out;
}

Result<Material> ReadAsLayer(const json::Value& document) {
  // The manifest's reader, which is not part of this, takes no annotation twice.
  std::set<std::string_view> names;
  for (const auto& [name, value] : *document.AsObject())
    if (!names.insert(name).second) return InvalidArgument("annotation twice: " + name);
  LegacyLayer layer;
  const json::Value* const blob = document.Find("blob");
  const json::Value* const type = document.Find("mediaType");
  if (type != nullptr && type->AsString() != nullptr) layer.media_type = *type->AsString();
  if (blob != nullptr && blob->AsString() != nullptr) layer.blob = *blob->AsString();
  for (const std::string_view name : {kSignature, kCertificate, kChain, kBundle, kTimestamp}) {
    const json::Value* const value = document.Find(EndOf(name));
    if (value == nullptr) continue;
    const bool is_pem = name == kCertificate || name == kChain;
    const bool is_text = name == kSignature && value->AsString() != nullptr;
    layer.annotations.emplace_back(name, is_pem    ? ToPem(*value)
                                         : is_text ? *value->AsString()
                                                   : json::Encode(*value));
  }
  const oci::Descriptor descriptor{.media_type = layer.media_type,
                                   .digest = oci::Digest::Of(AsBytes(layer.blob)),
                                   .size = layer.blob.size(),
                                   .annotations = layer.annotations};
  return ReadLegacyLayer(descriptor, layer.blob);
}

std::string Digest() {
  return kImage.ToString();
}

Document Bundle(std::string name, const SigningWish& wish, Authority authority,
                std::vector<Loose> loose) {
  return {std::move(name), Sigstore().ImageBundle(Digest(), wish), std::move(authority),
          ReadAsBundle, std::move(loose)};
}
Document Layer(std::string name, const LegacyLayer& layer, Authority authority,
               std::vector<Loose> loose) {
  return {std::move(name), ToDocument(layer), std::move(authority), ReadAsLayer, std::move(loose)};
}

// ---- what may be changed

const std::string kMaterial = "verificationMaterial.";
const std::string kEntry = kMaterial + "tlogEntries.0.";
const std::string kStamps = kMaterial + "timestampVerificationData";
const std::string kCertificates = kMaterial + "x509CertificateChain.certificates.";
const std::vector<std::string_view> kAbsent = {"removed", "null", "emptied"};

const Loose kStampBesideSet = {
    kStamps, {}, "the log proves a time: a timestamp that does not hold counts for nothing"};
const Loose kLegacyEnvelopeSpace = {
    "blob", {"space after"}, "not signed; the timestamp, which is over it too, does not hold then"};
const Loose kLegacyNoSignature = {
    "signature", {"removed"}, "that of an envelope is in the envelope; cosign writes an empty one"};
const Loose kStampTwice = {
    kStamps + ".rfc3161Timestamps.0", {"doubled"}, "an authority counts once, whatever it repeats"};
const Loose kIntermediates = {
    kCertificates + "1", {}, "Fulcio's authorities are those of the trust root"};
const Loose kLeafTwice = {
    kCertificates + "0", {"doubled"}, "the second stands for an authority: see there"};
const Loose kProofOfV01 = {
    kEntry + "inclusionProof", {"removed", "null"}, "v0.1 needs the promise alone"};
const Loose kCheckpointOfV01 = {kEntry + "inclusionProof.checkpoint", kAbsent,
                                "v0.1 has proofs without one: they prove nothing"};
const Loose kPromise = {kEntry + "inclusionPromise", kAbsent,
                        "the proof stands for the log, a timestamp for the time"};
const Loose kIndexOfV2 = {
    kEntry + "logIndex", {}, "Rekor v2 signs no index: that of the proof is checked"};
const Loose kHint = {kMaterial + "publicKey", {}, "a hint: the policy says which keys"};
const Loose kAnotherAnnotation = {"", {"stranger"}, "annotations are anybody's"};
const Loose kLegacyChain = {"chain", {}, "Fulcio's authorities are those of the trust root"};
const Loose kLegacyStampBesideSet = {
    "rfc3161timestamp", {}, "the log proves a time: a timestamp that does not hold is none"};

std::vector<Document> Bundles() {
  // Certificates in a token are not signed: see NoByteOfATimestampTellsAnotherTime.
  const TimestampWish bare = {.embed_certificate = false};
  const Authority logged = ByKey(Key(), {.keys = {}, .require_tlog = true});
  const Authority both =
      ByKey(Key(), {.keys = {}, .require_tlog = true, .require_timestamp = true});
  return {
      Bundle("V01", {.version = "0.1"}, Keyless(),
             {kStampBesideSet, kIntermediates, kLeafTwice, kProofOfV01, kCheckpointOfV01}),
      Bundle("V02", {.version = "0.2"}, Keyless(),
             {kStampBesideSet, kIntermediates, kLeafTwice, kPromise}),
      Bundle("V03", {}, Keyless(), {kStampBesideSet, kPromise}),
      Bundle("V03WithoutTimestamp", {.timestamp = false}, Keyless(), {}),
      Bundle("V03ByRekorV2", {.tlog = Tlog::kV2, .stamp = bare}, Keyless(),
             {kIndexOfV2, kStampTwice}),
      Bundle("KeyInRekorV1", {.key = Key(), .timestamp = false, .key_hint = "aGludA=="}, logged,
             {kHint, kPromise}),
      Bundle("KeyInRekorV2", {.key = Key(), .tlog = Tlog::kV2, .stamp = bare, .key_hint = "hint"},
             both, {kHint, kIndexOfV2, kStampTwice}),
  };
}

std::vector<Document> Layers() {
  const TestSigstore& signer = Sigstore();
  const std::string statement = testing::Statement(Digest(), "https://slsa.dev/provenance/v1");
  const Authority logged = ByKey(Key(), {.keys = {}, .require_tlog = true});
  return {
      Layer("Sig", signer.SimpleSigning(Digest()), Keyless(),
            {kAnotherAnnotation, kLegacyChain, kLegacyStampBesideSet}),
      Layer("SigWithoutTimestamp", signer.SimpleSigning(Digest(), {.timestamp = false}), Keyless(),
            {kAnotherAnnotation, kLegacyChain}),
      Layer("SigByKey", signer.SimpleSigning(Digest(), KeyWish(Key())), ByKey(Key()),
            {kAnotherAnnotation}),
      Layer("SigByKeyLogged", signer.SimpleSigning(Digest(), {.key = Key(), .timestamp = false}),
            logged, {kAnotherAnnotation}),
      Layer("Att", signer.Attestation(statement), Keyless(),
            {kAnotherAnnotation, kLegacyChain, kLegacyStampBesideSet, kLegacyEnvelopeSpace,
             kLegacyNoSignature}),
      Layer("AttByKey", signer.Attestation(statement, KeyWish(Key())), ByKey(Key()),
            {kAnotherAnnotation, kLegacyEnvelopeSpace, kLegacyNoSignature}),
  };
}

// What is signed, and what is logged, changed before it is: bodies of a log that takes up whatever
// it is given, documents of a signer who writes what it likes.
Document Body(std::string name, const SigningWish& wish, std::vector<Loose> loose) {
  const json::Value bundle = Sigstore().ImageBundle(Digest(), wish);
  const json::Value body =
      *json::Parse(*crypto::Base64Decode(TextAt(bundle, kEntry + "canonicalizedBody")), {}, "body");
  const auto read = [=](const json::Value& spec) {
    const json::Value changed = With(body, "spec", spec);
    const TestLogEntry entry =
        wish.tlog == Tlog::kV2 ? Sigstore().rekor2.Add(changed) : Sigstore().rekor.Add(changed);
    return ReadAsBundle(With(bundle, kMaterial + "tlogEntries.0", entry.ToBundle()));
  };
  return {std::move(name), At(body, "spec"), Keyless(), read, std::move(loose)};
}

Document SimpleSigned(std::vector<Loose> loose) {
  auto wish = KeyWish(Key());
  wish.annotations = {{"env", "prod"}};
  const LegacyLayer layer = Sigstore().SimpleSigning(Digest(), wish);
  const auto read = [wish](const json::Value& document) -> Result<Material> {
    return FromLayer(Sigstore().SimpleSigningOver(json::Encode(document), wish));
  };
  Authority authority = ByKey(Key());
  authority.annotations = wish.annotations;
  return {"SimpleSigning",      *json::Parse(layer.blob, {}, "document"),
          std::move(authority), read,
          std::move(loose),     true};
}

Document Stated(std::vector<Loose> loose) {
  const auto text = testing::Statement(Digest(), kSignPredicate, json::Object{}, {{"env", "prod"}});
  const auto read = [](const json::Value& document) {
    return ReadAsBundle(Sigstore().DsseBundle(json::Encode(document), KeyWish(Key())));
  };
  Authority authority = ByKey(Key());
  authority.annotations = {{"env", "prod"}};
  return {"Statement",          *json::Parse(text, {}, "statement"),
          std::move(authority), read,
          std::move(loose),     true};
}

std::vector<Document> Contents() {
  using Entry = SigningWish::Entry;
  constexpr std::string_view kFound = "the signature, key and payload of the entry say enough";
  constexpr std::string_view kMore =
      "readers pass over what they do not know (in-toto, parsing rules)";
  return {
      Body("HashedRekord", {.entry = Entry::kHashedRekord}, {}),
      Body("Dsse", {},
           {{"envelopeHash", {}, "of the envelope's JSON, which is not ours to the byte"}}),
      Body("Intoto", {.entry = Entry::kIntoto},
           {{"content.envelope.payloadType", {}, kFound},
            {"content.hash", {}, "of the envelope's JSON, which is not ours to the byte"}}),
      Body("RekorV2", {.tlog = Tlog::kV2},
           {{"hashedRekordV002.signature.verifier.keyDetails", {}, "the key itself is compared"}}),
      SimpleSigned({{"critical.identity.docker-reference", {}, "the digest names the image"},
                    {"optional", {"stranger"}, "annotations that the policy does not ask for"}}),
      Stated({{"", {"stranger"}, kMore},
              {"subject.0", {"doubled"}, "a statement may be about several"},
              {"subject.0", {"stranger"}, kMore},
              {"predicateType", {}, "an attestation then: who decides asks for the type"},
              {"predicate", {}, "for the policy's conditions"}}),
  };
}

// ---- the sweep

Attempt TryDocument(const Document& from, const json::Value& document) {
  const auto material = from.read(document);
  return material ? Try(*material, from.authority) : Attempt{};
}

// Who, when and what; times may be fewer.
void ExpectProvesNoMore(const VerifiedSignature& proof, const VerifiedSignature& good) {
  ASSERT_EQ(proof.identity().has_value(), good.identity().has_value());
  if (good.identity()) {
    EXPECT_EQ(proof.identity()->subject, good.identity()->subject);
    EXPECT_EQ(proof.identity()->issuer, good.identity()->issuer);
  }
  EXPECT_EQ(proof.key_fingerprint(), good.key_fingerprint());
  EXPECT_EQ(proof.digest(), good.digest());
  EXPECT_EQ(proof.predicate_type(), good.predicate_type());
  EXPECT_EQ(proof.predicate(), good.predicate());
  for (const WallTime time : proof.trusted_times())
    EXPECT_EQ(std::ranges::count(good.trusted_times(), time) > 0, true);
}

class Sweep : public ::testing::TestWithParam<Document> {};

TEST_P(Sweep, EveryPartCounts) {
  const Document& document = GetParam();
  const Attempt good = TryDocument(document, document.good);
  ASSERT_TRUE(good.verified) << Steps(good);
  const std::vector<Change> changes = AllChanges(document.good);
  EXPECT_GE(changes.size(), 15U);
  std::set<const Loose*> used;
  for (const Change& change : changes) {
    const Attempt attempt = TryDocument(document, change.document);
    if (!attempt.verified) continue;
    SCOPED_TRACE(change.path + ": " + std::string(change.what));
    const Loose* const loose = FindLoose(document, change);
    if (loose == nullptr) ADD_FAILURE() << "is accepted";
    used.insert(loose);
    if (!document.is_signed_anew) ExpectProvesNoMore(*attempt.verified, *good.verified);
  }
  for (const Loose& loose : document.loose)
    EXPECT_TRUE(used.contains(&loose)) << "needs no exception: " << loose.path;
}

const auto kName = [](const auto& param) { return param.param.name; };
INSTANTIATE_TEST_SUITE_P(Bundles, Sweep, ::testing::ValuesIn(Bundles()), kName);
INSTANTIATE_TEST_SUITE_P(Contents, Sweep, ::testing::ValuesIn(Contents()), kName);
INSTANTIATE_TEST_SUITE_P(Layers, Sweep, ::testing::ValuesIn(Layers()), kName);

// ---- byte by byte

TEST(SweepTest, EveryByteOfALegacyBlobCounts) {
  for (const LegacyLayer& layer :
       {Sigstore().SimpleSigning(Digest(), KeyWish(Key())),
        Sigstore().Attestation(testing::Statement(Digest(), "https://slsa.dev/x"),
                               KeyWish(Key()))}) {
    ASSERT_TRUE(Try(FromLayer(layer), ByKey(Key())).verified);
    for (std::size_t i = 0; i < layer.blob.size() * 2; ++i) {
      LegacyLayer other = layer;
      char& byte = other.blob[i / 2];
      byte = static_cast<char>(byte ^ (i % 2 == 0 ? 0x01 : 0x20));  // 0x20: upper or lower case
      const auto material = ReadAsLayer(ToDocument(other));
      if (!material) continue;
      EXPECT_FALSE(Try(*material, ByKey(Key())).verified) << "byte " << i / 2;
    }
  }
}

// Not all of a token is signed: its certificates and the status before it are not. What is not
// must not tell another time.
TEST(SweepTest, NoByteOfATimestampTellsAnotherTime) {
  const std::string signature = "a signature";
  const std::string good = Sigstore().tsa.Stamp(signature);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = static_cast<char>(other[i] ^ 1);
    const auto stamped = CheckTimestamp(other, signature, *TestRoot(), kNow);
    if (!stamped) continue;
    ++accepted;
    EXPECT_EQ(stamped->time(), kSignedAt) << "byte " << i;
    EXPECT_EQ(stamped->authority(),
              CheckTimestamp(good, signature, *TestRoot(), kNow)->authority());
  }
  EXPECT_LT(accepted, good.size() / 2);
}

}  // namespace
}  // namespace xzgate::signature
