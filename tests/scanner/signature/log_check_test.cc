#include "scanner/signature/log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/scanner/signature/log_fixture.h"

namespace xzgate::signature::log_fixture {
namespace {

struct AcceptCase {
  std::string name;
  What what;
  By by;
  KeyType type;
  std::function<LogEntry(const EntryContent&)> entry;
  bool has_time;
};

class LogCheckAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(LogCheckAccepts, WithTheTimeThatItProves) {
  const Signature signature = Sign(GetParam().what, GetParam().by, GetParam().type);
  const auto logged = Check(GetParam().entry(signature.content), signature);
  ASSERT_THAT(logged, IsOk());
  ASSERT_TRUE(logged->has_value());
  if (GetParam().has_time) {
    EXPECT_EQ((*logged)->time, kSignedAt);
    EXPECT_EQ((*logged)->log_id, Sigstore().rekor.Id());
  } else {
    EXPECT_EQ((*logged)->time, std::nullopt);
  }
  EXPECT_EQ((*logged)->log_valid.start, ::xzgate::testing::kTrustStart);
}

const AcceptCase kAccepted[] = {
    {"DocumentByCertificate", What::kDocument, By::kCertificate, kP256, V1Hashed, true},
    {"DocumentByKey", What::kDocument, By::kKey, kP256, V1Hashed, true},
    {"DocumentByP384", What::kDocument, By::kKey, KeyType::kP384, V1Hashed, true},
    {"DocumentByP521", What::kDocument, By::kKey, KeyType::kP521, V1Hashed, true},
    {"DocumentByRsa", What::kDocument, By::kKey, KeyType::kRsa2048, V1Hashed, true},
    {"DocumentWithoutProof", What::kDocument, By::kCertificate, kP256,
     [](Content c) { return WithoutProof(V1Hashed(c)); }, true},
    {"BlobByDigest", What::kBlob, By::kCertificate, kP256, V1Hashed, true},
    {"BlobByDigestInV2", What::kBlob, By::kCertificate, kP256, V2Hashed, false},
    {"Dsse", What::kEnvelope, By::kCertificate, kP256, V1Dsse, true},
    {"DsseByKey", What::kEnvelope, By::kKey, kP256, V1Dsse, true},
    {"DsseByEd25519", What::kEnvelope, By::kKey, KeyType::kEd25519, V1Dsse, true},
    {"DsseWithoutSet", What::kEnvelope, By::kCertificate, kP256,
     [](Content c) { return WithoutSet(V1Dsse(c)); }, false},
    {"DsseAsHashedRekord", What::kEnvelope, By::kCertificate, kP256, V1Hashed, true},
    {"Intoto", What::kEnvelope, By::kCertificate, kP256, V1Intoto, true},
    {"IntotoByKey", What::kEnvelope, By::kKey, kP256, V1Intoto, true},
    {"V2", What::kEnvelope, By::kCertificate, kP256, V2Hashed, false},
    {"V2ByKey", What::kEnvelope, By::kKey, kP256, V2Hashed, false},
    {"V2ByP384", What::kEnvelope, By::kCertificate, KeyType::kP384, V2Hashed, false},
    {"V2ByP521", What::kEnvelope, By::kKey, KeyType::kP521, V2Hashed, false},
    {"OnlyLeaf", What::kEnvelope, By::kCertificate, kP256,
     [](Content c) { return Add2(HashedRekordV2(c), {.tree_size = 1, .index = 0}); }, false},
    {"LastLeafOfAnOddTree", What::kEnvelope, By::kCertificate, kP256,
     [](Content c) { return Add1(DsseV1(c), {.tree_size = 9, .index = 8}); }, true},
    {"CheckpointWithExtension", What::kEnvelope, By::kCertificate, kP256,
     [](Content c) { return Add1(DsseV1(c), {.extension_lines = {"Timestamp: 1681757072"}}); },
     true},
};

INSTANTIATE_TEST_SUITE_P(Table, LogCheckAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

class LogCheckRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(LogCheckRejects, SayingWhatIsWrong) {
  Signature signature = Sign(GetParam().what, GetParam().by);
  const LogEntry entry = GetParam().entry(signature);
  EXPECT_THAT(Check(entry, signature), ErrorIs(GetParam().code, GetParam().want));
}

// Entries that the log vouches for, with another body.

const RejectCase kBadPromises[] = {
    {"OtherTime", What::kEnvelope, kCert, Change1([](LogEntry& e) { ++*e.integrated_time; }),
     "signed entry timestamp"},
    {"OtherIndex", What::kEnvelope, kCert, Change1([](LogEntry& e) { ++e.index; }),
     "signed entry timestamp"},
    {"IndexInTheTree", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.index = e.proof->index; }), "signed entry timestamp"},
    {"OtherBody", What::kDocument, kCert, Change1([](LogEntry& e) { e.body += " "; }),
     "signed entry timestamp"},
    {"BrokenSet", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { Flip(e.signed_entry_timestamp, 20); }), "signed entry timestamp"},
    {"SetIsNoSignature", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.signed_entry_timestamp = "x"; }), "signed entry timestamp"},
    {"SetOfAnotherEntry", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = V1Dsse(s.content);
       entry.signed_entry_timestamp = V1Hashed(s.content).signed_entry_timestamp;
       return entry;
     },
     "signed entry timestamp"},
    {"NoTime", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.integrated_time.reset(); }),
     "without a time"},
    {"TimeZero", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.integrated_time = 0; }),
     "without a time"},
    {"NegativeTime", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.integrated_time = -1; }),
     "without a time"},
    {"TimeBeyondTheCalendar", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.integrated_time = INT64_MAX; }), "without a time"},
    {"NoSetInSimpleSigning", What::kDocument, kCert,
     [](Signature& s) { return WithoutSet(V1Hashed(s.content)); }, "no signed entry timestamp"},
    {"NoSetInLegacyAttestation", What::kEnvelope, kCert,
     [](Signature& s) {
       s.material.format = Format::kLegacyAttestation;
       return WithoutSet(V1Dsse(s.content));
     },
     "no signed entry timestamp"},
    {"NoSetInV01", What::kEnvelope, kCert,
     [](Signature& s) {
       s.material.format = Format::kBundleV01;
       return WithoutSet(V1Dsse(s.content));
     },
     "no signed entry timestamp"},
    {"SetOnV2", What::kEnvelope, kCert, Change2([](LogEntry& e) {
       e.integrated_time = 1780272060;
       e.signed_entry_timestamp = "set";
     }),
     "Rekor v2 makes none"},
};

INSTANTIATE_TEST_SUITE_P(Promises, LogCheckRejects, ::testing::ValuesIn(kBadPromises),
                         [](const auto& param) { return param.param.name; });

const RejectCase kBadProofs[] = {
    {"NoProofInV02", What::kEnvelope, kCert,
     [](Signature& s) {
       s.material.format = Format::kBundleV02;
       return WithoutProof(V1Dsse(s.content));
     },
     "no inclusion proof"},
    {"NoProofInV03", What::kEnvelope, kCert,
     [](Signature& s) { return WithoutProof(V1Dsse(s.content)); }, "no inclusion proof"},
    {"NothingAtAll", What::kEnvelope, kCert,
     [](Signature& s) { return WithoutProof(WithoutSet(V1Dsse(s.content))); },
     "no inclusion proof"},
    {"WrongProofBesideAGoodSetInV01", What::kEnvelope, kCert,
     [](Signature& s) {
       s.material.format = Format::kBundleV01;
       LogEntry entry = V1Dsse(s.content);
       Flip(entry.proof->hashes[0], 0);
       return entry;
     },
     "another root"},
    {"WrongSetBesideAGoodProof", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { Flip(e.signed_entry_timestamp, 20); }), "signed entry timestamp"},
    {"OtherIndex", What::kEnvelope, kCert, Change1([](LogEntry& e) { --e.proof->index; }),
     "another root"},
    {"IndexBeyondTheTree", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.proof->index = e.proof->tree_size; }), "beyond the tree"},
    {"HugeIndex", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.proof->index = UINT64_MAX; }),
     "beyond the tree"},
    {"OtherSize", What::kEnvelope, kCert, Change1([](LogEntry& e) { ++e.proof->tree_size; }),
     "the checkpoint for one of 7"},
    {"OtherRoot", What::kEnvelope, kCert, Change1([](LogEntry& e) { Flip(e.proof->root, 0); }),
     "not that of the checkpoint"},
    {"EmptyRoot", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.proof->root.clear(); }),
     "not that of the checkpoint"},
    {"OneHashMore", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.proof->hashes.emplace_back(32, 'x'); }), "too many hashes"},
    {"OneHashLess", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.proof->hashes.pop_back(); }), "too few hashes"},
    {"NoHashes", What::kEnvelope, kCert, Change1([](LogEntry& e) { e.proof->hashes.clear(); }),
     "too few hashes"},
    {"HashesInATreeOfOne", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = Add1(DsseV1(s.content), {.tree_size = 1, .index = 0});
       entry.proof->hashes.emplace_back(32, 'x');
       return entry;
     },
     "too many hashes"},
    {"ShortHash", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.proof->hashes[0].pop_back(); }), "want hashes of 32 bytes"},
    {"NoCheckpoint", What::kEnvelope, kCert,
     Change1([](LogEntry& e) { e.proof->checkpoint.clear(); }), "note"},
    {"CheckpointOfAnotherEntry", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = V1Dsse(s.content);
       entry.proof->checkpoint = V1Hashed(s.content).proof->checkpoint;
       return entry;
     },
     "not that of the checkpoint"},
    {"CheckpointSignedByAStranger", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = V1Dsse(s.content);
       static const TestSigstore kStranger = TestSigstore::Create("sigstore.test");
       entry.proof = ToEntry(kStranger.rekor.Add(DsseV1(s.content))).proof;
       return entry;
     },
     "no signature of the log"},
    {"CheckpointChanged", What::kEnvelope, kCert, Change1([](LogEntry& e) {
       e.proof->checkpoint.replace(e.proof->checkpoint.find("\n7\n"), 3, "\n8\n");
       e.proof->tree_size = 8;
     }),
     "is not that of the log"},
    {"V2OtherOrigin", What::kEnvelope, kCert,
     [](Signature& s) { return Add2(HashedRekordV2(s.content), {.origin = "other.test"}); },
     "no signature of the log"},
    {"V2OtherBody", What::kEnvelope, kCert, Change2([](LogEntry& e) { e.body += " "; }),
     "another root"},
    {"V2WithTheCheckpointOfV1", What::kEnvelope, kCert,
     [](Signature& s) {
       LogEntry entry = V2Hashed(s.content);
       entry.proof = Add1(HashedRekordV2(s.content)).proof;
       return entry;
     },
     "no signature of the log"},
};

INSTANTIATE_TEST_SUITE_P(Proofs, LogCheckRejects, ::testing::ValuesIn(kBadProofs),
                         [](const auto& param) { return param.param.name; });

TEST(LogCheckTest, GivesNoTimeWithoutASet) {
  const Signature signature = Sign(What::kEnvelope, kCert);
  LogEntry entry = WithoutSet(V1Dsse(signature.content));
  ASSERT_TRUE(entry.integrated_time.has_value());
  EXPECT_EQ(Check(entry, signature).value()->time, std::nullopt);
  entry = V2Hashed(signature.content);
  entry.integrated_time = 1780272060;
  EXPECT_EQ(Check(entry, signature).value()->time, std::nullopt);
}

// Whether an entry is no error and no proof either.
bool IsNoProof(const LogEntry& entry, const Signature& signature) {
  const auto logged = Check(entry, signature);
  return logged.has_value() && !logged->has_value();
}

TEST(LogCheckTest, TakesAnEntryOfAStrangersLogForNoProof) {
  static const TestSigstore kStranger = TestSigstore::Create("stranger.test");
  const Signature signature = Sign(What::kEnvelope, kCert);
  EXPECT_TRUE(IsNoProof(ToEntry(kStranger.rekor.Add(DsseV1(signature.content))), signature));
  EXPECT_TRUE(
      IsNoProof(ToEntry(kStranger.rekor2.Add(HashedRekordV2(signature.content))), signature));
  LogEntry entry = V1Dsse(signature.content);
  entry.log_id.clear();
  EXPECT_TRUE(IsNoProof(entry, signature));
}

// The log's id is claimed by one that does not have its key.
TEST(LogCheckTest, RefusesAStrangersEntryInTheNameOfOurLog) {
  static const TestSigstore kStranger = TestSigstore::Create("sigstore.test");
  const Signature signature = Sign(What::kEnvelope, kCert);
  TestLogEntry entry = kStranger.rekor.Add(DsseV1(signature.content));
  entry.log_id = Sigstore().rekor.Id();
  entry.set = kStranger.rekor.SignEntry(entry);
  EXPECT_THAT(Check(ToEntry(entry), signature), ErrorIs(ErrorCode::kIntegrity));
}

TrustedRoot RootWith(const std::string& path, json::Value value) {
  const json::Value root = With(Sigstore().Root().ToJson(), path, std::move(value));
  return TrustedRoot::Parse(json::Encode(root), "test").value();
}

struct WindowCase {
  std::string name;
  std::string start;
  std::string end;
  bool want;
};

class LogWindow : public ::testing::TestWithParam<WindowCase> {};

TEST_P(LogWindow, HasTheTimeOfTheEntryWithBothEnds) {
  const Signature signature = Sign(What::kEnvelope, kCert);
  const TrustedRoot root =
      RootWith("tlogs.0.publicKey.validFor",
               json::Object{{"start", GetParam().start}, {"end", GetParam().end}});
  const auto logged = Check(V1Dsse(signature.content), signature, root);
  EXPECT_EQ(logged.has_value(), GetParam().want);
  if (!GetParam().want) {
    EXPECT_THAT(logged, ErrorIs(ErrorCode::kIntegrity, "was not trusted when"));
  }
}

// The entry is of 2026-06-01T00:01:00Z.
const WindowCase kWindows[] = {
    {"EndsThen", "2025-01-01T00:00:00Z", "2026-06-01T00:01:00Z", true},
    {"EndsBefore", "2025-01-01T00:00:00Z", "2026-06-01T00:00:59.999Z", false},
    {"StartsThen", "2026-06-01T00:01:00Z", "2027-01-01T00:00:00Z", true},
    {"StartsAfter", "2026-06-01T00:01:00.001Z", "2027-01-01T00:00:00Z", false},
};

INSTANTIATE_TEST_SUITE_P(Table, LogWindow, ::testing::ValuesIn(kWindows),
                         [](const auto& param) { return param.param.name; });

TEST(LogCheckTest, LeavesTheWindowToTheCallerWhereThereIsNoTime) {
  const Signature signature = Sign(What::kEnvelope, kCert);
  const TrustedRoot root = RootWith("tlogs.1.publicKey.validFor.end", "2026-05-31T00:00:00Z");
  const auto logged = Check(V2Hashed(signature.content), signature, root);
  ASSERT_THAT(logged, IsOk());
  EXPECT_FALSE((*logged)->log_valid.Covers(kSignedAt));
}

TEST(LogCheckTest, CountsLogsOfOneOperatorAsOne) {
  const Signature signature = Sign(What::kEnvelope, kCert);
  const json::Value one = With(Sigstore().Root().ToJson(), "tlogs.0.operator", "sigstore.test");
  const TrustedRoot root =
      TrustedRoot::Parse(json::Encode(With(one, "tlogs.1.operator", "sigstore.test")), "t").value();
  EXPECT_EQ(Check(V1Dsse(signature.content), signature, root).value()->log_id,
            Check(V2Hashed(signature.content), signature, root).value()->log_id);
  EXPECT_NE(Check(V1Dsse(signature.content), signature).value()->log_id,
            Check(V2Hashed(signature.content), signature).value()->log_id);
}

// cosign logs a file by SHA-384 or SHA-512 where the key is on P-384 or P-521.
TEST(LogCheckTest, AFileByItsKeysOwnHashNeedsTheFile) {
  const Signature signature = Sign(What::kBlob, By::kKey, KeyType::kP384);
  const LogEntry entry = V2Hashed(signature.content);
  const auto check = [&](std::optional<std::string_view> artifact) {
    return CheckLogEntry(entry,
                         {.material = signature.material,
                          .key = *signature.key,
                          .artifact_digest = signature.artifact_digest,
                          .artifact = artifact},
                         Root());
  };
  EXPECT_THAT(check(kSimpleDocument), IsOk());
  EXPECT_THAT(check("another file"), ErrorIs(ErrorCode::kIntegrity, "another digest"));
  EXPECT_THAT(check(std::nullopt), ErrorIs(ErrorCode::kIntegrity, "another digest"));
}

// Roots and entries write the id of a Rekor v2 log in 32 bytes or in 4.
TEST(LogCheckTest, FindsARekorV2LogByEitherLengthOfItsId) {
  const Signature signature = Sign(What::kEnvelope, kCert);
  const std::string id = Sigstore().rekor2.Id();
  LogEntry entry = V2Hashed(signature.content);
  const TrustedRoot brief = RootWith("tlogs.1.logId.keyId", Base64(id.substr(0, 4)));
  EXPECT_TRUE(Check(entry, signature, brief).value().has_value());
  entry.log_id = id.substr(0, 4);
  EXPECT_TRUE(Check(entry, signature).value().has_value());
  EXPECT_TRUE(Check(entry, signature, brief).value().has_value());
  entry.log_id = id.substr(0, 3);
  EXPECT_FALSE(Check(entry, signature).value().has_value());
  entry.log_id = id.substr(0, 5);
  EXPECT_FALSE(Check(entry, signature).value().has_value());
  // Named in the root by its SubjectPublicKeyInfo.
  entry.log_id = id;
  const TrustedRoot by_key =
      RootWith("tlogs.1.logId.keyId",
               Base64(Hash(crypto::Algorithm::kSha256, Sigstore().rekor2.key().Spki())));
  EXPECT_TRUE(Check(entry, signature, by_key).value().has_value());
}

}  // namespace
}  // namespace xzgate::signature::log_fixture
