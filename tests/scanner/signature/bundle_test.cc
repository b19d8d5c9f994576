#include "scanner/signature/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto/digest.h"
#include "tests/scanner/signature/bundle_fixture.h"

namespace xzgate::signature::bundle_fixture {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kMaterial = "verificationMaterial.";
const std::string kBase = "application/vnd.dev.sigstore.bundle";

const json::Value& GoodMessage() {
  static const json::Value message = TestSigstore::Default().MessageBundle("the file");
  return message;
}
json::Value RootCertificate() {
  return json::Object{{"rawBytes", Base64(TestSigstore::Default().fulcio.Chain().back())}};
}

TEST(ParseBundle, ReadsAnEnvelopeOfVersion03) {
  const auto material = ParseBundle(json::Encode(V03()));
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->format, Format::kBundleV03);
  const auto& envelope = std::get<Envelope>(material->content);
  EXPECT_EQ(envelope.payload_type, "application/vnd.in-toto+json");
  EXPECT_EQ(envelope.payload, testing::Statement(kDigest, testing::kSignPredicate));
  ASSERT_TRUE(material->certificate);
  EXPECT_EQ(Base64(material->certificate->der()),
            testing::TextAt(V03(), kMaterial + "certificate.rawBytes"));
  EXPECT_THAT(material->intermediates, IsEmpty());
  EXPECT_THAT(material->entries, SizeIs(1));
  ASSERT_THAT(material->timestamps, SizeIs(1));
  EXPECT_EQ(
      Base64(material->timestamps[0]),
      testing::TextAt(V03(),
                      kMaterial + "timestampVerificationData.rfc3161Timestamps.0.signedTimestamp"));
  EXPECT_EQ(material->timestamped(), envelope.signature);
}

TEST(ParseBundle, ReadsAChainOfEarlierVersions) {
  for (const Format version : {Format::kBundleV01, Format::kBundleV02}) {
    const auto material = ParseBundle(json::Encode(version == Format::kBundleV01 ? V01() : V02()));
    ASSERT_THAT(material, IsOk());
    EXPECT_EQ(material->format, version);
    ASSERT_TRUE(material->certificate);
    EXPECT_FALSE(material->certificate->IsAuthority());
    ASSERT_THAT(material->intermediates, SizeIs(1));
    EXPECT_EQ(material->intermediates[0].der(), TestSigstore::Default().fulcio.der());
  }
}

TEST(ParseBundle, ReadsAMessageSignature) {
  const auto material = ParseBundle(json::Encode(GoodMessage()));
  ASSERT_THAT(material, IsOk());
  const auto& message = std::get<MessageSignature>(material->content);
  EXPECT_EQ(message.digest,
            crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(std::string_view("the file"))));
  EXPECT_EQ(message.digest_algorithm, crypto::Algorithm::kSha256);
  EXPECT_EQ(message.payload, "");
  EXPECT_EQ(Base64(message.signature),
            testing::TextAt(GoodMessage(), "messageSignature.signature"));
}

TEST(ParseBundle, ReadsAKeyHint) {
  const SigningWish wish{.key = testing::TestKey::Shared(testing::KeyType::kP256),
                         .tlog = SigningWish::Tlog::kNone,
                         .timestamp = false,
                         .key_hint = "by name"};
  const auto material =
      ParseBundle(json::Encode(TestSigstore::Default().ImageBundle(kDigest, wish)));
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->key_hint, "by name");
  EXPECT_FALSE(material->certificate);
  EXPECT_THAT(material->entries, IsEmpty());
  EXPECT_THAT(material->timestamps, IsEmpty());
}

class BundleAccepts : public ::testing::TestWithParam<Accepted> {};

TEST_P(BundleAccepts, WhatTheVersionAllows) {
  EXPECT_THAT(ParseBundle(json::Encode(GetParam().change(GetParam().base()))), IsOk());
}

// One with as many of something as is wanted.
json::Value Timestamps(json::Value v, std::size_t count) {
  json::Array list(count, json::Object{{"signedTimestamp", "MAA="}});
  return With(std::move(v), kMaterial + "timestampVerificationData.rfc3161Timestamps",
              std::move(list));
}
json::Value Chain(json::Value v, std::size_t count) {
  const std::string list = kMaterial + "x509CertificateChain.certificates";
  const json::Value issuer = testing::At(v, list + ".1");
  for (std::size_t i = 2; i < count; ++i)
    v = With(std::move(v), list + "." + std::to_string(i), issuer);
  return v;
}
json::Value Instead(json::Value v, const std::string& old, const std::string& key,
                    json::Value value) {
  return With(Without(std::move(v), old), key, std::move(value));
}
json::Value KeyAlone(json::Value v, json::Value key) {
  return Instead(std::move(v), kMaterial + "certificate", kMaterial + "publicKey", std::move(key));
}

const Accepted kAccepted[] = {
    {"OlderNameOfV03", V03, Set("mediaType", kBase + "+json;version=0.3")},
    {"SingleCertificateInV01", V01,
     [](json::Value v) {
       return Instead(std::move(v), kMaterial + "x509CertificateChain", kMaterial + "certificate",
                      testing::At(V03(), kMaterial + "certificate"));
     }},
    {"NoEntries", V03, Drop(kMaterial + "tlogEntries")},
    {"NullEntries", V03, Set(kMaterial + "tlogEntries", json::Value())},
    {"EmptyEntries", V01, Set(kMaterial + "tlogEntries", json::Array{})},
    {"NoTimestamps", V03, Drop(kMaterial + "timestampVerificationData")},
    {"NullTimestamps", V03, Set(kMaterial + "timestampVerificationData", json::Value())},
    {"EmptyTimestampData", V03, Set(kMaterial + "timestampVerificationData", json::Object{})},
    {"EmptyTimestamps", V03, [](json::Value v) { return Timestamps(std::move(v), 0); }},
    {"MostTimestamps", V03, [](json::Value v) { return Timestamps(std::move(v), kMaxTimestamps); }},
    {"LongestChain", V02, [](json::Value v) { return Chain(std::move(v), kMaxChain); }},
    {"KeyWithoutHint", V03, [](json::Value v) { return KeyAlone(std::move(v), json::Object{}); }},
    {"NullBesideTheCertificate", V03, Set(kMaterial + "publicKey", json::Value())},
    {"NullBesideTheEnvelope", V03, Set("messageSignature", json::Value())},
    {"KeyIdOfTheEnvelope", V03, Set("dsseEnvelope.signatures.0.keyid", "x")},
    {"NoMessageDigest", GoodMessage, Drop("messageSignature.messageDigest")},
    // cosign sign-blob beside an Ed25519 key.
    {"EmptyMessageDigest", GoodMessage, Set("messageSignature.messageDigest", json::Object{})},
    {"Sha384", GoodMessage,
     Set("messageSignature.messageDigest",
         json::Object{{"algorithm", "SHA2_384"}, {"digest", Base64(std::string(48, 'x'))}})},
};
INSTANTIATE_TEST_SUITE_P(All, BundleAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

class BundleRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(BundleRefuses, WithThePath) {
  EXPECT_THAT(ParseBundle(json::Encode(GetParam().change(GetParam().base()))),
              ErrorIs(GetParam().code, GetParam().text));
}

const std::string kStamp = kMaterial + "timestampVerificationData.rfc3161Timestamps.0";

const Refused kRefusedTypes[] = {
    {"NoMediaType", V03, Drop("mediaType"), "mediaType: missing"},
    {"MediaTypeAsNumber", V03, Set("mediaType", 3), "mediaType: want string"},
    {"Version04", V03, Set("mediaType", kBase + ".v0.4+json"), "$.mediaType",
     ErrorCode::kUnsupported},
    {"Version031", V03, Set("mediaType", kBase + ".v0.3.1+json"), "$.mediaType",
     ErrorCode::kUnsupported},
    {"Version99", V03, Set("mediaType", kBase + "+json;version=99.9"), "$.mediaType",
     ErrorCode::kUnsupported},
    {"NewNameOfV02", V02, Set("mediaType", kBase + ".v0.2+json"), "$.mediaType",
     ErrorCode::kUnsupported},
    {"UpperCaseType", V03, Set("mediaType", "Application/vnd.dev.sigstore.bundle.v0.3+json"),
     "$.mediaType", ErrorCode::kUnsupported},
    {"SpaceInType", V03, Set("mediaType", kBase + "+json; version=0.3"), "$.mediaType",
     ErrorCode::kUnsupported},
    {"EmptyType", V03, Set("mediaType", ""), "$.mediaType", ErrorCode::kUnsupported},
};
INSTANTIATE_TEST_SUITE_P(Types, BundleRefuses, ::testing::ValuesIn(kRefusedTypes),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedMembers[] = {
    {"UnknownAtTop", V03, Set("extra", 1), "$: unknown member \"extra\""},
    {"SnakeCaseAtTop", V03,
     [](json::Value v) { return Instead(std::move(v), "mediaType", "media_type", "x"); },
     "$: unknown member \"media_type\""},
    {"OtherCaseAtTop", V03, Set("MediaType", "x"), "duplicate key \"mediatype\""},
    {"UnknownInMaterial", V03, Set(kMaterial + "extra", 1),
     "$.verificationMaterial: unknown member \"extra\""},
    {"SnakeCaseInMaterial", V03, Set(kMaterial + "tlog_entries", json::Array{}),
     "$.verificationMaterial: unknown member \"tlog_entries\""},
    {"UnknownInCertificate", V03, Set(kMaterial + "certificate.pem", "x"),
     "$.verificationMaterial.certificate: unknown member \"pem\""},
    {"UnknownInChain", V02, Set(kMaterial + "x509CertificateChain.root", "x"),
     "x509CertificateChain: unknown member \"root\""},
    {"UnknownInTimestamps", V03, Set(kMaterial + "timestampVerificationData.extra", 1),
     "timestampVerificationData: unknown member \"extra\""},
    {"UnknownInTimestamp", V03, Set(kStamp + ".extra", 1),
     "rfc3161Timestamps[0]: unknown member \"extra\""},
    {"UnknownInMessage", GoodMessage, Set("messageSignature.extra", 1),
     "$.messageSignature: unknown member \"extra\""},
    {"UnknownInDigest", GoodMessage, Set("messageSignature.messageDigest.extra", 1),
     "$.messageSignature.messageDigest: unknown member \"extra\""},
    {"UnknownInEnvelope", V03, Set("dsseEnvelope.extra", 1),
     "$.dsseEnvelope: unknown member \"extra\""},
};
INSTANTIATE_TEST_SUITE_P(Members, BundleRefuses, ::testing::ValuesIn(kRefusedMembers),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedContents[] = {
    {"NoContent", V03, Drop("dsseEnvelope"), "$: want one of"},
    {"BothContents", V03,
     [](json::Value v) {
       return With(std::move(v), "messageSignature",
                   testing::At(GoodMessage(), "messageSignature"));
     },
     "found both"},
    {"EnvelopeAsText", V03, Set("dsseEnvelope", "{}"), "$.dsseEnvelope: want object"},
    {"EmptyEnvelope", V03, Set("dsseEnvelope", json::Object{}), "$.dsseEnvelope"},
    {"TwoSignatures", V03, Set("dsseEnvelope.signatures.1", json::Object{{"sig", "AAAA"}}),
     "$.dsseEnvelope.signatures: want exactly one, found 2"},
    {"NoSignature", V03, Drop("dsseEnvelope.signatures.0"), "want exactly one, found 0"},
    {"NoMessageSignature", GoodMessage, Drop("messageSignature.signature"), "signature: missing"},
    {"EmptyMessageSignature", GoodMessage, Set("messageSignature.signature", ""), "want base64"},
    {"UrlSafeMessageSignature", GoodMessage, Set("messageSignature.signature", "-___"),
     "$.messageSignature.signature: want base64"},
    {"Sha1Digest", GoodMessage, Set("messageSignature.messageDigest.algorithm", "SHA1"),
     "$.messageSignature.messageDigest.algorithm", ErrorCode::kUnsupported},
    {"UnspecifiedDigest", GoodMessage,
     Set("messageSignature.messageDigest.algorithm", "HASH_ALGORITHM_UNSPECIFIED"), "algorithm",
     ErrorCode::kUnsupported},
    {"DigestAlgorithmAsNumber", GoodMessage, Set("messageSignature.messageDigest.algorithm", 1),
     "algorithm: want string"},
    {"NoDigestAlgorithm", GoodMessage, Drop("messageSignature.messageDigest.algorithm"),
     "algorithm: missing"},
    {"DigestOfOtherLength", GoodMessage,
     Set("messageSignature.messageDigest.digest", Base64(std::string(31, 'x'))),
     "digest: want 32 bytes, found 31"},
    {"NoDigest", GoodMessage, Drop("messageSignature.messageDigest.digest"), "digest: missing"},
};
INSTANTIATE_TEST_SUITE_P(Contents, BundleRefuses, ::testing::ValuesIn(kRefusedContents),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedSigners[] = {
    {"NoMaterial", V03, Drop("verificationMaterial"), "$.verificationMaterial: missing"},
    {"NullMaterial", V03, Set("verificationMaterial", json::Value()),
     "$.verificationMaterial: missing"},
    {"MaterialAsList", V03, Set("verificationMaterial", json::Array{}), "want object"},
    {"NoSigner", V03, Drop(kMaterial + "certificate"), "found 0"},
    {"KeyBesideCertificate", V03, Set(kMaterial + "publicKey", json::Object{}), "found 2"},
    {"ChainBesideCertificate", V02,
     Set(kMaterial + "certificate", testing::At(V03(), kMaterial + "certificate")), "found 2"},
    {"ChainInV03", V02, Set("mediaType", kBase + ".v0.3+json"),
     "$.verificationMaterial.x509CertificateChain: version 0.3 has none: want \"certificate\" "
     "(cosign: leave --certificate-chain out"},
    {"ChainInOlderNameOfV03", V02, Set("mediaType", kBase + "+json;version=0.3"),
     "version 0.3 has none"},
    {"EmptyChain", V02, Set(kMaterial + "x509CertificateChain.certificates", json::Array{}),
     "x509CertificateChain.certificates: empty"},
    {"NoCertificates", V02, Set(kMaterial + "x509CertificateChain", json::Object{}),
     "x509CertificateChain.certificates: empty"},
    {"RootInChain", V02, Set(kMaterial + "x509CertificateChain.certificates.2", RootCertificate()),
     "x509CertificateChain.certificates[2]: a root certificate"},
    {"RootInChainOfV01", V01,
     Set(kMaterial + "x509CertificateChain.certificates.1", RootCertificate()),
     "certificates[1]: a root certificate"},
    {"ChainTooLong", V02, [](json::Value v) { return Chain(std::move(v), kMaxChain + 1); },
     "certificates: want at most 10, found 11", ErrorCode::kResourceExhausted},
    {"NullCertificateInChain", V02,
     Set(kMaterial + "x509CertificateChain.certificates.0", json::Value()),
     "certificates[0]: want object, found null"},
    {"NoBytes", V03, Set(kMaterial + "certificate", json::Object{}), "rawBytes: missing"},
    {"CertificateInPem", V03,
     Set(kMaterial + "certificate.rawBytes", Base64("-----BEGIN CERTIFICATE-----")),
     "$.verificationMaterial.certificate"},
    {"BytesAfterCertificate", V03,
     [](json::Value v) {
       const auto der =
           crypto::Base64Decode(testing::TextAt(v, kMaterial + "certificate.rawBytes"));
       return With(std::move(v), kMaterial + "certificate.rawBytes", Base64(*der + "x"));
     },
     "$.verificationMaterial.certificate"},
    {"HintAsNumber", V03,
     [](json::Value v) { return KeyAlone(std::move(v), json::Object{{"hint", 1}}); },
     "hint: want string"},
    {"KeyInTheBundle", V03,
     [](json::Value v) { return KeyAlone(std::move(v), json::Object{{"rawBytes", "MAA="}}); },
     "$.verificationMaterial.publicKey: unknown member \"rawBytes\""},
    {"TooManyTimestamps", V03,
     [](json::Value v) { return Timestamps(std::move(v), kMaxTimestamps + 1); },
     "rfc3161Timestamps: want at most 32, found 33", ErrorCode::kResourceExhausted},
    {"LargeTimestamp", V03,
     Set(kStamp + ".signedTimestamp", Base64(std::string(kMaxTimestampBytes + 1, 'x'))),
     "rfc3161Timestamps[0]: want at most 65536 bytes", ErrorCode::kResourceExhausted},
    {"EmptyTimestamp", V03, Set(kStamp + ".signedTimestamp", ""), "want base64"},
    {"NoTimestamp", V03, Set(kStamp, json::Object{}), "signedTimestamp: missing"},
    {"TimestampsAsObject", V03,
     Set(kMaterial + "timestampVerificationData.rfc3161Timestamps", json::Object{}), "want array"},
};
INSTANTIATE_TEST_SUITE_P(Signers, BundleRefuses, ::testing::ValuesIn(kRefusedSigners),
                         [](const auto& one) { return std::string(one.param.name); });

// A member twice, each time with its good value: two readers could take different ones.
TEST(ParseBundle, RefusesDuplicatesAtEveryLevel) {
  const std::string good = json::Encode(V03());
  for (const std::string key :
       {"mediaType", "verificationMaterial", "dsseEnvelope", "certificate", "rawBytes",
        "tlogEntries", "logIndex", "keyId", "kind", "canonicalizedBody", "envelope", "rootHash",
        "payload", "payloadType", "signatures", "sig", "signedTimestamp"}) {
    const std::string name = "\"" + key + "\":";
    const std::size_t at = good.find(name);
    ASSERT_NE(at, good.npos) << key;
    EXPECT_THAT(ParseBundle(good.substr(0, at) + name + "null," + good.substr(at)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << key;
  }
}

TEST(ParseBundle, RefusesWhatIsNoDocument) {
  const std::string good = json::Encode(V03());
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""), good + "x",
        good + good, "\xEF\xBB\xBF" + good, good.substr(0, good.size() - 1),
        good + std::string(1, '\0')}) {
    EXPECT_THAT(ParseBundle(text), ErrorIs(ErrorCode::kInvalidArgument)) << text.substr(0, 40);
  }
}

TEST(ParseBundle, HoldsItsLimits) {
  const std::string good = json::Encode(V03());
  EXPECT_THAT(ParseBundle(good + std::string(kMaxBundleBytes - good.size(), ' ')), IsOk());
  EXPECT_THAT(ParseBundle(good + std::string(kMaxBundleBytes - good.size() + 1, ' ')),
              ErrorIs(ErrorCode::kResourceExhausted));
  std::string deep = "{\"mediaType\":";
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_THAT(ParseBundle(deep), ErrorIs(ErrorCode::kResourceExhausted));
}

// cosign sign-blob --bundle with --new-bundle-format=false.
TEST(ParseBundle, NamesTheFormatOfOldCosign) {
  const auto material = ParseBundle(
      R"({"base64Signature":"MEUCIQ==","cert":"LS0t","rekorBundle":{"SignedEntryTimestamp":"x"}})");
  ASSERT_FALSE(material);
  EXPECT_EQ(material.error().code(), ErrorCode::kUnsupported);
  EXPECT_TRUE(material.error().message().contains("cosign's own bundle"))
      << material.error().message();
}

}  // namespace
}  // namespace xzgate::signature::bundle_fixture
