#include "scanner/signature/certificate_log.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_der.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {
namespace {

using std::chrono::milliseconds;
using testing::ErrorIs;
using testing::IsOk;
using testing::Issued;
using testing::IssueWish;
using testing::KeyType;
using testing::RootDocument;
using testing::RootEntry;
using testing::SctWish;
using testing::TestAuthority;
using testing::TestCtLog;
using testing::TestKey;
using testing::TestSigstore;
using testing::Utc;

crypto::Certificate Read(const std::string& der) {
  return *crypto::Certificate::FromDer(AsBytes(der));
}

TrustedRoot RootOf(json::Array ctlogs) {
  RootDocument document = TestSigstore::Default().Root();
  document.ctlogs = std::move(ctlogs);
  const auto root = TrustedRoot::Parse(document.Text(), "test");
  EXPECT_THAT(root, IsOk());
  return *root;
}

// A leaf with these SCTs, by the default authority.
Issued LeafWith(std::vector<testing::SctMaker> scts) {
  IssueWish wish;
  wish.names = {{.text = testing::kTestSubject}};
  wish.scts = std::move(scts);
  return TestSigstore::Default().fulcio.Issue(wish, TestKey::Shared(KeyType::kP256));
}

// What the logs of `root` say about `leaf`, issued by `issuer`.
Result<std::size_t> Count(const Issued& leaf, const TestAuthority& issuer,
                          const TrustedRoot& root) {
  const crypto::Certificate certificate = Read(leaf.der);
  XZGATE_ASSIGN(const std::vector<Sct> scts, EmbeddedScts(certificate));
  return CountSctLogs(scts, certificate, Read(issuer.der()), root);
}

Result<std::size_t> Count(const Issued& leaf, json::Array ctlogs) {
  return Count(leaf, TestSigstore::Default().fulcio, RootOf(std::move(ctlogs)));
}

TestCtLog LogOf(KeyType type, std::size_t number = 0) {
  return {"ct" + std::to_string(number) + ".test", TestKey::Shared(type, number)};
}

struct AcceptCase {
  std::string name;
  KeyType log_key = KeyType::kP256;
  SctWish sct = {};
  testing::ValidFor valid = {};
};

class CountSctLogsAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(CountSctLogsAccepts, OneLog) {
  const TestCtLog log = LogOf(GetParam().log_key);
  const auto counted =
      Count(LeafWith({log.Maker(GetParam().sct)}), {RootEntry(log, GetParam().valid)});
  ASSERT_THAT(counted, IsOk());
  EXPECT_EQ(1U, *counted);
}

const AcceptCase kAccepted[] = {
    {.name = "EcdsaP256"},
    {.name = "Rsa", .log_key = KeyType::kRsa2048},
    {.name = "EcdsaP384WithSha256", .log_key = KeyType::kP384},
    // Static CT (C2SP) puts the index of the leaf there: 8 bytes.
    {.name = "WithExtensions", .sct = {.extensions = std::string("\0\0\5\0\0\0\0\7", 8)}},
    {.name = "AtTheStartOfItsKey",
     .sct = {.time = Utc(2026, 6, 1)},
     .valid = {.start = Utc(2026, 6, 1)}},
    {.name = "AtTheEndOfItsKey",
     .sct = {.time = Utc(2026, 6, 1)},
     .valid = {.end = Utc(2026, 6, 1)}},
    {.name = "WithMilliseconds", .sct = {.time = Utc(2026, 6, 1) + milliseconds(123)}},
};

INSTANTIATE_TEST_SUITE_P(Table, CountSctLogsAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct PassedOverCase {
  std::string name;
  SctWish sct = {};
  testing::ValidFor valid = {};
};

class CountSctLogsPassesOver : public ::testing::TestWithParam<PassedOverCase> {};

TEST_P(CountSctLogsPassesOver, AsIfItWereNotThere) {
  const TestCtLog log = LogOf(KeyType::kP256);
  const auto counted =
      Count(LeafWith({log.Maker(GetParam().sct)}), {RootEntry(log, GetParam().valid)});
  ASSERT_THAT(counted, IsOk());
  EXPECT_EQ(0U, *counted);
}

const PassedOverCase kPassedOver[] = {
    {.name = "UnknownLog", .sct = {.log_id = std::string(32, 'x')}},
    {.name = "JustBeforeTheStartOfItsKey",
     .sct = {.time = Utc(2026, 6, 1) - milliseconds(1)},
     .valid = {.start = Utc(2026, 6, 1)}},
    {.name = "JustAfterTheEndOfItsKey",
     .sct = {.time = Utc(2026, 6, 1) + milliseconds(1)},
     .valid = {.end = Utc(2026, 6, 1)}},
};

INSTANTIATE_TEST_SUITE_P(Table, CountSctLogsPassesOver, ::testing::ValuesIn(kPassedOver),
                         [](const auto& param) { return param.param.name; });

struct BadCase {
  std::string name;
  SctWish sct = {};
  KeyType log_key = KeyType::kP256;
};

class CountSctLogsRefuses : public ::testing::TestWithParam<BadCase> {};

TEST_P(CountSctLogsRefuses, BadSignatureOfKnownLog) {
  const TestCtLog log = LogOf(GetParam().log_key);
  EXPECT_THAT(Count(LeafWith({log.Maker(GetParam().sct)}), {RootEntry(log)}),
              ErrorIs(ErrorCode::kIntegrity, "certificate timestamp of log"));
}

const BadCase kBad[] = {
    {.name = "OneBitOff", .sct = {.break_signature = true}},
    {.name = "OtherIssuerKey", .sct = {.issuer_spki = TestKey::Shared(KeyType::kP256, 5).Spki()}},
    {.name = "TimeNotSigned", .sct = {.unsigned_time = testing::kSignedAt}},
    {.name = "ExtensionsNotSigned", .sct = {.unsigned_extensions = "12345678"}},
    {.name = "ExtensionsTakenAway", .sct = {.extensions = "12345678", .unsigned_extensions = ""}},
    {.name = "SaysSha1", .sct = {.hash_algorithm = 2}},
    {.name = "SaysSha512", .sct = {.hash_algorithm = 6}},
    {.name = "SaysNoHash", .sct = {.hash_algorithm = 0}},
    {.name = "SaysRsaForEcdsa", .sct = {.signature_algorithm = 1}},
    {.name = "SaysEcdsaForRsa", .sct = {.signature_algorithm = 3}, .log_key = KeyType::kRsa2048},
    // RFC 6962, section 2.1.4: ECDSA or RSA.
    {.name = "Ed25519", .log_key = KeyType::kEd25519},
};

INSTANTIATE_TEST_SUITE_P(Table, CountSctLogsRefuses, ::testing::ValuesIn(kBad),
                         [](const auto& param) { return param.param.name; });

TEST(CountSctLogs, FindsNoneInALeafWithoutTheExtension) {
  EXPECT_EQ(0U, Count(LeafWith({}), {RootEntry(LogOf(KeyType::kP256))}).value());
}

// GHSA-9vcr-p3rj-q5q6: a threshold of two must not be met by one log.
TEST(CountSctLogs, CountsOneLogOnce) {
  const TestCtLog log = LogOf(KeyType::kP256);
  const Issued leaf = LeafWith({log.Maker(), log.Maker({.time = testing::kSignedAt})});
  EXPECT_EQ(1U, Count(leaf, {RootEntry(log)}).value());
}

TEST(CountSctLogs, CountsOneKeyUnderTwoIdsOnce) {
  const TestCtLog log = LogOf(KeyType::kP256);
  const std::string other_id(32, 'x');
  const Issued leaf = LeafWith({log.Maker(), log.Maker({.log_id = other_id})});
  EXPECT_EQ(
      1U, Count(leaf, {RootEntry(log), testing::LogEntryOfRoot("other.test", log.key(), other_id)})
              .value());
}

TEST(CountSctLogs, CountsTwoLogsOfOneOperatorOnce) {
  const TestCtLog one = LogOf(KeyType::kP256, 0);
  const TestCtLog two = LogOf(KeyType::kP256, 1);
  json::Value entries[] = {RootEntry(one), RootEntry(two)};
  for (json::Value& entry : entries) entry.AsObject()->emplace_back("operator", "sigstore.test");
  const Issued leaf = LeafWith({one.Maker(), two.Maker()});
  EXPECT_EQ(1U, Count(leaf, {entries[0], entries[1]}).value());
}

TEST(CountSctLogs, CountsTwoLogs) {
  const TestCtLog one = LogOf(KeyType::kP256, 0);
  const TestCtLog two = LogOf(KeyType::kP256, 1);
  const Issued leaf = LeafWith({one.Maker(), two.Maker()});
  EXPECT_EQ(2U, Count(leaf, {RootEntry(one), RootEntry(two)}).value());
  EXPECT_EQ(1U, Count(leaf, {RootEntry(two)}).value());
}

TEST(CountSctLogs, IsNotContentWithOneGoodOneWhereAnotherIsBad) {
  const TestCtLog one = LogOf(KeyType::kP256, 0);
  const TestCtLog two = LogOf(KeyType::kP256, 1);
  const Issued leaf = LeafWith({one.Maker(), two.Maker({.break_signature = true})});
  EXPECT_THAT(Count(leaf, {RootEntry(one), RootEntry(two)}), ErrorIs(ErrorCode::kIntegrity));
}

// sigstore-rust#154: the issuer is the one of the verified path, not one that has its name.
TEST(CountSctLogs, TellsAuthoritiesOfOneNameApart) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const TestSigstore stranger = TestSigstore::Create("stranger.test");
  ASSERT_EQ(Read(sigstore.fulcio.der()).Subject(), Read(stranger.fulcio.der()).Subject());
  const TestCtLog log = LogOf(KeyType::kP256);
  const TrustedRoot root = RootOf({RootEntry(log)});
  const Issued leaf = LeafWith({log.Maker()});
  EXPECT_EQ(1U, Count(leaf, sigstore.fulcio, root).value());
  EXPECT_THAT(Count(leaf, stranger.fulcio, root), ErrorIs(ErrorCode::kIntegrity));
}

TEST(CountSctLogs, RefusesTheTimestampsOfAnotherLeaf) {
  const TestCtLog log = LogOf(KeyType::kP256);
  std::string taken;
  LeafWith({[&](std::string_view tbs, std::string_view spki) {
    return taken = log.Sct(tbs, spki, {});
  }});
  const Issued leaf = LeafWith({[&](std::string_view, std::string_view) { return taken; }});
  EXPECT_THAT(Count(leaf, {RootEntry(log)}), ErrorIs(ErrorCode::kIntegrity));
}

TEST(CountSctLogs, CutsTheListOutWhateverElseThereIs) {
  const TestSigstore& sigstore = TestSigstore::Default();
  for (const std::size_t extensions : {0U, 1U, 5U}) {
    IssueWish wish;
    wish.names = {{.text = testing::kTestSubject}};
    for (std::size_t i = 0; i < extensions; ++i)
      wish.extensions.push_back(testing::FulcioExtension(static_cast<int>(9 + i), "text"));
    wish.scts = {sigstore.ctlog.Maker()};
    const Issued leaf = sigstore.fulcio.Issue(wish, TestKey::Shared(KeyType::kP256));
    EXPECT_EQ(1U, Count(leaf, {RootEntry(sigstore.ctlog)}).value());
  }
}

std::string ListOf(std::size_t count) {
  const std::string sct = LogOf(KeyType::kP256).Sct("tbs", "spki", {});
  return testing::SctList(std::vector<std::string>(count, sct));
}

// A serialized SCT of known shape: version, log id, time, extensions, algorithms, signature.
std::string Serialized(std::string_view version, std::string_view time,
                       std::string_view after_time) {
  return std::string(version) + std::string(32, 'i') + std::string(time) + std::string(after_time);
}
const std::string kTime = std::string("\0\0\1\x9e\x12\x34\x56\x78", 8);
const std::string kRest = std::string("\0\2ee\4\3\0\3sig", 11);

TEST(ParseScts, ReadsEveryField) {
  const auto scts = ParseScts(testing::SctList({Serialized(std::string(1, '\0'), kTime, kRest)}));
  ASSERT_THAT(scts, IsOk());
  ASSERT_EQ(1U, scts->size());
  const Sct& sct = scts->front();
  EXPECT_EQ(std::string(32, 'i'), sct.log_id);
  EXPECT_EQ(0x19e12345678, sct.time.time_since_epoch().count());
  EXPECT_EQ("ee", sct.extensions);
  EXPECT_EQ(4, sct.hash_algorithm);
  EXPECT_EQ(3, sct.signature_algorithm);
  EXPECT_EQ("sig", sct.signature);
}

TEST(ParseScts, TakesAsManyAsTheLimit) {
  EXPECT_EQ(kMaxScts, ParseScts(ListOf(kMaxScts)).value().size());
  EXPECT_THAT(ParseScts(ListOf(kMaxScts + 1)), ErrorIs(ErrorCode::kResourceExhausted));
}

struct RejectCase {
  std::string name;
  std::string list;
};

class ParseSctsRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ParseSctsRejects, WhatIsMalformed) {
  EXPECT_THAT(ParseScts(GetParam().list), ErrorIs(ErrorCode::kInvalidArgument));
}

const std::string kV1(1, '\0');
const std::string kLate = std::string("\x80\0\0\0\0\0\0\0", 8);

const RejectCase kRejected[] = {
    {"Nothing", ""},
    {"HalfALength", std::string(1, '\0')},
    {"EmptyList", std::string(2, '\0')},
    {"ListTooShort", ListOf(1).substr(0, 50)},
    {"ListTooLong", ListOf(1) + "x"},
    {"EmptyItem", testing::SctList({""})},
    {"ItemBeyondTheList", std::string("\0\3\0\x77\0", 5)},
    {"Version2", testing::SctList({Serialized("\1", kTime, kRest)})},
    {"TimeBeyondInt64", testing::SctList({Serialized(kV1, kLate, kRest)})},
    {"NoSignature", testing::SctList({Serialized(kV1, kTime, kRest.substr(0, 6))})},
    {"SignatureTooShort", testing::SctList({Serialized(kV1, kTime, kRest.substr(0, 10))})},
    {"BytesAfterTheSignature", testing::SctList({Serialized(kV1, kTime, kRest + "x")})},
    {"OneOfTwo", testing::SctList({Serialized(kV1, kTime, kRest), "x"})},
};

INSTANTIATE_TEST_SUITE_P(Table, ParseSctsRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

crypto::Certificate LeafWithExtension(const std::string& value) {
  IssueWish wish;
  wish.raw_sct_extension = value;
  return Read(TestSigstore::Default().fulcio.Issue(wish, TestKey::Shared(KeyType::kP256)).der);
}

TEST(EmbeddedScts, WantsOneOctetString) {
  const std::string good = testing::der::OctetString(ListOf(1));
  EXPECT_THAT(EmbeddedScts(LeafWithExtension(good)), IsOk());
  EXPECT_THAT(EmbeddedScts(LeafWithExtension("")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(EmbeddedScts(LeafWithExtension(good + "x")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(EmbeddedScts(LeafWithExtension(ListOf(1))), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(EmbeddedScts(LeafWithExtension(testing::der::Utf8String(ListOf(1)))),
              ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(EmbeddedScts, RefusesTwoLists) {
  IssueWish wish;
  wish.scts = {TestSigstore::Default().ctlog.Maker()};
  wish.raw_sct_extension = testing::der::OctetString(ListOf(1));
  const Issued leaf = TestSigstore::Default().fulcio.Issue(wish, TestKey::Shared(KeyType::kP256));
  EXPECT_THAT(EmbeddedScts(Read(leaf.der)), ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate::signature
