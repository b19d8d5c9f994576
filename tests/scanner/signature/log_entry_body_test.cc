#include "scanner/signature/log_entry_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/scanner/signature/log_fixture.h"

namespace xzgate::signature::log_fixture {
namespace {

class LogBindingRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(LogBindingRejects, SayingWhatIsWrong) {
  Signature signature = Sign(GetParam().what, GetParam().by);
  const LogEntry entry = GetParam().entry(signature);
  EXPECT_THAT(Check(entry, signature), ErrorIs(GetParam().code, GetParam().want));
}

// Entries that the log vouches for, with another body.

void OtherSignature(EntryContent& content) {
  content.signature = TestKey::Shared(kP256).Sign("something else");
}
void OtherKey(EntryContent& content) {
  content.verifier = TestKey::Shared(kP256, 1).Spki();
  content.is_certificate = false;
}
void OtherCertificate(EntryContent& content) {
  content.verifier = Sigstore().IssueLeaf({.issuer = "https://other.test"}).der;
  content.is_certificate = true;
}
// The key of the certificate, without its certificate.
void BareKey(EntryContent& content) {
  content.verifier = TestKey::Shared(kP256).Spki();
  content.is_certificate = false;
}
void OtherDigest(EntryContent& content) {
  content.digest = Hash(crypto::Algorithm::kSha256, "something else");
}
void OtherPayload(EntryContent& content) {
  content.payload += " ";
}

const std::string kHex64(64, '0');

const RejectCase kBadBindings[] = {
    {"DocumentOtherSignature", What::kDocument, kCert, WithContent(V1Hashed, OtherSignature),
     "another signature"},
    {"DocumentOtherCertificate", What::kDocument, kCert, WithContent(V1Hashed, OtherCertificate),
     "another certificate"},
    {"DocumentBareKey", What::kDocument, kCert, WithContent(V1Hashed, BareKey),
     "another certificate"},
    {"DocumentOtherKey", What::kDocument, By::kKey, WithContent(V1Hashed, OtherKey), "another key"},
    {"DocumentCertificateForKey", What::kDocument, By::kKey,
     WithContent(V1Hashed, OtherCertificate), "another key"},
    {"DocumentOtherDigest", What::kDocument, kCert, WithContent(V1Hashed, OtherDigest),
     "another digest"},
    {"BlobOtherDigest", What::kBlob, kCert, WithContent(V1Hashed, OtherDigest), "another digest"},
    {"BlobWithoutADigestToCompare", What::kBlob, kCert,
     [](Signature& s) {
       s.artifact_digest.clear();
       return V1Hashed(s.content);
     },
     "another digest"},
    {"BlobByAHashThatIsNotKnown", What::kBlob, kCert,
     WithContent(V1Hashed,
                 [](EntryContent& c) {
                   c.algorithm = crypto::Algorithm::kSha512;
                   c.digest = Hash(c.algorithm, kSimpleDocument);
                 }),
     "another digest"},
    {"DocumentInDsse", What::kDocument, kCert, WithContent(V1Dsse, [](EntryContent&) {}),
     "another digest"},
    {"DocumentInDsseOfItself", What::kDocument, kCert,
     WithContent(V1Dsse, [](EntryContent& c) { c.payload = kSimpleDocument; }), "another digest"},
    {"DsseOtherSignature", What::kEnvelope, kCert, WithContent(V1Dsse, OtherSignature),
     "another signature"},
    {"DsseOtherCertificate", What::kEnvelope, kCert, WithContent(V1Dsse, OtherCertificate),
     "another certificate"},
    {"DsseOtherKey", What::kEnvelope, By::kKey, WithContent(V1Dsse, OtherKey), "another key"},
    {"DsseOtherPayload", What::kEnvelope, kCert, WithContent(V1Dsse, OtherPayload),
     "another digest"},
    {"DsseAsHashedRekordOfThePayload", What::kEnvelope, kCert,
     WithContent(V1Hashed,
                 [](EntryContent& c) { c.digest = Hash(crypto::Algorithm::kSha256, kPayload); }),
     "another digest"},
    {"IntotoOtherSignature", What::kEnvelope, kCert, WithContent(V1Intoto, OtherSignature),
     "another signature"},
    {"IntotoOtherCertificate", What::kEnvelope, kCert, WithContent(V1Intoto, OtherCertificate),
     "another certificate"},
    {"IntotoOtherPayload", What::kEnvelope, kCert, WithContent(V1Intoto, OtherPayload),
     "another digest"},
    {"V2OtherSignature", What::kEnvelope, kCert, WithContent(V2Hashed, OtherSignature),
     "another signature"},
    {"V2OtherCertificate", What::kEnvelope, kCert, WithContent(V2Hashed, OtherCertificate),
     "another certificate"},
    {"V2BareKey", What::kEnvelope, kCert, WithContent(V2Hashed, BareKey), "another certificate"},
    {"V2OtherKey", What::kEnvelope, By::kKey, WithContent(V2Hashed, OtherKey), "another key"},
    {"V2OtherDigest", What::kEnvelope, kCert, WithContent(V2Hashed, OtherDigest), "another digest"},
    {"V2DigestOfThePayload", What::kEnvelope, kCert,
     WithContent(V2Hashed,
                 [](EntryContent& c) { c.digest = Hash(crypto::Algorithm::kSha256, kPayload); }),
     "another digest"},
    {"V2CertificateWithMoreAfterIt", What::kEnvelope, kCert,
     WithContent(V2Hashed, [](EntryContent& c) { c.verifier += '\0'; }), "another certificate"},
};

INSTANTIATE_TEST_SUITE_P(Bindings, LogBindingRejects, ::testing::ValuesIn(kBadBindings),
                         [](const auto& param) { return param.param.name; });

const RejectCase kBadBodies[] = {
    {"NotJson", What::kEnvelope, kCert,
     [](Signature& s) {
       TestLogEntry entry = Sigstore().rekor.Add(DsseV1(s.content), {.tree_size = 1, .index = 0});
       entry.body = "null";
       entry.has_proof = false;
       entry.set = Sigstore().rekor.SignEntry(entry);
       s.material.format = Format::kBundleV01;
       return ToEntry(entry);
     },
     "want object"},
    {"SpecIsNull", What::kEnvelope, kCert, WithBody("spec", json::Value()), "$.spec: missing"},
    {"SpecIsArray", What::kEnvelope, kCert, WithBody("spec", json::Array{}), "$.spec: want object"},
    {"UnknownMember", What::kEnvelope, kCert, WithBody("x", 1), "unknown member \"x\""},
    {"UnknownMemberOfSpec", What::kEnvelope, kCert, WithBody("spec.x", 1), "$.spec: unknown"},
    {"UnknownMemberOfSignature", What::kEnvelope, kCert, WithBody("spec.signatures.0.x", 1),
     "$.spec.signatures[0]: unknown"},
    {"NoSignatures", What::kEnvelope, kCert, WithBody("spec.signatures", json::Array{}),
     "want one, found 0"},
    {"TwoSignatures", What::kEnvelope, kCert,
     [](Signature& s) {
       const json::Value body = DsseV1(s.content);
       return Add1(
           With(body, "spec.signatures.1", ::xzgate::testing::At(body, "spec.signatures.0")));
     },
     "want one, found 2"},
    {"SignatureIsNumber", What::kEnvelope, kCert, WithBody("spec.signatures.0.signature", 1),
     "want string"},
    {"SignatureIsNoBase64", What::kEnvelope, kCert, WithBody("spec.signatures.0.signature", "!"),
     "want base64"},
    {"SignatureIsEmpty", What::kEnvelope, kCert, WithBody("spec.signatures.0.signature", ""),
     "want base64"},
    {"VerifierIsNoPem", What::kEnvelope, kCert,
     WithBody("spec.signatures.0.verifier", Base64("key")), "$.spec.signatures[0].verifier"},
    {"VerifierWithMoreAfterIt", What::kEnvelope, kCert,
     [](Signature& s) {
       return Add1(With(DsseV1(s.content), "spec.signatures.0.verifier",
                        Base64(s.content.VerifierPem() + "x")));
     },
     "$.spec.signatures[0].verifier"},
    {"TwoCertificates", What::kEnvelope, kCert,
     [](Signature& s) {
       return Add1(With(DsseV1(s.content), "spec.signatures.0.verifier",
                        Base64(s.content.VerifierPem() + s.content.VerifierPem())));
     },
     "$.spec.signatures[0].verifier"},
    {"PayloadHashIsSha1", What::kEnvelope, kCert, WithBody("spec.payloadHash.algorithm", "sha1"),
     "hash \"sha1\"", ErrorCode::kUnsupported},
    {"PayloadHashIsShort", What::kEnvelope, kCert, WithBody("spec.payloadHash.value", "00"),
     "want 32 bytes"},
    {"PayloadHashIsNoHex", What::kEnvelope, kCert, WithBody("spec.payloadHash.value", "zz"),
     "want hex"},
    {"PayloadHashIsAnother", What::kEnvelope, kCert, WithBody("spec.payloadHash.value", kHex64),
     "another digest"},
    {"PayloadHashIsMissing", What::kEnvelope, kCert, WithBody("spec.payloadHash", json::Value()),
     "$.spec.payloadHash: missing"},
    {"DataHashIsAnother", What::kDocument, kCert, WithBody("spec.data.hash.value", kHex64),
     "another digest"},
    {"DataIsMissing", What::kDocument, kCert, WithBody("spec.data", json::Value()),
     "$.spec.data: missing"},
    {"KeyIsMissing", What::kDocument, kCert, WithBody("spec.signature.publicKey", json::Value()),
     "publicKey: missing"},
    {"SignatureOnceEncodedInIntoto", What::kEnvelope, kCert,
     [](Signature& s) {
       return Add1(With(IntotoV2(s.content), "spec.content.envelope.signatures.0.sig",
                        Base64(s.content.signature)));
     },
     "base64 of base64"},
    {"V2TwoVerifiers", What::kEnvelope, kCert,
     WithBody2("signature.verifier.publicKey", json::Object{{"rawBytes", Base64("key")}}),
     "want publicKey or x509Certificate"},
    {"V2NoVerifier", What::kEnvelope, kCert,
     WithBody2("signature.verifier.x509Certificate", json::Value()),
     "want publicKey or x509Certificate"},
    {"V2HashInV1Spelling", What::kEnvelope, kCert, WithBody2("data.algorithm", "sha256"),
     "hash \"sha256\"", ErrorCode::kUnsupported},
    {"V2HashOfAnotherLength", What::kEnvelope, kCert, WithBody2("data.algorithm", "SHA2_512"),
     "want 64 bytes"},
    {"V2UnknownMember", What::kEnvelope, kCert, WithBody2("x", 1), "unknown member"},
    {"KindInsideIsAnother", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.kind = "hashedrekord"; }), "said to be \"hashedrekord\""},
    {"VersionInsideIsAnother", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = WithoutSet(V1Hashed(s.content));
       entry.version = "0.0.2";
       return entry;
     },
     "said to be \"hashedrekord\" \"0.0.2\""},
    {"KindIsNotKnown", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.kind = "alpine"; }),
     "kind \"alpine\"", ErrorCode::kUnsupported},
    {"VersionIsNotKnown", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.version = "0.0.9"; }),
     "version \"0.0.9\"", ErrorCode::kUnsupported},
    {"KindIsRekord", What::kEnvelope, kCert,
     [](Signature& s) { return Add1(With(DsseV1(s.content), "kind", "rekord")); },
     "kind \"rekord\"", ErrorCode::kUnsupported},
    {"IntotoOfTheFirstVersion", What::kEnvelope, kCert,
     [](Signature& s) { return Add1(With(IntotoV2(s.content), "apiVersion", "0.0.1")); },
     "kind \"intoto\"", ErrorCode::kUnsupported},
};

INSTANTIATE_TEST_SUITE_P(Bodies, LogBindingRejects, ::testing::ValuesIn(kBadBodies),
                         [](const auto& param) { return param.param.name; });

TEST(LogEntryBodyTest, HasALimit) {
  const std::string body = json::Encode(DsseV1(Sign(What::kEnvelope, kCert).content));
  const std::string padding(LogEntryBody::kMaxBytes - body.size(), ' ');
  EXPECT_THAT(ParseLogEntryBody(body + padding, "dsse", "0.0.1"), IsOk());
  EXPECT_THAT(ParseLogEntryBody(body + padding + " ", "dsse", "0.0.1"),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(LogEntryBodyTest, RefusesOneKeyTwice) {
  const std::string body = json::Encode(DsseV1(Sign(What::kEnvelope, kCert).content));
  EXPECT_THAT(ParseLogEntryBody(R"({"kind":"dsse",)" + body.substr(1), "dsse", "0.0.1"),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseLogEntryBody(R"({"Kind":"dsse",)" + body.substr(1), "dsse", "0.0.1"),
              ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate::signature::log_fixture
