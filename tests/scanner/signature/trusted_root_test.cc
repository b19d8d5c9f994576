#include "scanner/signature/trusted_root.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/crypto/digest.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::At;
using ::xzgate::testing::Base64;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::RootDocument;
using ::xzgate::testing::TestAuthority;
using ::xzgate::testing::TestKey;
using ::xzgate::testing::TestSigstore;
using ::xzgate::testing::Utc;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

json::Value Good() {
  return TestSigstore::Default().Root().ToJson();
}

Result<TrustedRoot> Parse(const json::Value& document) {
  return TrustedRoot::Parse(json::Encode(document), "test");
}

// Good(), its first log with another key.
json::Value WithKey(const std::string& bytes, const std::string& details) {
  return With(With(Good(), "tlogs.0.publicKey.rawBytes", Base64(bytes)),
              "tlogs.0.publicKey.keyDetails", details);
}

json::Value WithChain(const std::vector<std::string>& chain,
                      const std::string& list = "certificateAuthorities") {
  return With(Good(), list + ".0", ::xzgate::testing::ChainEntry(chain, "https://ca.test"));
}

TEST(TrustedRootTest, HoldsWhatTheDocumentSays) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const auto root = Parse(Good());
  ASSERT_THAT(root, IsOk());
  ASSERT_THAT(root->tlogs(), SizeIs(2));
  EXPECT_EQ(root->tlogs()[0].origin, sigstore.rekor.host());
  EXPECT_EQ(root->tlogs()[0].id, sigstore.rekor.Id());
  EXPECT_EQ(root->tlogs()[0].key.der(), sigstore.rekor.key().Spki());
  EXPECT_EQ(root->tlogs()[0].valid.start, ::xzgate::testing::kTrustStart);
  EXPECT_EQ(root->tlogs()[0].valid.end, std::nullopt);
  EXPECT_EQ(root->tlogs()[1].key.kind(), crypto::KeyKind::kEd25519);
  ASSERT_THAT(root->ctlogs(), SizeIs(1));
  ASSERT_THAT(root->certificate_authorities(), SizeIs(1));
  EXPECT_THAT(root->certificate_authorities()[0].chain, SizeIs(2));
  EXPECT_EQ(root->certificate_authorities()[0].chain[0].der(), sigstore.fulcio.der());
  ASSERT_THAT(root->timestamp_authorities(), SizeIs(1));
  EXPECT_EQ(root->timestamp_authorities()[0].chain[0].der(), sigstore.tsa.leaf().der);
  EXPECT_THAT(root->notes(), IsEmpty());
  EXPECT_EQ(root->name(), "test");
}

TEST(TrustedRootTest, IsNamedByTheDigestOfItsText) {
  const std::string text = json::Encode(Good(), 2);
  EXPECT_EQ(TrustedRoot::Parse(text, "a")->digest(),
            crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(text)));
}

struct AcceptCase {
  std::string name;
  std::function<json::Value()> document;
};

class TrustedRootAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(TrustedRootAccepts, WithoutNotes) {
  const auto root = Parse(GetParam().document());
  ASSERT_THAT(root, IsOk());
  EXPECT_THAT(root->notes(), IsEmpty());
  EXPECT_FALSE(root->tlogs().empty());
}

json::Value RsaRoot(KeyType type, const std::string& details) {
  return WithKey(TestKey::Shared(type).Spki(), details);
}

const AcceptCase kAccepted[] = {
    {"AsItIs", Good},
    {"MediaType01",
     [] {
       return With(Good(), "mediaType", "application/vnd.dev.sigstore.trustedroot.v0.1+json");
     }},
    {"MediaType02",
     [] {
       return With(Good(), "mediaType", "application/vnd.dev.sigstore.trustedroot.v0.2+json");
     }},
    {"EndIsNull", [] { return With(Good(), "tlogs.0.publicKey.validFor.end", json::Value()); }},
    {"EndIsStart",
     [] {
       return With(With(Good(), "tlogs.0.publicKey.validFor.start", "2025-01-01T00:00:00Z"),
                   "tlogs.0.publicKey.validFor.end", "2025-01-01T00:00:00Z");
     }},
    {"Fractions",
     [] { return With(Good(), "ctlogs.0.publicKey.validFor.end", "2030-12-31T23:59:59.999000Z"); }},
    {"Operator", [] { return With(Good(), "tlogs.0.operator", "sigstore.test"); }},
    {"OperatorOfAuthority",
     [] { return With(Good(), "certificateAuthorities.0.operator", "sigstore.test"); }},
    {"CheckpointKeyIdAlone",
     [] {
       return Without(With(Good(), "tlogs.1.checkpointKeyId",
                           json::Object{{"keyId", Base64("\x01\x02\x03\x04")}}),
                      "tlogs.1.logId");
     }},
    {"NoSubject", [] { return Without(Good(), "certificateAuthorities.0.subject"); }},
    {"NoUri", [] { return Without(Good(), "certificateAuthorities.0.uri"); }},
    {"NoTimestampAuthorities", [] { return Without(Good(), "timestampAuthorities"); }},
    {"OnlyLogs",
     [] {
       return Without(Without(Without(Good(), "timestampAuthorities"), "ctlogs"),
                      "certificateAuthorities");
     }},
    {"P384",
     [] { return WithKey(TestKey::Shared(KeyType::kP384).Spki(), "PKIX_ECDSA_P384_SHA_384"); }},
    {"P521",
     [] { return WithKey(TestKey::Shared(KeyType::kP521).Spki(), "PKIX_ECDSA_P521_SHA_512"); }},
    {"Rsa", [] { return RsaRoot(KeyType::kRsa2048, "PKIX_RSA_PKCS1V5"); }},
    {"Rsa2048", [] { return RsaRoot(KeyType::kRsa2048, "PKIX_RSA_PKCS1V15_2048_SHA256"); }},
    {"Rsa3072", [] { return RsaRoot(KeyType::kRsa3072, "PKIX_RSA_PKCS1V15_3072_SHA256"); }},
    {"RsaPss", [] { return RsaRoot(KeyType::kRsa2048, "PKIX_RSA_PSS_2048_SHA256"); }},
    {"RsaAsPkcs1",
     [] { return WithKey(TestKey::Shared(KeyType::kRsa2048).Pkcs1(), "PKCS1_RSA_PKCS1V5"); }},
    {"RootAlone", [] { return WithChain({TestSigstore::Default().fulcio.Chain().back()}); }},
    {"IntermediateAsAnchor", [] { return WithChain({TestSigstore::Default().fulcio.der()}); }},
    {"TimestampLeafAlone",
     [] { return WithChain({TestSigstore::Default().tsa.leaf().der}, "timestampAuthorities"); }},
};

INSTANTIATE_TEST_SUITE_P(Table, TrustedRootAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  std::function<json::Value()> document;
  std::string want;  // in the message
  ErrorCode code = ErrorCode::kInvalidArgument;
};

class TrustedRootRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(TrustedRootRejects, SayingWhere) {
  EXPECT_THAT(Parse(GetParam().document()), ErrorIs(GetParam().code, GetParam().want));
}

json::Value Repeat(const std::string& list, std::size_t times) {
  json::Value document = Good();
  const json::Value entry = At(document, list + ".0");
  json::Array entries;
  for (std::size_t i = 0; i < times; ++i) {
    // Ids must differ; of authorities nothing needs to.
    entries.push_back(
        list == "tlogs" ? With(entry, "logId.keyId", Base64(std::to_string(10'000 + i))) : entry);
  }
  return With(std::move(document), list, std::move(entries));
}

std::vector<std::string> Reversed(std::vector<std::string> chain) {
  return {chain.rbegin(), chain.rend()};
}

// An authority with the name of Fulcio's root, and another key.
const TestAuthority& Namesake() {
  static const TestAuthority authority =
      TestAuthority::Root(::xzgate::testing::RootWish("sigstore"));
  return authority;
}

const RejectCase kRejected[] = {
    {"NotAnObject", [] { return json::Value(json::Array{}); }, "$: want object"},
    {"NoMediaType", [] { return Without(Good(), "mediaType"); }, "mediaType: missing"},
    {"OtherMediaType",
     [] { return With(Good(), "mediaType", "application/vnd.dev.sigstore.trustedroot.v0.3+json"); },
     "$.mediaType", ErrorCode::kUnsupported},
    {"BundleForRoot",
     [] { return With(Good(), "mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"); },
     "$.mediaType", ErrorCode::kUnsupported},
    {"NothingInIt",
     [] { return json::Value(json::Object{{"mediaType", At(Good(), "mediaType")}}); },
     "no log and no authority"},
    {"EmptyLists", [] { return RootDocument{}.ToJson(); }, "no log and no authority"},
    {"UnknownMember", [] { return With(Good(), "signingConfig", "x"); }, "signingConfig"},
    {"UnknownMemberOfLog", [] { return With(Good(), "tlogs.1.url", "x"); }, "$.tlogs[1]"},
    {"UnknownMemberOfKey", [] { return With(Good(), "ctlogs.0.publicKey.hint", "x"); },
     "$.ctlogs[0].publicKey"},
    {"UnknownMemberOfValidity",
     [] { return With(Good(), "tlogs.0.publicKey.validFor.until", "x"); },
     "$.tlogs[0].publicKey.validFor"},
    {"UnknownMemberOfLogId", [] { return With(Good(), "tlogs.0.logId.hash", "x"); },
     "$.tlogs[0].logId"},
    {"UnknownMemberOfAuthority", [] { return With(Good(), "certificateAuthorities.0.url", "x"); },
     "$.certificateAuthorities[0]"},
    {"UnknownMemberOfSubject",
     [] { return With(Good(), "certificateAuthorities.0.subject.country", "x"); },
     "$.certificateAuthorities[0].subject"},
    {"UnknownMemberOfCertificate",
     [] { return With(Good(), "timestampAuthorities.0.certChain.certificates.0.pem", "x"); },
     "$.timestampAuthorities[0].certChain.certificates[0]"},
    {"SnakeCase",
     [] {
       const json::Value good = Good();
       return Without(With(good, "tlogs.0.base_url", At(good, "tlogs.0.baseUrl")),
                      "tlogs.0.baseUrl");
     },
     "base_url"},
    {"ListIsObject", [] { return With(Good(), "tlogs", json::Object{}); }, "tlogs: want array"},
    {"NoStart", [] { return Without(Good(), "tlogs.0.publicKey.validFor.start"); },
     "$.tlogs[0].publicKey.validFor: start: missing"},
    {"NoStartOfAuthority", [] { return Without(Good(), "timestampAuthorities.0.validFor.start"); },
     "$.timestampAuthorities[0].validFor: start: missing"},
    {"StartIsNull", [] { return With(Good(), "ctlogs.0.publicKey.validFor.start", json::Value()); },
     "$.ctlogs[0].publicKey.validFor: start: missing"},
    {"NoValidity", [] { return Without(Good(), "tlogs.0.publicKey.validFor"); },
     "$.tlogs[0].publicKey.validFor: missing"},
    {"NoValidityOfAuthority", [] { return Without(Good(), "certificateAuthorities.0.validFor"); },
     "$.certificateAuthorities[0].validFor: missing"},
    {"StartIsNoTime", [] { return With(Good(), "tlogs.0.publicKey.validFor.start", "2025-01-01"); },
     "$.tlogs[0].publicKey.validFor.start: time"},
    {"EndIsEmpty", [] { return With(Good(), "tlogs.0.publicKey.validFor.end", ""); },
     "$.tlogs[0].publicKey.validFor.end: time"},
    {"EndBeforeStart",
     [] { return With(Good(), "tlogs.0.publicKey.validFor.end", "2024-12-31T23:59:59Z"); },
     "before it starts"},
    {"StartIsANumber", [] { return With(Good(), "tlogs.0.publicKey.validFor.start", 1735689600); },
     "start: want string"},
    {"NoKey", [] { return Without(Good(), "tlogs.0.publicKey"); }, "$.tlogs[0].publicKey: missing"},
    {"NoKeyBytes", [] { return Without(Good(), "tlogs.0.publicKey.rawBytes"); },
     "rawBytes: missing"},
    {"KeyIsNoBase64",
     [] {
       return With(Good(), "tlogs.0.publicKey.rawBytes",
                   "MFkw"
                   "E");
     },
     "$.tlogs[0].publicKey.rawBytes: want base64"},
    {"KeyIsCut",
     [] {
       return WithKey(TestSigstore::Default().rekor.key().Spki().substr(0, 60),
                      "PKIX_ECDSA_P256_SHA_256");
     },
     "$.tlogs[0].publicKey.rawBytes"},
    {"KeyWithMoreAfterIt",
     [] {
       return WithKey(TestSigstore::Default().rekor.key().Spki() + "x", "PKIX_ECDSA_P256_SHA_256");
     },
     "$.tlogs[0].publicKey.rawBytes"},
    {"NoKeyDetails", [] { return Without(Good(), "tlogs.0.publicKey.keyDetails"); },
     "keyDetails: missing"},
    {"KeyDetailsOfAnotherKind",
     [] { return With(Good(), "tlogs.0.publicKey.keyDetails", "PKIX_ED25519"); },
     "keyDetails say \"PKIX_ED25519\""},
    {"KeyDetailsOfAnotherSize",
     [] { return RsaRoot(KeyType::kRsa2048, "PKIX_RSA_PKCS1V15_3072_SHA256"); }, "2048 bits"},
    {"SpkiSaidToBePkcs1", [] { return RsaRoot(KeyType::kRsa2048, "PKCS1_RSA_PKCS1V5"); },
     "$.tlogs[0].publicKey.rawBytes"},
    {"NoLogId", [] { return Without(Good(), "tlogs.0.logId"); }, "$.tlogs[0].logId: missing"},
    {"EmptyLogId", [] { return With(Good(), "tlogs.0.logId.keyId", ""); },
     "$.tlogs[0].logId.keyId"},
    {"LongLogId", [] { return With(Good(), "tlogs.0.logId.keyId", Base64(std::string(65, 'x'))); },
     "at most 64 bytes"},
    {"TwoLogsWithOneId",
     [] {
       const json::Value good = Good();
       return With(good, "tlogs.1.logId.keyId", At(good, "tlogs.0.logId.keyId"));
     },
     "two logs have the id"},
    {"NoBaseUrl", [] { return Without(Good(), "tlogs.0.baseUrl"); }, "baseUrl: missing"},
    {"BaseUrlWithoutHost", [] { return With(Good(), "tlogs.0.baseUrl", "https:///path"); },
     "no host"},
    {"NoHashAlgorithm", [] { return Without(Good(), "tlogs.0.hashAlgorithm"); },
     "hashAlgorithm: missing"},
    {"NoChain", [] { return Without(Good(), "certificateAuthorities.0.certChain"); },
     "certChain: missing"},
    {"EmptyChain", [] { return WithChain({}); }, "certificates: empty"},
    {"ChainReversed", [] { return WithChain(Reversed(TestSigstore::Default().fulcio.Chain())); },
     "is not issued by the next"},
    {"TimestampChainReversed",
     [] {
       return WithChain(Reversed(TestSigstore::Default().tsa.Chain()), "timestampAuthorities");
     },
     "is not issued by the next"},
    {"IssuerOfTheNameWithAnotherKey",
     [] { return WithChain({TestSigstore::Default().fulcio.der(), Namesake().der()}); },
     "is not issued by the next"},
    {"LeafAsAuthority", [] { return WithChain({TestSigstore::Default().IssueLeaf({}).der}); },
     "is no certificate authority"},
    {"CertificateIsNone", [] { return WithChain({"no certificate"}); },
     "$.certificateAuthorities[0].certChain.certificates[0]"},
    {"CertificateWithMoreAfterIt", [] { return WithChain({Namesake().der() + "x"}); },
     "$.certificateAuthorities[0].certChain.certificates[0]"},
    {"ElevenCertificates", [] { return WithChain(std::vector<std::string>(11, Namesake().der())); },
     "certificates: want at most 10, found 11", ErrorCode::kResourceExhausted},
    {"SixtyFiveLogs", [] { return Repeat("tlogs", 65); }, "$.tlogs: want at most 64",
     ErrorCode::kResourceExhausted},
    {"SixtyFiveAuthorities", [] { return Repeat("timestampAuthorities", 65); },
     "$.timestampAuthorities: want at most 64", ErrorCode::kResourceExhausted},
};

INSTANTIATE_TEST_SUITE_P(Table, TrustedRootRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

TEST(TrustedRootTest, TakesAsManyAsTheLimits) {
  EXPECT_THAT(Parse(Repeat("tlogs", 64)), IsOk());
  EXPECT_THAT(Parse(Repeat("timestampAuthorities", 64)), IsOk());
  EXPECT_THAT(Parse(WithChain(std::vector<std::string>(10, Namesake().der()))), IsOk());
}

TEST(TrustedRootTest, RefusesTextThatIsNoStrictJson) {
  const std::string good = json::Encode(Good());
  EXPECT_THAT(TrustedRoot::Parse("", "t"), ErrorIs(ErrorCode::kInvalidArgument, "\"t\""));
  EXPECT_THAT(TrustedRoot::Parse(good + "{}", "t"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(TrustedRoot::Parse("\xEF\xBB\xBF" + good, "t"), ErrorIs(ErrorCode::kInvalidArgument));
  // One key twice, and once more in another case.
  const std::string open = R"({"tlogs":[],)";
  EXPECT_THAT(TrustedRoot::Parse(open + good.substr(1), "t"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(TrustedRoot::Parse(R"({"tLogs":[],)" + good.substr(1), "t"),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(TrustedRoot::Parse(good + std::string(TrustedRoot::kMaxBytes, ' '), "t"),
              ErrorIs(ErrorCode::kResourceExhausted));
}

struct OriginCase {
  std::string name;
  std::string url;
  std::string want;
};

class TrustedRootOrigin : public ::testing::TestWithParam<OriginCase> {};

TEST_P(TrustedRootOrigin, IsTheHostOfTheUrl) {
  const auto root = Parse(With(Good(), "tlogs.0.baseUrl", GetParam().url));
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ(root->tlogs()[0].origin, GetParam().want);
}

const OriginCase kOrigins[] = {
    {"Host", "https://log.test", "log.test"},
    {"Path", "https://log.test/api/v2", "log.test"},
    {"Port", "http://127.0.0.1:3003", "127.0.0.1"},
    {"PortAndPath", "http://log.test:3003/", "log.test"},
    {"NoScheme", "log.test/2026", "log.test"},
    {"NoSchemeWithPort", "log.test:443", "log.test"},
    {"Query", "https://log.test?x=https://other.test", "log.test"},
    {"Ipv6", "http://[::1]:3003/", "::1"},
    {"CaseIsKept", "https://Log.test", "Log.test"},
};

INSTANTIATE_TEST_SUITE_P(Table, TrustedRootOrigin, ::testing::ValuesIn(kOrigins),
                         [](const auto& param) { return param.param.name; });

struct SkipCase {
  std::string name;
  std::function<json::Value()> document;
  std::string want;  // in the note
};

class TrustedRootSkips : public ::testing::TestWithParam<SkipCase> {};

TEST_P(TrustedRootSkips, ALogThatItCannotUse) {
  const auto root = Parse(GetParam().document());
  ASSERT_THAT(root, IsOk());
  EXPECT_THAT(root->tlogs(), SizeIs(1));
  EXPECT_THAT(root->notes(),
              ElementsAre(::testing::AllOf(HasSubstr("$.tlogs[0]"), HasSubstr(GetParam().want))));
}

const SkipCase kSkipped[] = {
    {"FutureKind", [] { return With(Good(), "tlogs.0.publicKey.keyDetails", "PKIX_FALCON_512"); },
     "PKIX_FALCON_512"},
    {"MlDsa", [] { return With(Good(), "tlogs.0.publicKey.keyDetails", "ML_DSA_65"); },
     "ML_DSA_65"},
    {"ShortRsa", [] { return RsaRoot(KeyType::kRsa1024, "PKIX_RSA_PKCS1V5"); }, "1024"},
    {"OtherHash", [] { return With(Good(), "tlogs.0.hashAlgorithm", "SHA3_256"); }, "SHA3_256"},
};

INSTANTIATE_TEST_SUITE_P(Table, TrustedRootSkips, ::testing::ValuesIn(kSkipped),
                         [](const auto& param) { return param.param.name; });

TEST(TrustedRootTest, RefusesBadValidityEvenOfALogThatItCannotUse) {
  const json::Value skipped = With(Good(), "tlogs.0.publicKey.keyDetails", "ML_DSA_65");
  EXPECT_THAT(Parse(Without(skipped, "tlogs.0.publicKey.validFor.start")),
              ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ValidityTest, HasBothOfItsEnds) {
  using std::chrono::milliseconds;
  const Validity valid{.start = Utc(2025, 1, 1), .end = Utc(2026, 1, 1)};
  EXPECT_FALSE(valid.Covers(Utc(2025, 1, 1) - milliseconds(1)));
  EXPECT_TRUE(valid.Covers(Utc(2025, 1, 1)));
  EXPECT_TRUE(valid.Covers(Utc(2026, 1, 1)));
  EXPECT_FALSE(valid.Covers(Utc(2026, 1, 1) + milliseconds(1)));
  EXPECT_TRUE(Validity{.start = Utc(2025, 1, 1)}.Covers(Utc(9999, 1, 1)));
}

TEST(TrustedRootTest, ExpiresWithTheFirstKindThatNothingIsLeftOf) {
  const auto authority_end = Parse(Good())->certificate_authorities()[0].chain[0].not_after();
  EXPECT_EQ(Parse(Good())->expires(), authority_end);
  const json::Value ct = With(Good(), "ctlogs.0.publicKey.validFor.end", "2027-01-01T00:00:00Z");
  EXPECT_EQ(Parse(ct)->expires(), Utc(2027, 1, 1));
  // One log of two goes on, and so do its timestamps.
  const json::Value log = With(Good(), "tlogs.0.publicKey.validFor.end", "2027-01-01T00:00:00Z");
  EXPECT_EQ(Parse(log)->expires(), authority_end);
  const json::Value ca =
      With(Good(), "certificateAuthorities.0.validFor.end", "2028-01-01T00:00:00Z");
  EXPECT_EQ(Parse(ca)->expires(), Utc(2028, 1, 1));
}

TEST(TrustedRootTest, NeverExpiresWhenItHasOnlyLogsWithoutEnd) {
  const json::Value logs =
      Without(Without(Without(Good(), "timestampAuthorities"), "ctlogs"), "certificateAuthorities");
  EXPECT_EQ(Parse(logs)->expires(), std::nullopt);
}

}  // namespace
}  // namespace xzgate::signature
