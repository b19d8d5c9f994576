// Layers of cosign's .sig and .att manifests: tests of ReadLegacyLayer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/json/reader.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/simple_signing.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::Base64;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::LegacyLayer;
using ::xzgate::testing::SigningWish;
using ::xzgate::testing::TestSigstore;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kSignature = "dev.cosignproject.cosign/signature";
const std::string kCertificate = "dev.sigstore.cosign/certificate";
const std::string kChain = "dev.sigstore.cosign/chain";
const std::string kBundle = "dev.sigstore.cosign/bundle";
const std::string kTimestamp = "dev.sigstore.cosign/rfc3161timestamp";

const LegacyLayer& Sig() {
  static const LegacyLayer layer = TestSigstore::Default().SimpleSigning(kDigest);
  return layer;
}
const LegacyLayer& Att() {
  static const LegacyLayer layer =
      TestSigstore::Default().Attestation(testing::Statement(kDigest, "https://spdx.dev/Document"));
  return layer;
}

Result<Material> Read(const LegacyLayer& layer) {
  return ReadLegacyLayer(oci::Descriptor{.media_type = layer.media_type,
                                         .digest = oci::Digest::Of(AsBytes(layer.blob)),
                                         .size = layer.blob.size(),
                                         .annotations = layer.annotations},
                         layer.blob);
}

TEST(ReadLegacyLayer, ReadsASimpleSigningLayer) {
  LegacyLayer layer = Sig();
  const auto material = Read(layer);
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->format, Format::kSimpleSigning);
  const auto& message = std::get<MessageSignature>(material->content);
  EXPECT_EQ(message.payload, layer.blob);
  EXPECT_EQ(message.digest, "");
  EXPECT_EQ(Base64(message.signature), layer.Annotation(kSignature));
  ASSERT_TRUE(material->certificate);
  EXPECT_EQ(testing::PemBlock("CERTIFICATE", material->certificate->der()),
            layer.Annotation(kCertificate));
  EXPECT_THAT(material->timestamps, SizeIs(1));
  EXPECT_EQ(material->timestamped(), message.signature);
}

TEST(ReadLegacyLayer, ReadsTheRekorBundle) {
  const auto material = Read(Sig());
  ASSERT_THAT(material, IsOk());
  ASSERT_THAT(material->entries, SizeIs(1));
  const LogEntry& entry = material->entries[0];
  EXPECT_EQ(entry.index, 1003U);
  EXPECT_EQ(entry.log_id, TestSigstore::Default().rekor.Id());
  EXPECT_EQ(entry.kind, "hashedrekord");  // as the body has it
  EXPECT_EQ(entry.version, "0.0.1");
  EXPECT_TRUE(entry.integrated_time);
  EXPECT_NE(entry.signed_entry_timestamp, "");
  EXPECT_FALSE(entry.proof);
}

// cosign writes the root too; the leaf's issuer is kept.
TEST(ReadLegacyLayer, LeavesTheRootOutOfTheChain) {
  const auto material = Read(Sig());
  ASSERT_THAT(material, IsOk());
  ASSERT_THAT(material->intermediates, SizeIs(1));
  EXPECT_EQ(material->intermediates[0].der(), TestSigstore::Default().fulcio.der());
}

TEST(ReadLegacyLayer, ReadsAnAttestationLayer) {
  const auto material = Read(Att());
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->format, Format::kLegacyAttestation);
  EXPECT_EQ(std::get<Envelope>(material->content).payload,
            testing::Statement(kDigest, "https://spdx.dev/Document"));
  ASSERT_THAT(material->entries, SizeIs(1));
  EXPECT_EQ(material->entries[0].kind, "dsse");
}

// signatures.md 1.2: there is no signature annotation to be stamped.
TEST(ReadLegacyLayer, HasAttestationsTimestampedAsAWhole) {
  const auto material = Read(Att());
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->envelope_text, Att().blob);
  EXPECT_EQ(material->timestamped(), Att().blob);
}

TEST(ReadLegacyLayer, TakesAKeysSignatureAlone) {
  const SigningWish wish{.key = testing::TestKey::Shared(testing::KeyType::kP256),
                         .tlog = SigningWish::Tlog::kNone,
                         .timestamp = false};
  const auto material = Read(TestSigstore::Default().SimpleSigning(kDigest, wish));
  ASSERT_THAT(material, IsOk());
  EXPECT_FALSE(material->certificate);
  EXPECT_THAT(material->intermediates, IsEmpty());
  EXPECT_THAT(material->entries, IsEmpty());
  EXPECT_THAT(material->timestamps, IsEmpty());
}

using Change = std::function<void(LegacyLayer&)>;

// The annotation, a JSON document, with one thing changed.
Change InDocument(const std::string& name, std::function<json::Value(json::Value)> change) {
  return [name, change](LegacyLayer& layer) {
    std::string& text = layer.Annotation(name);
    text = json::Encode(change(*json::Parse(text, {}, "annotation")));
  };
}
Change InBundle(std::string path, json::Value value) {
  return InDocument(
      kBundle, [path, value](json::Value v) { return testing::With(std::move(v), path, value); });
}
Change NotInBundle(std::string path) {
  return InDocument(kBundle,
                    [path](json::Value v) { return testing::Without(std::move(v), path); });
}
Change Put(std::string name, std::string text) {
  return [name, text](LegacyLayer& layer) { layer.Annotation(name) = text; };
}
Change Drop(std::string name) {
  return [name](LegacyLayer& layer) { layer.Remove(name); };
}
std::string Repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct Accepted {
  const char* name;
  const LegacyLayer& (*base)();
  Change change;
};
class LegacyLayerAccepted : public ::testing::TestWithParam<Accepted> {};

TEST_P(LegacyLayerAccepted, WhatCosignWrites) {
  LegacyLayer layer = GetParam().base();
  GetParam().change(layer);
  EXPECT_THAT(Read(layer), IsOk());
}

const Accepted kAccepted[] = {
    {"AnnotationsOfOthers", Sig,
     [](LegacyLayer& layer) { layer.annotations.emplace_back("predicateType", "x"); }},
    {"EmptyOnes", Sig,
     [](LegacyLayer& layer) {
       for (const std::string& name : {kCertificate, kChain, kBundle, kTimestamp})
         layer.Annotation(name).clear();
     }},
    {"NoAnnotationAtAllBesideAnEnvelope", Att,
     [](LegacyLayer& layer) { layer.annotations.clear(); }},
    {"LongestChain", Sig,
     [](LegacyLayer& layer) {
       layer.Annotation(kChain) = Repeat(TestSigstore::Default().fulcio.Pem(), kMaxChain);
     }},
};
INSTANTIATE_TEST_SUITE_P(All, LegacyLayerAccepted, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

struct Refused {
  const char* name;
  const LegacyLayer& (*base)();
  Change change;
  const char* text;
  ErrorCode code = ErrorCode::kInvalidArgument;
};
class LegacyLayerRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(LegacyLayerRefused, WithTheNameOfTheAnnotation) {
  LegacyLayer layer = GetParam().base();
  GetParam().change(layer);
  EXPECT_THAT(Read(layer), ErrorIs(GetParam().code, GetParam().text));
}

const Refused kRefusedLayers[] = {
    {"OtherMediaType", Sig, [](LegacyLayer& layer) { layer.media_type = "text/plain"; },
     "media type \"text/plain\"", ErrorCode::kUnsupported},
    {"MediaTypeInOtherCase", Sig, [](LegacyLayer& layer) { layer.media_type[0] = 'A'; },
     "media type", ErrorCode::kUnsupported},
    {"NoSignature", Sig, Drop(kSignature), "dev.cosignproject.cosign/signature: missing"},
    {"EmptySignature", Sig, Put(kSignature, ""), "dev.cosignproject.cosign/signature: missing"},
    // The specification's example has the wrong prefix, or the right one in the wrong place.
    {"SignatureUnderTheOtherPrefix", Sig,
     [](LegacyLayer& layer) { layer.annotations[0].first = "dev.sigstore.cosign/signature"; },
     "dev.cosignproject.cosign/signature: missing"},
    {"UrlSafeSignature", Sig, Put(kSignature, "-___"), "signature: want base64"},
    {"SignatureUnpadded", Sig, Put(kSignature, "AAA"), "signature: want base64"},
    {"SignatureWithUnusedBits", Sig, Put(kSignature, "AAB="), "signature: want base64"},
    {"SignatureWithNewline", Sig, [](LegacyLayer& layer) { layer.Annotation(kSignature) += "\n"; },
     "signature: want base64"},
    {"EmptyDocument", Sig, [](LegacyLayer& layer) { layer.blob.clear(); },
     "signed document: empty"},
    {"LargeDocument", Sig, [](LegacyLayer& layer) { layer.blob.resize(kMaxPayloadBytes + 1, ' '); },
     "signed document: want at most", ErrorCode::kResourceExhausted},
    {"SignatureBesideAnEnvelope", Att, Put(kSignature, "AAAA"), "want none beside an envelope"},
    {"DocumentAsEnvelope", Sig,
     [](LegacyLayer& layer) {
       layer.media_type = kDsseLayerType;
       layer.Remove(kSignature);
     },
     "envelope"},
    {"EnvelopeWithTwoSignatures", Att,
     [](LegacyLayer& layer) {
       layer.blob = json::Encode(testing::With(*json::Parse(layer.blob, {}, "envelope"),
                                               "signatures.1", json::Object{{"sig", "AAAA"}}));
     },
     "want exactly one, found 2"},
};
INSTANTIATE_TEST_SUITE_P(Layers, LegacyLayerRefused, ::testing::ValuesIn(kRefusedLayers),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedCertificates[] = {
    {"NoPem", Sig, Put(kCertificate, "x"), "dev.sigstore.cosign/certificate"},
    {"KeyInstead", Sig,
     Put(kCertificate, testing::TestKey::Shared(testing::KeyType::kP256).PublicPem()),
     "dev.sigstore.cosign/certificate"},
    {"TwoCertificates", Sig,
     [](LegacyLayer& layer) {
       layer.Annotation(kCertificate) += TestSigstore::Default().fulcio.Pem();
     },
     "dev.sigstore.cosign/certificate", ErrorCode::kResourceExhausted},
    {"TextAfterCertificate", Sig, [](LegacyLayer& layer) { layer.Annotation(kCertificate) += "x"; },
     "dev.sigstore.cosign/certificate"},
    {"DamagedChain", Sig, Put(kChain, "x"), "dev.sigstore.cosign/chain"},
    {"ChainTooLong", Sig,
     [](LegacyLayer& layer) {
       layer.Annotation(kChain) = Repeat(TestSigstore::Default().fulcio.Pem(), kMaxChain + 1);
     },
     "dev.sigstore.cosign/chain", ErrorCode::kResourceExhausted},
    {"LargeAnnotation", Sig, Put(kChain, std::string(kMaxAnnotationBytes + 1, ' ')),
     "dev.sigstore.cosign/chain: want at most", ErrorCode::kResourceExhausted},
};
INSTANTIATE_TEST_SUITE_P(Certificates, LegacyLayerRefused,
                         ::testing::ValuesIn(kRefusedCertificates),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedProofs[] = {
    {"BundleIsNull", Sig, Put(kBundle, "null"), "dev.sigstore.cosign/bundle"},
    {"BundleIsList", Sig, Put(kBundle, "[]"), "dev.sigstore.cosign/bundle"},
    {"BundleIsNoJson", Sig, Put(kBundle, "x"), "dev.sigstore.cosign/bundle"},
    {"BytesAfterBundle", Sig, [](LegacyLayer& layer) { layer.Annotation(kBundle) += "{}"; },
     "dev.sigstore.cosign/bundle"},
    {"Unknown", Sig, InBundle("extra", 1), "$: unknown member \"extra\""},
    {"UnknownInPayload", Sig, InBundle("Payload.extra", 1), "$.Payload: unknown member"},
    {"CaseVariant", Sig, InBundle("payload", json::Object{}), "payload"},
    {"NoSet", Sig, NotInBundle("SignedEntryTimestamp"), "SignedEntryTimestamp: missing"},
    {"EmptySet", Sig, InBundle("SignedEntryTimestamp", ""), "want base64"},
    {"NoPayload", Sig, NotInBundle("Payload"), "$.Payload: missing"},
    {"NoBody", Sig, NotInBundle("Payload.body"), "body: missing"},
    {"BodyAsObject", Sig, InBundle("Payload.body", json::Object{}), "body: want string"},
    {"BodyIsNull", Sig, InBundle("Payload.body", Base64("null")), "$.Payload.body"},
    {"BodyIsList", Sig, InBundle("Payload.body", Base64("[]")), "$.Payload.body"},
    {"BodyWithoutKind", Sig, InBundle("Payload.body", Base64(R"({"apiVersion":"0.0.1"})")),
     "kind: missing"},
    {"BodyWithoutVersion", Sig, InBundle("Payload.body", Base64(R"({"kind":"hashedrekord"})")),
     "apiVersion: missing"},
    {"NoTime", Sig, NotInBundle("Payload.integratedTime"), "integratedTime: missing"},
    {"TimeAsText", Sig, InBundle("Payload.integratedTime", "1"), "integratedTime: want whole"},
    {"NegativeTime", Sig, InBundle("Payload.integratedTime", -1), "integratedTime: want whole"},
    {"FractionOfTime", Sig, InBundle("Payload.integratedTime", 1.5), "integratedTime: want whole"},
    {"TimeBeyond63Bits", Sig, InBundle("Payload.integratedTime", UINT64_MAX), "beyond 2^63-1"},
    {"NegativeIndex", Sig, InBundle("Payload.logIndex", -1), "logIndex: want whole"},
    {"IndexAsText", Sig, InBundle("Payload.logIndex", "1"), "logIndex: want whole"},
    {"NoIndex", Sig, NotInBundle("Payload.logIndex"), "logIndex: missing"},
    {"NoLogId", Sig, NotInBundle("Payload.logID"), "logID: missing"},
    {"LogIdInUpperCase", Sig, InBundle("Payload.logID", std::string(64, 'A')), "$.Payload.logID"},
    {"LogIdInBase64", Sig, InBundle("Payload.logID", Base64(std::string(32, 'x'))),
     "$.Payload.logID"},
    {"ShortLogId", Sig, InBundle("Payload.logID", std::string(62, 'a')), "$.Payload.logID"},
    {"TimestampIsNull", Sig, Put(kTimestamp, "null"), "dev.sigstore.cosign/rfc3161timestamp"},
    {"TimestampIsEmpty", Sig, Put(kTimestamp, R"({"SignedRFC3161Timestamp":""})"), "want base64"},
    {"TimestampIsMissing", Sig, Put(kTimestamp, "{}"), "SignedRFC3161Timestamp: missing"},
    {"UnknownBesideTimestamp", Sig, Put(kTimestamp, R"({"SignedRFC3161Timestamp":"MAA=","x":1})"),
     "unknown member"},
    {"TimestampTwice", Sig,
     Put(kTimestamp, R"({"SignedRFC3161Timestamp":"MAA=","SignedRFC3161Timestamp":"MAA="})"),
     "dev.sigstore.cosign/rfc3161timestamp"},
    {"LargeTimestamp", Sig,
     Put(kTimestamp, R"({"SignedRFC3161Timestamp":")" +
                         Base64(std::string(kMaxTimestampBytes + 1, 'x')) + "\"}"),
     "want at most", ErrorCode::kResourceExhausted},
};
INSTANTIATE_TEST_SUITE_P(Proofs, LegacyLayerRefused, ::testing::ValuesIn(kRefusedProofs),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace xzgate::signature
