#include "scanner/signature/timestamp.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "scanner/signature/bundle.h"
#include "scanner/signature/timestamp_info.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_der.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ErrorIs;
using testing::IsOk;
using testing::IssueWish;
using testing::KeyType;
using testing::kNow;
using testing::kSignedAt;
using testing::RootDocument;
using testing::RootEntry;
using testing::RootWish;
using testing::TestAuthority;
using testing::TestKey;
using testing::TestSigstore;
using testing::TestTsa;
using testing::TimestampWish;
using testing::TsaLeafWish;
using testing::Utc;
using testing::ValidFor;

constexpr std::string_view kSignature = "raw bytes of a signature";

TrustedRoot RootOf(json::Array authorities) {
  RootDocument document = TestSigstore::Default().Root();
  document.timestamp_authorities = std::move(authorities);
  const auto root = TrustedRoot::Parse(document.Text(), "test");
  EXPECT_THAT(root, IsOk());
  return *root;
}

const TestTsa& Tsa() {
  return TestSigstore::Default().tsa;
}

// Another leaf by the authority of Tsa().
testing::Issued OtherLeaf(const IssueWish& wish = TsaLeafWish("other leaf")) {
  return Tsa().authority().Issue(wish, TestKey::Shared(KeyType::kP256, 1));
}

// Of a TSTInfo; nobody knows it.
std::string Extension(bool critical) {
  using namespace testing::der;
  return Tlv(0xA1, Sequence({Oid("1.2.3.4"), critical ? Boolean(true) : "", OctetString("x")}));
}

struct AcceptCase {
  std::string name;
  TimestampWish stamp = {};
  WallTime want = kSignedAt;
  ValidFor valid = {};
  WallTime now = kNow;
  std::function<TestTsa()> tsa = Tsa;
};

class CheckTimestampAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(CheckTimestampAccepts, WithTimeAndAuthority) {
  const AcceptCase& c = GetParam();
  const TestTsa tsa = c.tsa();
  const auto time = CheckTimestamp(tsa.Stamp(kSignature, c.stamp), kSignature,
                                   RootOf({RootEntry(tsa, c.valid)}), c.now);
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(c.want, time->time());
  EXPECT_EQ("https://" + tsa.name(), time->authority());
}

TestTsa TsaWith(KeyType key) {
  return TestTsa::Create("tsa.test", TsaLeafWish("leaf"), TestKey::Shared(key));
}

TestTsa TsaWith(const std::function<void(IssueWish&)>& change) {
  IssueWish wish = TsaLeafWish("leaf");
  change(wish);
  return TestTsa::Create("tsa.test", wish, TestKey::Shared(KeyType::kP256));
}

TestTsa TsaBelowAnIntermediate() {
  const TestAuthority root = TestAuthority::Root(RootWish("root"));
  const TestAuthority middle =
      root.Intermediate(testing::IntermediateWish("middle", "timeStamping"));
  return {"tsa.test", middle, middle.Issue(TsaLeafWish("leaf"))};
}

const AcceptCase kAccepted[] = {
    {.name = "Plain"},
    {.name = "WithoutItsCertificate", .stamp = {.embed_certificate = false}},
    {.name = "WithNonce", .stamp = {.nonce = 0x0123456789abcdef}},
    {.name = "WithAnExtension", .stamp = {.tst_extensions = Extension(false)}},
    {.name = "EssVersion1", .stamp = {.ess = TimestampWish::Ess::kV1}},
    {.name = "ImprintBySha384", .stamp = {.imprint = crypto::Algorithm::kSha384}},
    {.name = "ImprintBySha512", .stamp = {.imprint = crypto::Algorithm::kSha512}},
    {.name = "SignedBySha512", .stamp = {.hash = crypto::Algorithm::kSha512}},
    {.name = "Rsa", .tsa = [] { return TsaWith(KeyType::kRsa2048); }},
    {.name = "EcdsaP384",
     .stamp = {.hash = crypto::Algorithm::kSha384},
     .tsa = [] { return TsaWith(KeyType::kP384); }},
    {.name = "BelowAnIntermediate", .tsa = TsaBelowAnIntermediate},
    {.name = "HalfASecond",
     .stamp = {.raw_time = "20260601000100.5Z"},
     .want = kSignedAt + milliseconds(500)},
    {.name = "AtTheStartOfItsTrust", .valid = {.start = kSignedAt}},
    {.name = "AtTheEndOfItsTrust", .valid = {.end = kSignedAt}},
    {.name = "AtTheStartOfItsCertificate",
     .tsa = [] { return TsaWith([](IssueWish& wish) { wish.not_before = kSignedAt; }); }},
    {.name = "AtTheEndOfItsCertificate",
     .tsa = [] { return TsaWith([](IssueWish& wish) { wish.not_after = kSignedAt; }); }},
    {.name = "CertificateHasEndedSince",
     .tsa = [] { return TsaWith([](IssueWish& wish) { wish.not_after = kNow - seconds(1); }); }},
    {.name = "OneMinuteAheadOfUs", .now = kSignedAt - minutes(1)},
    // Certificates that come with a token decide nothing, whatever they are.
    {.name = "OtherCertificatesInTheBag",
     .stamp = {.first_in_bag = {TestSigstore::Default().fulcio.der()},
               .last_in_bag = {Tsa().authority().der()}}},
};

INSTANTIATE_TEST_SUITE_P(Table, CheckTimestampAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  ErrorCode code = ErrorCode::kIntegrity;
  std::string text = {};
  TimestampWish stamp = {};
  ValidFor valid = {};
  WallTime now = kNow;
  std::function<TestTsa()> tsa = Tsa;
  std::string signature = std::string(kSignature);
};

class CheckTimestampRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(CheckTimestampRejects, WithTheRightCode) {
  const RejectCase& c = GetParam();
  const TestTsa tsa = c.tsa();
  EXPECT_THAT(CheckTimestamp(tsa.Stamp(kSignature, c.stamp), c.signature,
                             RootOf({RootEntry(tsa, c.valid)}), c.now),
              ErrorIs(c.code, c.text));
}

constexpr ErrorCode kInvalid = ErrorCode::kInvalidArgument;

const RejectCase kRejected[] = {
    // What it is about.
    {.name = "OtherSignature", .text = "imprint", .signature = "raw bytes of another"},
    {.name = "NoSignature", .text = "imprint", .signature = ""},
    {.name = "ImprintOfSomethingElse",
     .text = "imprint",
     .stamp = {.imprint_digest = std::string(32, 'x')}},
    {.name = "ImprintTooShort",
     .code = kInvalid,
     .text = "want 32 bytes, found 20",
     .stamp = {.imprint_digest = std::string(20, 'x')}},
    {.name = "ImprintBySha1",
     .code = ErrorCode::kUnsupported,
     .text = "hash of the imprint",
     .stamp = {.imprint = crypto::Algorithm::kSha1}},
    // The answer.
    {.name = "Rejection",
     .code = kInvalid,
     .text = "granted",
     .stamp = {.status = 2, .has_token = false}},
    {.name = "RejectionWithToken", .code = kInvalid, .stamp = {.status = 2}},
    {.name = "GrantedWithModifications",
     .code = kInvalid,
     .text = "granted",
     .stamp = {.status = 1}},
    {.name = "NoToken", .code = kInvalid, .stamp = {.has_token = false}},
    {.name = "BytesAfterIt", .code = kInvalid, .text = "TimeStampResp", .stamp = {.trailing = "x"}},
    {.name = "BytesAfterTheInfo",
     .code = kInvalid,
     .text = "TSTInfo",
     .stamp = {.tst_trailing = "x"}},
    {.name = "Version2", .code = kInvalid, .text = "version", .stamp = {.version = 2}},
    {.name = "OtherContentType",
     .code = kInvalid,
     .stamp = {.content_type = "1.2.840.113549.1.7.1"}},
    {.name = "OtherSignedContentType",
     .code = kInvalid,
     .text = "content type",
     .stamp = {.signed_content_type = "1.2.840.113549.1.7.1"}},
    {.name = "NoSignedContentType",
     .code = kInvalid,
     .text = "content type",
     .stamp = {.signed_content_type = ""}},
    {.name = "NoSignedAttributes", .code = kInvalid, .stamp = {.signed_attributes = false}},
    {.name = "CriticalExtension",
     .code = ErrorCode::kUnsupported,
     .text = "critical extension",
     .stamp = {.tst_extensions = Extension(true)}},
    {.name = "NoSigner", .code = kInvalid, .text = "signers", .stamp = {.signers = 0}},
    {.name = "TwoSigners", .code = kInvalid, .text = "signers", .stamp = {.signers = 2}},
    // The signature.
    {.name = "OneBitOff", .text = "signature", .stamp = {.break_signature = true}},
    {.name = "SignedBySha1",
     .code = ErrorCode::kUnsupported,
     .text = "hash of the signature",
     .stamp = {.hash = crypto::Algorithm::kSha1}},
    {.name = "OtherMessageDigest",
     .text = "signature",
     .stamp = {.message_digest = std::string(32, 'x')}},
    {.name = "NoEssAttribute", .text = "attribute", .stamp = {.ess = TimestampWish::Ess::kNone}},
    {.name = "EssOfAnotherCertificate",
     .text = "attribute",
     .stamp = {.ess_certificate = TestSigstore::Default().fulcio.der()}},
    {.name = "EssOfTheIssuer",
     .text = "attribute",
     .stamp = {.ess_certificate = Tsa().authority().der()}},
    // Who signed: CVE-2026-39984.
    {.name = "OtherLeafOfTheAuthority", .text = "no authority", .stamp = {.signer = OtherLeaf()}},
    {.name = "OtherLeafThatSaysToBeTheLeaf",
     .text = "signature",
     .stamp = {.signer = OtherLeaf(), .signer_name_of = Tsa().leaf().der}},
    {.name = "OtherLeafBehindTheRealOne",
     .text = "no authority",
     .stamp = {.first_in_bag = {Tsa().leaf().der}, .signer = OtherLeaf()}},
    {.name = "StrangerBehindTheRealOne",
     .text = "no authority",
     .stamp = {.first_in_bag = {Tsa().leaf().der},
               .signer = TestSigstore::Create("stranger.test").tsa.leaf()}},
    // When.
    {.name = "JustBeforeItsTrust",
     .text = "not trusted at that time",
     .valid = {.start = kSignedAt + milliseconds(1)}},
    {.name = "JustAfterItsTrust",
     .text = "not trusted at that time",
     .valid = {.end = kSignedAt - milliseconds(1)}},
    {.name = "AFractionAfterItsTrust",
     .text = "not trusted at that time",
     .stamp = {.raw_time = "20260601000100.001Z"},
     .valid = {.end = kSignedAt}},
    {.name = "BeforeItsCertificate",
     .text = "is valid from",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.not_before = kSignedAt + seconds(1); }); }},
    {.name = "AfterItsCertificate",
     .text = "is valid from",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.not_after = kSignedAt - seconds(1); }); }},
    {.name = "AheadOfUs", .text = "after now", .now = kSignedAt - minutes(1) - milliseconds(1)},
    {.name = "NoTime", .code = kInvalid, .stamp = {.raw_time = ""}},
    {.name = "LocalTime", .code = kInvalid, .stamp = {.raw_time = "20260601000100"}},
    {.name = "OtherZone", .code = kInvalid, .stamp = {.raw_time = "20260601000100+0000"}},
    // What the certificate is for.
    {.name = "UsageNotCritical",
     .text = "want extended key usage timeStamping",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.extended_key_usage = "timeStamping"; }); }},
    {.name = "UsageNotAlone",
     .text = "want extended key usage timeStamping",
     .tsa =
         [] {
           return TsaWith(
               [](IssueWish& w) { w.extended_key_usage = "critical,timeStamping,codeSigning"; });
         }},
    {.name = "OtherUsage",
     .text = "want extended key usage timeStamping",
     .tsa =
         [] {
           return TsaWith([](IssueWish& w) { w.extended_key_usage = "critical,codeSigning"; });
         }},
    {.name = "NoUsage",
     .text = "want extended key usage timeStamping",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.extended_key_usage = ""; }); }},
    {.name = "KeyForMore",
     .text = "want key usage digitalSignature",
     .tsa =
         [] {
           return TsaWith(
               [](IssueWish& w) { w.key_usage = "critical,digitalSignature,keyEncipherment"; });
         }},
    {.name = "KeyForCertificates",
     .text = "is that of an authority",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.key_usage = "critical,keyCertSign"; }); }},
    {.name = "AnAuthority",
     .text = "is that of an authority",
     .tsa = [] { return TsaWith([](IssueWish& w) { w.basic_constraints = "critical,CA:TRUE"; }); }},
};

INSTANTIATE_TEST_SUITE_P(Table, CheckTimestampRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

TEST(CheckTimestamp, LimitsTheSize) {
  const TrustedRoot root = RootOf({RootEntry(Tsa())});
  EXPECT_THAT(CheckTimestamp(std::string(kMaxTimestampBytes, 'x'), kSignature, root, kNow),
              ErrorIs(kInvalid));
  EXPECT_THAT(CheckTimestamp(std::string(kMaxTimestampBytes + 1, 'x'), kSignature, root, kNow),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(CheckTimestamp, RefusesWhatNobodyInTheRootSigned) {
  const std::string stamp = Tsa().Stamp(kSignature);
  EXPECT_THAT(CheckTimestamp(stamp, kSignature, RootOf({}), kNow), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(
      CheckTimestamp(stamp, kSignature, RootOf({RootEntry(TestTsa::Create("other.test"))}), kNow),
      ErrorIs(ErrorCode::kIntegrity, "no authority"));
}

// TOB-SIGSTORE-11: one authority's token must not be judged by another's validity.
TEST(CheckTimestamp, LendsNoValidityToAnotherAuthority) {
  const TestTsa ended = TestTsa::Create("ended.test");
  const TestTsa current = TestTsa::Create("current.test");
  const TrustedRoot root = RootOf(
      {RootEntry(ended, {.end = Utc(2026, 1, 1)}), RootEntry(current, {.start = Utc(2026, 1, 1)})});
  EXPECT_THAT(CheckTimestamp(ended.Stamp(kSignature), kSignature, root, kNow),
              ErrorIs(ErrorCode::kIntegrity, "not trusted at that time"));
  EXPECT_THAT(CheckTimestamp(current.Stamp(kSignature), kSignature, root, kNow), IsOk());
}

// Distinct authorities are counted by their URIs: new keys of one operator are no second opinion.
TEST(CheckTimestamp, NamesTheAuthorityByItsUri) {
  const TestTsa one = TestTsa::Create("one.test");
  const TestTsa two = TestTsa::Create("two.test");
  const TrustedRoot root = RootOf({testing::ChainEntry(one.Chain(), "https://tsa.test"),
                                   testing::ChainEntry(two.Chain(), "https://tsa.test")});
  EXPECT_EQ("https://tsa.test",
            CheckTimestamp(one.Stamp(kSignature), kSignature, root, kNow)->authority());
  EXPECT_EQ("https://tsa.test",
            CheckTimestamp(two.Stamp(kSignature), kSignature, root, kNow)->authority());
}

TEST(CheckTimestamp, NamesTheAuthorityByItsOperator) {
  const TestTsa tsa = TestTsa::Create("one.test");
  json::Value entry = testing::ChainEntry(tsa.Chain(), "https://one.test");
  entry.AsObject()->emplace_back("operator", "sigstore.test");
  EXPECT_EQ("sigstore.test",
            CheckTimestamp(tsa.Stamp(kSignature), kSignature, RootOf({entry}), kNow)->authority());
}

// Two authorities below one root, one of them trusted: the other's leaf leads to the same anchor.
TEST(CheckTimestamp, TrustsLeavesNotWhatIsAboveThem) {
  const testing::Issued other = OtherLeaf();
  const TestTsa sibling("sibling.test", Tsa().authority(), other);
  EXPECT_THAT(
      CheckTimestamp(sibling.Stamp(kSignature), kSignature, RootOf({RootEntry(Tsa())}), kNow),
      ErrorIs(ErrorCode::kIntegrity, "no authority"));
}

TEST(CheckTimestamp, TriesEveryEntryOfOneAuthority) {
  const TrustedRoot root = RootOf({RootEntry(Tsa(), {.end = Utc(2026, 1, 1)}),
                                   RootEntry(Tsa(), {.start = Utc(2026, 5, 1)}),
                                   RootEntry(Tsa(), {.end = Utc(2026, 2, 1)})});
  EXPECT_THAT(CheckTimestamp(Tsa().Stamp(kSignature), kSignature, root, kNow), IsOk());
}

// An anchor whose certificates do not belong together, or ended before the token.
TEST(CheckTimestamp, ChecksThePathAtTheTimeOfTheToken) {
  IssueWish short_lived = RootWish("tsa root");
  short_lived.not_after = kSignedAt - seconds(1);
  const TestAuthority ended = TestAuthority::Root(short_lived);
  const TestTsa tsa("tsa.test", ended, ended.Issue(TsaLeafWish("leaf")));
  EXPECT_THAT(CheckTimestamp(tsa.Stamp(kSignature), kSignature, RootOf({RootEntry(tsa)}), kNow),
              ErrorIs(ErrorCode::kIntegrity));
}

TEST(CheckTimestamp, RefusesEveryTruncation) {
  const TrustedRoot root = RootOf({RootEntry(Tsa())});
  const std::string stamp = Tsa().Stamp(kSignature);
  for (std::size_t size = 0; size < stamp.size(); ++size) {
    ASSERT_FALSE(CheckTimestamp(stamp.substr(0, size), kSignature, root, kNow).has_value()) << size;
  }
}

std::string Fixture(std::string_view name) {
  const char* const tree = std::getenv("XZGATE_SOURCE_DIR");
  const std::string folder = "/tests/scanner/signature/testdata/openssl_ts/";
  return ReadFile((tree != nullptr ? tree : ".") + folder + std::string(name), 64 * 1024).value();
}

// Made by the openssl program: testdata/openssl_ts/README.md.
TEST(CheckTimestamp, AcceptsWhatOpensslMakes) {
  std::string base64 = Fixture("response.b64");
  std::erase(base64, '\n');
  const std::string response = crypto::Base64Decode(base64).value();
  const std::vector<std::string> chain = {
      crypto::Certificate::FromPem(Fixture("leaf.pem")).value().der(),
      crypto::Certificate::FromPem(Fixture("root.pem")).value().der()};
  const TrustedRoot root = RootOf({testing::ChainEntry(chain, "https://openssl.test")});
  const auto time = CheckTimestamp(response, kSignature, root, Utc(2027, 1, 1));
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ("Nov 24 17:08:18 2026 GMT\n", Fixture("time.txt"));
  EXPECT_EQ(Utc(2026, 11, 24, 17, 8, 18), time->time());
  EXPECT_THAT(CheckTimestamp(response, "another", root, Utc(2027, 1, 1)),
              ErrorIs(ErrorCode::kIntegrity, "imprint"));
}

struct TimeCase {
  std::string name;
  std::string text;
};

class ParseGeneralizedTimeRejects : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ParseGeneralizedTimeRejects, WhatIsNoTime) {
  EXPECT_THAT(ParseGeneralizedTime(GetParam().text), ErrorIs(kInvalid, "YYYYMMDDhhmmss"));
}

const TimeCase kNoTimes[] = {
    {"Empty", ""},
    {"OnlyZone", "Z"},
    {"NoZone", "20260601000100"},
    {"SmallZone", "20260601000100z"},
    {"Offset", "20260601000100+0100"},
    {"NoSeconds", "202606010001Z"},
    {"Month13", "20261301000100Z"},
    {"Month0", "20260001000100Z"},
    {"February30", "20260230000100Z"},
    {"February29", "20260229000100Z"},
    {"Hour24", "20260601240000Z"},
    {"Minute60", "20260601006000Z"},
    {"LeapSecond", "20260601000060Z"},
    {"Letter", "2026060100010xZ"},
    {"Sign", "-0260601000100Z"},
    {"PointAlone", "20260601000100.Z"},
    {"Comma", "20260601000100,5Z"},
    {"FractionWithLetter", "20260601000100.5xZ"},
    {"TenDigits", "20260601000100.1234567890Z"},
    {"TwoZones", "20260601000100ZZ"},
};

INSTANTIATE_TEST_SUITE_P(Table, ParseGeneralizedTimeRejects, ::testing::ValuesIn(kNoTimes),
                         [](const auto& param) { return param.param.name; });

TEST(ParseGeneralizedTime, ReadsTimes) {
  EXPECT_EQ(kSignedAt, ParseGeneralizedTime("20260601000100Z").value());
  EXPECT_EQ(kSignedAt + milliseconds(120), ParseGeneralizedTime("20260601000100.12Z").value());
  EXPECT_EQ(kSignedAt + milliseconds(999),
            ParseGeneralizedTime("20260601000100.999999999Z").value());
  EXPECT_EQ(Utc(2024, 2, 29, 23, 59, 59), ParseGeneralizedTime("20240229235959Z").value());
}

}  // namespace
}  // namespace xzgate::signature
