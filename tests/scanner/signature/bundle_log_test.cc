// The log entries of a bundle: tests of ParseBundle, as bundle_test.cc.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/signature/bundle.h"
#include "tests/scanner/signature/bundle_fixture.h"

namespace xzgate::signature::bundle_fixture {
namespace {

using ::testing::SizeIs;

const std::string kEntries = "verificationMaterial.tlogEntries";
const std::string kEntry = kEntries + ".0";
const std::string kProof = kEntry + ".inclusionProof";

const json::Value& RekorV2() {
  static const json::Value good =
      TestSigstore::Default().ImageBundle(kDigest, {.tlog = SigningWish::Tlog::kV2});
  return good;
}

TEST(LogEntriesOfABundle, AreRead) {
  const auto material = ParseBundle(json::Encode(V03()));
  ASSERT_THAT(material, IsOk());
  ASSERT_THAT(material->entries, SizeIs(1));
  const LogEntry& entry = material->entries[0];
  EXPECT_EQ(std::to_string(entry.index), testing::TextAt(V03(), kEntry + ".logIndex"));
  EXPECT_EQ(entry.log_id, TestSigstore::Default().rekor.Id());
  EXPECT_EQ(entry.kind, "dsse");
  EXPECT_EQ(entry.version, "0.0.1");
  ASSERT_TRUE(entry.integrated_time);
  EXPECT_EQ(std::to_string(*entry.integrated_time),
            testing::TextAt(V03(), kEntry + ".integratedTime"));
  EXPECT_EQ(Base64(entry.signed_entry_timestamp),
            testing::TextAt(V03(), kEntry + ".inclusionPromise.signedEntryTimestamp"));
  EXPECT_EQ(Base64(entry.body), testing::TextAt(V03(), kEntry + ".canonicalizedBody"));
  ASSERT_TRUE(entry.proof);
  EXPECT_EQ(std::to_string(entry.proof->index), testing::TextAt(V03(), kProof + ".logIndex"));
  EXPECT_EQ(std::to_string(entry.proof->tree_size), testing::TextAt(V03(), kProof + ".treeSize"));
  EXPECT_EQ(Base64(entry.proof->root), testing::TextAt(V03(), kProof + ".rootHash"));
  EXPECT_THAT(entry.proof->hashes, SizeIs(3));
  EXPECT_EQ(Base64(entry.proof->hashes[1]), testing::TextAt(V03(), kProof + ".hashes.1"));
  EXPECT_EQ(entry.proof->checkpoint, testing::TextAt(V03(), kProof + ".checkpoint.envelope"));
}

TEST(LogEntriesOfABundle, OfRekorV2HaveNeitherPromiseNorTime) {
  const auto material = ParseBundle(json::Encode(RekorV2()));
  ASSERT_THAT(material, IsOk());
  ASSERT_THAT(material->entries, SizeIs(1));
  EXPECT_EQ(material->entries[0].version, "0.0.2");
  EXPECT_FALSE(material->entries[0].integrated_time);
  EXPECT_EQ(material->entries[0].signed_entry_timestamp, "");
  EXPECT_TRUE(material->entries[0].proof);
}

// protojson leaves zeros out: the first entry of a log has no logIndex.
TEST(LogEntriesOfABundle, AreNumberZeroWhereTheIndexIsMissing) {
  const auto material = ParseBundle(
      json::Encode(Without(Without(RekorV2(), kEntry + ".logIndex"), kProof + ".logIndex")));
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(material->entries[0].index, 0U);
  EXPECT_EQ(material->entries[0].proof->index, 0U);
}

// Its promise alone vouches for such an entry.
TEST(LogEntriesOfABundle, HaveNoProofInV01WithoutACheckpoint) {
  const auto material = ParseBundle(json::Encode(Without(V01(), kProof + ".checkpoint")));
  ASSERT_THAT(material, IsOk());
  EXPECT_FALSE(material->entries[0].proof);
  EXPECT_NE(material->entries[0].signed_entry_timestamp, "");
}

// Entries that differ in their index.
json::Value Entries(json::Value v, std::size_t count) {
  const json::Value one = testing::At(v, kEntry);
  json::Array list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(With(one, "logIndex", std::to_string(i)));
  return With(std::move(v), kEntries, std::move(list));
}
json::Value Hashes(std::size_t count) {
  return json::Array(count, Base64(std::string(32, 'h')));
}
json::Value SameLogOtherIndex(json::Value v) {
  return With(v, kEntries + ".1", With(testing::At(v, kEntry), "logIndex", "7"));
}
json::Value SameIndexOtherLog(json::Value v) {
  return With(v, kEntries + ".1", With(testing::At(v, kEntry), "logId.keyId", Base64("other")));
}
json::Value Twice(json::Value v) {
  return With(v, kEntries + ".1", testing::At(v, kEntry));
}

class LogEntriesAccepted : public ::testing::TestWithParam<Accepted> {};

TEST_P(LogEntriesAccepted, WhatTheVersionAllows) {
  EXPECT_THAT(ParseBundle(json::Encode(GetParam().change(GetParam().base()))), IsOk());
}

const Accepted kAccepted[] = {
    {"PromiseAloneInV01", V01, Drop(kProof)},
    {"NullProofInV01", V01, Set(kProof, json::Value())},
    {"ProofAloneInV02", V02, Drop(kEntry + ".inclusionPromise")},
    {"ProofAloneInV03", V03, Drop(kEntry + ".inclusionPromise")},
    {"EmptyPromiseInV03", V03, Set(kEntry + ".inclusionPromise", json::Object{})},
    {"NullPromiseInV03", V03, Set(kEntry + ".inclusionPromise", json::Value())},
    {"TimeZero", V03, Set(kEntry + ".integratedTime", "0")},
    {"NullTime", V03, Set(kEntry + ".integratedTime", json::Value())},
    {"LargestIndex", V03, Set(kEntry + ".logIndex", "9223372036854775807")},
    {"NoHashes", V03, Drop(kProof + ".hashes")},
    {"MostHashes", V03, Set(kProof + ".hashes", Hashes(kMaxProofHashes))},
    {"MostEntries", V03, [](json::Value v) { return Entries(std::move(v), kMaxLogEntries); }},
    {"SameLogOtherIndex", V03, SameLogOtherIndex},
    {"SameIndexOtherLog", V03, SameIndexOtherLog},
    {"LargestCheckpoint", V03,
     Set(kProof + ".checkpoint.envelope", std::string(kMaxCheckpointBytes, 'c'))},
};
INSTANTIATE_TEST_SUITE_P(All, LogEntriesAccepted, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

class LogEntriesRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(LogEntriesRefused, WithThePath) {
  EXPECT_THAT(ParseBundle(json::Encode(GetParam().change(GetParam().base()))),
              ErrorIs(GetParam().code, GetParam().text));
}

const Refused kRefusedEntries[] = {
    {"NoPromiseInV01", V01, Drop(kEntry + ".inclusionPromise"),
     "tlogEntries[0]: no inclusionPromise"},
    {"EmptyPromiseInV01", V01, Set(kEntry + ".inclusionPromise", json::Object{}),
     "no inclusionPromise"},
    {"NoProofInV02", V02, Drop(kProof), "tlogEntries[0]: no inclusionProof"},
    {"NoProofInV03", V03, Drop(kProof), "tlogEntries[0]: no inclusionProof"},
    {"NoProofInOneOfTwo", V03,
     [](json::Value v) {
       return Without(Entries(std::move(v), 2), kEntries + ".1.inclusionProof");
     },
     "tlogEntries[1]: no inclusionProof"},
    {"NoCheckpointInV02", V02, Drop(kProof + ".checkpoint"), "inclusionProof: no checkpoint"},
    {"NoCheckpointInV03", V03, Drop(kProof + ".checkpoint"), "inclusionProof: no checkpoint"},
    {"EmptyCheckpointInV03", V03, Set(kProof + ".checkpoint.envelope", ""), "no checkpoint"},
    {"LargeCheckpoint", V03,
     Set(kProof + ".checkpoint.envelope", std::string(kMaxCheckpointBytes + 1, 'c')),
     "checkpoint.envelope: want at most 65536", ErrorCode::kResourceExhausted},
    {"EntriesAsObject", V03, Set(kEntries, json::Object{}), "tlogEntries: want array"},
    {"NullEntry", V03, Set(kEntry, json::Value()), "tlogEntries[0]: want object, found null"},
    {"TooManyEntries", V03, [](json::Value v) { return Entries(std::move(v), kMaxLogEntries + 1); },
     "tlogEntries: want at most 32, found 33", ErrorCode::kResourceExhausted},
    {"TheSameTwice", V03, Twice, "tlogEntries[1]: the same log and logIndex"},
    {"TheSameWithOtherBody", V03,
     [](json::Value v) {
       return With(Twice(std::move(v)), kEntries + ".1.canonicalizedBody", "e30=");
     },
     "tlogEntries[1]: the same log and logIndex"},
    {"Unknown", V03, Set(kEntry + ".extra", 1), "tlogEntries[0]: unknown member \"extra\""},
    {"SnakeCase", V03, Set(kEntry + ".log_index", "1"), "unknown member \"log_index\""},
    {"UnknownInLogId", V03, Set(kEntry + ".logId.extra", 1), "logId: unknown member"},
    {"UnknownInKind", V03, Set(kEntry + ".kindVersion.extra", 1), "kindVersion: unknown member"},
    {"UnknownInPromise", V03, Set(kEntry + ".inclusionPromise.extra", 1),
     "inclusionPromise: unknown member"},
    {"UnknownInProof", V03, Set(kProof + ".extra", 1), "inclusionProof: unknown member"},
    {"UnknownInCheckpoint", V03, Set(kProof + ".checkpoint.extra", 1),
     "checkpoint: unknown member"},
    {"NoLogId", V03, Drop(kEntry + ".logId"), "logId: missing"},
    {"NoKeyId", V03, Set(kEntry + ".logId", json::Object{}), "keyId: missing"},
    {"EmptyKeyId", V03, Set(kEntry + ".logId.keyId", ""), "keyId: want base64"},
    {"LongKeyId", V03, Set(kEntry + ".logId.keyId", Base64(std::string(65, 'k'))),
     "keyId: want at most 64"},
    {"NoKind", V03, Drop(kEntry + ".kindVersion"), "kindVersion: missing"},
    {"EmptyKind", V03, Set(kEntry + ".kindVersion.kind", ""), "kindVersion: empty"},
    {"NoVersion", V03, Drop(kEntry + ".kindVersion.version"), "version: missing"},
    {"NoBody", V03, Drop(kEntry + ".canonicalizedBody"), "canonicalizedBody: missing"},
    {"EmptyBody", V03, Set(kEntry + ".canonicalizedBody", ""), "canonicalizedBody: want base64"},
    {"BodyAsObject", V03, Set(kEntry + ".canonicalizedBody", json::Object{}), "want string"},
    {"UrlSafeBody", V03, Set(kEntry + ".canonicalizedBody", "____"), "want base64"},
};
INSTANTIATE_TEST_SUITE_P(Entries, LogEntriesRefused, ::testing::ValuesIn(kRefusedEntries),
                         [](const auto& one) { return std::string(one.param.name); });

const Refused kRefusedNumbers[] = {
    {"Negative", V03, Set(kEntry + ".logIndex", "-1"), "tlogEntries[0].logIndex: want a decimal"},
    {"NumberNotText", V03, Set(kEntry + ".logIndex", 7), "logIndex: want string, found number"},
    {"Plus", V03, Set(kEntry + ".logIndex", "+7"), "logIndex: want a decimal"},
    {"LeadingZero", V03, Set(kEntry + ".logIndex", "07"), "logIndex: want a decimal"},
    {"TwoZeros", V03, Set(kEntry + ".logIndex", "00"), "logIndex: want a decimal"},
    {"MinusZero", V03, Set(kEntry + ".logIndex", "-0"), "logIndex: want a decimal"},
    {"Empty", V03, Set(kEntry + ".logIndex", ""), "logIndex: want a decimal"},
    {"Space", V03, Set(kEntry + ".logIndex", " 7"), "logIndex: want a decimal"},
    {"Fraction", V03, Set(kEntry + ".logIndex", "7.0"), "logIndex: want a decimal"},
    {"Exponent", V03, Set(kEntry + ".logIndex", "1e3"), "logIndex: want a decimal"},
    {"Hex", V03, Set(kEntry + ".logIndex", "0x7"), "logIndex: want a decimal"},
    {"Beyond63Bits", V03, Set(kEntry + ".logIndex", "9223372036854775808"),
     "logIndex: want a decimal"},
    {"Beyond64Bits", V03, Set(kEntry + ".logIndex", "18446744073709551616"),
     "logIndex: want a decimal"},
    {"NegativeTime", V03, Set(kEntry + ".integratedTime", "-1"), "integratedTime: want a decimal"},
    {"TimeAsNumber", V03, Set(kEntry + ".integratedTime", 1), "integratedTime: want string"},
    {"NegativeIndexInProof", V03, Set(kProof + ".logIndex", "-1"),
     "inclusionProof.logIndex: want a decimal"},
    {"NegativeTree", V03, Set(kProof + ".treeSize", "-1"),
     "inclusionProof.treeSize: want a decimal"},
    {"HugeTree", V03, Set(kProof + ".treeSize", "9223372036854775808"), "treeSize: want a decimal"},
    {"ShortRoot", V03, Set(kProof + ".rootHash", Base64(std::string(31, 'r'))),
     "rootHash: want 32 bytes, found 31"},
    {"LongRoot", V03, Set(kProof + ".rootHash", Base64(std::string(33, 'r'))),
     "rootHash: want 32 bytes, found 33"},
    {"NoRoot", V03, Drop(kProof + ".rootHash"), "rootHash: missing"},
    {"ShortHash", V03, Set(kProof + ".hashes.1", Base64("short")), "hashes[1]: want 32 bytes"},
    {"NullHash", V03, Set(kProof + ".hashes.0", json::Value()), "hashes[0]: want string"},
    {"HashInHex", V03, Set(kProof + ".hashes.0", std::string(63, 'a')), "hashes[0]: want base64"},
    {"TooManyHashes", V03, Set(kProof + ".hashes", Hashes(kMaxProofHashes + 1)),
     "hashes: want at most 64, found 65", ErrorCode::kResourceExhausted},
};
INSTANTIATE_TEST_SUITE_P(Numbers, LogEntriesRefused, ::testing::ValuesIn(kRefusedNumbers),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace xzgate::signature::bundle_fixture
