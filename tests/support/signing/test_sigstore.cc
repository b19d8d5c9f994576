#include "tests/support/signing/test_sigstore.h"

#include <algorithm>

#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

// Who signs: a key alone, or with a certificate.
struct Signer {
  TestKey key;
  std::optional<std::string> certificate;

  std::string Sign(std::string_view message, const SigningWish& wish) const {
    return wish.sign ? key.Sign(message, *wish.sign) : key.SignByDefault(message);
  }
};

Signer SignerOf(const TestSigstore& sigstore, const SigningWish& wish) {
  if (wish.key) return {*wish.key, std::nullopt};
  const Issued leaf = wish.certificate ? *wish.certificate : sigstore.IssueLeaf(wish);
  return {leaf.key, leaf.der};
}

// What a signature covers, in the terms of logs.
struct Signed {
  std::string signature = {};
  std::string message = {};  // artifact, simple-signing document or PAE
  std::string payload_type = {};
  std::string payload = {};  // of an envelope
  std::string envelope = {};
  bool is_envelope = false;
};

EntryContent ContentOf(const Signer& signer, const Signed& what, crypto::Algorithm hash) {
  return {.signature = what.signature,
          .verifier = signer.certificate.value_or(signer.key.Spki()),
          .is_certificate = signer.certificate.has_value(),
          .key_details = signer.key.Details(),
          .digest = crypto::HashBytes(hash, AsBytes(what.message)),
          .algorithm = hash,
          .payload_type = what.payload_type,
          .payload = what.payload,
          .envelope = what.envelope};
}

json::Value BodyV1(const Signer& signer, const Signed& what, const SigningWish& wish) {
  // The hash that Rekor v1 logs is the one that was signed over.
  const crypto::Algorithm hash = wish.sign ? wish.sign->hash : signer.key.DefaultHash();
  const EntryContent content = ContentOf(signer, what, hash);
  using Entry = SigningWish::Entry;
  const Entry entry = wish.entry != Entry::kAuto ? wish.entry
                      : what.is_envelope         ? Entry::kDsse
                                                 : Entry::kHashedRekord;
  if (entry == Entry::kDsse) return DsseV1(content);
  return entry == Entry::kIntoto ? IntotoV2(content) : HashedRekordV1(content);
}

std::optional<TestLogEntry> LogIt(const TestSigstore& sigstore, const Signer& signer,
                                  const Signed& what, const SigningWish& wish) {
  switch (wish.tlog) {
    case SigningWish::Tlog::kNone:
      return std::nullopt;
    case SigningWish::Tlog::kV1:
      return sigstore.rekor.Add(BodyV1(signer, what, wish), wish.log);
    case SigningWish::Tlog::kV2:
      return sigstore.rekor2.Add(HashedRekordV2(ContentOf(signer, what, signer.key.DefaultHash())),
                                 wish.log);
  }
  return std::nullopt;
}

json::Value Certificates(const TestSigstore& sigstore, const std::string& leaf) {
  json::Array chain = {json::Object{{"rawBytes", Base64(leaf)}}};
  chain.emplace_back(json::Object{{"rawBytes", Base64(sigstore.fulcio.der())}});
  return json::Object{{"certificates", std::move(chain)}};
}

json::Value VerificationMaterial(const TestSigstore& sigstore, const Signer& signer,
                                 const Signed& what, const SigningWish& wish) {
  json::Object out;
  if (!signer.certificate) {
    out.emplace_back("publicKey", json::Object{{"hint", wish.key_hint}});
  } else if (wish.version == "0.3") {
    out.emplace_back("certificate", json::Object{{"rawBytes", Base64(*signer.certificate)}});
  } else {
    out.emplace_back("x509CertificateChain", Certificates(sigstore, *signer.certificate));
  }
  if (const auto entry = LogIt(sigstore, signer, what, wish))
    out.emplace_back("tlogEntries", json::Array{entry->ToBundle()});
  if (wish.timestamp) {
    const std::string stamp = sigstore.tsa.Stamp(what.signature, wish.stamp);
    out.emplace_back("timestampVerificationData",
                     json::Object{{"rfc3161Timestamps",
                                   json::Array{json::Object{{"signedTimestamp", Base64(stamp)}}}}});
  }
  return out;
}

std::string MediaType(const std::string& version) {
  if (version == "0.3") return "application/vnd.dev.sigstore.bundle.v0.3+json";
  return "application/vnd.dev.sigstore.bundle+json;version=" + version;
}

// Annotations that both kinds of legacy layer have. The timestamp is over `stamped`.
void Annotate(const TestSigstore& sigstore, LegacyLayer& layer, const Signer& signer,
              const Signed& what, const SigningWish& wish, std::string_view stamped) {
  auto& annotations = layer.annotations;
  if (signer.certificate) {
    annotations.emplace_back("dev.sigstore.cosign/certificate",
                             PemBlock("CERTIFICATE", *signer.certificate));
    std::string chain;
    for (const std::string& certificate : sigstore.fulcio.Chain())
      chain += PemBlock("CERTIFICATE", certificate);
    annotations.emplace_back("dev.sigstore.cosign/chain", chain);
  }
  if (const auto entry = LogIt(sigstore, signer, what, wish))
    annotations.emplace_back("dev.sigstore.cosign/bundle", entry->ToRekorAnnotation());
  if (wish.timestamp) {
    const std::string stamp = sigstore.tsa.Stamp(stamped, wish.stamp);
    annotations.emplace_back("dev.sigstore.cosign/rfc3161timestamp",
                             json::Encode(json::Object{{"SignedRFC3161Timestamp", Base64(stamp)}}));
  }
}

}  // namespace

std::string& LegacyLayer::Annotation(std::string_view name) {
  const auto found =
      std::ranges::find_if(annotations, [&](const auto& a) { return a.first == name; });
  Require(found != annotations.end());
  return found->second;
}

void LegacyLayer::Remove(std::string_view name) {
  std::erase_if(annotations, [&](const auto& a) { return a.first == name; });
}

const TestSigstore& TestSigstore::Default() {
  static const TestSigstore sigstore = Create("sigstore.test");
  return sigstore;
}

TestSigstore TestSigstore::Create(const std::string& domain) {
  const TestAuthority root = TestAuthority::Root(RootWish("sigstore"));
  return {.fulcio = root.Intermediate(IntermediateWish("sigstore-intermediate", "codeSigning")),
          .ctlog = TestCtLog("ctlog." + domain, TestKey::Generate()),
          .rekor = TestRekorV1("rekor." + domain, TestKey::Generate()),
          .rekor2 = TestRekorV2("log2026." + domain, TestKey::Generate(KeyType::kEd25519)),
          .tsa = TestTsa::Create("tsa." + domain)};
}

RootDocument TestSigstore::Root() const {
  return {.tlogs = {RootEntry(rekor), RootEntry(rekor2)},
          .ctlogs = {RootEntry(ctlog)},
          .certificate_authorities = {RootEntry(fulcio, "https://fulcio.sigstore.test")},
          .timestamp_authorities = {RootEntry(tsa)}};
}

Issued TestSigstore::IssueLeaf(const SigningWish& wish) const {
  IssueWish leaf;
  if (wish.leaf) {
    leaf = *wish.leaf;
  } else {
    leaf.names = {wish.name};
    if (!wish.issuer.empty())
      leaf.extensions = {FulcioExtension(1, wish.issuer), FulcioExtension(8, wish.issuer)};
    leaf.extensions.insert(leaf.extensions.end(), wish.extensions.begin(), wish.extensions.end());
  }
  for (const SctWish& sct : wish.scts) leaf.scts.push_back(ctlog.Maker(sct));
  return fulcio.Issue(leaf, wish.leaf_key.value_or(TestKey::Shared(KeyType::kP256)));
}

json::Value TestSigstore::DsseBundle(std::string_view payload, const SigningWish& wish,
                                     std::string_view payload_type) const {
  const Signer signer = SignerOf(*this, wish);
  Signed what{.message = TestPae(payload_type, payload),
              .payload_type = std::string(payload_type),
              .payload = std::string(payload),
              .is_envelope = true};
  what.signature = signer.Sign(what.message, wish);
  const json::Value envelope = TestEnvelope(payload_type, payload, what.signature);
  what.envelope = json::Encode(envelope);
  return json::Object{{"mediaType", MediaType(wish.version)},
                      {"verificationMaterial", VerificationMaterial(*this, signer, what, wish)},
                      {"dsseEnvelope", envelope}};
}

json::Value TestSigstore::MessageBundle(std::string_view message, const SigningWish& wish) const {
  const Signer signer = SignerOf(*this, wish);
  Signed what{.message = std::string(message)};
  what.signature = signer.Sign(message, wish);
  const std::string digest = crypto::HashBytes(crypto::Algorithm::kSha256, AsBytes(message));
  return json::Object{
      {"mediaType", MediaType(wish.version)},
      {"verificationMaterial", VerificationMaterial(*this, signer, what, wish)},
      {"messageSignature", json::Object{{"messageDigest", json::Object{{"algorithm", "SHA2_256"},
                                                                       {"digest", Base64(digest)}}},
                                        {"signature", Base64(what.signature)}}}};
}

json::Value TestSigstore::ImageBundle(std::string_view digest, const SigningWish& wish) const {
  return DsseBundle(Statement(digest, kSignPredicate, json::Object{}, wish.annotations), wish);
}

LegacyLayer TestSigstore::SimpleSigning(std::string_view digest, const SigningWish& wish) const {
  return SimpleSigningOver(SimpleSigningPayload(digest, wish.docker_reference, wish.annotations),
                           wish);
}

LegacyLayer TestSigstore::SimpleSigningOver(std::string payload, const SigningWish& wish) const {
  const Signer signer = SignerOf(*this, wish);
  Signed what{.message = payload};
  what.signature = signer.Sign(payload, wish);
  LegacyLayer layer{.media_type = "application/vnd.dev.cosign.simplesigning.v1+json",
                    .blob = std::move(payload)};
  layer.annotations.emplace_back("dev.cosignproject.cosign/signature", Base64(what.signature));
  Annotate(*this, layer, signer, what, wish, what.signature);
  return layer;
}

LegacyLayer TestSigstore::Attestation(std::string_view payload, const SigningWish& wish) const {
  constexpr std::string_view kType = "application/vnd.in-toto+json";
  const Signer signer = SignerOf(*this, wish);
  Signed what{.message = TestPae(kType, payload),
              .payload_type = std::string(kType),
              .payload = std::string(payload),
              .is_envelope = true};
  what.signature = signer.Sign(what.message, wish);
  what.envelope = json::Encode(TestEnvelope(kType, payload, what.signature));
  LegacyLayer layer{.media_type = "application/vnd.dsse.envelope.v1+json", .blob = what.envelope};
  layer.annotations.emplace_back("dev.cosignproject.cosign/signature", "");
  Annotate(*this, layer, signer, what, wish, what.envelope);
  return layer;
}

}  // namespace xzgate::testing
