#include "scanner/signature/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "scanner/signature/log_signature.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_note.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::CheckpointText;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::KeyHint;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::NoteLine;
using ::xzgate::testing::SignedNoteLine;
using ::xzgate::testing::TestKey;

const std::string kRoot(32, 'r');
const std::string kHost = "log.test";

std::string NoteOf(const std::string& text, const std::vector<std::string>& lines) {
  return ::xzgate::testing::Note(text, lines);
}

const std::string kSomeLine = NoteLine("n", "hint", "signature");

TEST(NoteTest, KeepsTextAndSignatures) {
  const auto note = ParseNote("a\nb\n\n" + kSomeLine + NoteLine("other", "HINT", "s"));
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->text, "a\nb\n");
  ASSERT_THAT(note->signatures, SizeIs(2));
  EXPECT_EQ(note->signatures[0].name, "n");
  EXPECT_EQ(note->signatures[0].hint, "hint");
  EXPECT_EQ(note->signatures[0].signature, "signature");
  EXPECT_EQ(note->signatures[1].name, "other");
}

TEST(NoteTest, TakesTheLastEmptyLineForTheEndOfTheText) {
  const auto note = ParseNote("a\n\nb\n\n" + kSomeLine);
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->text, "a\n\nb\n");
}

struct RejectCase {
  std::string name;
  std::string text;
  ErrorCode code = ErrorCode::kInvalidArgument;
};

class NoteRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(NoteRejects, WithTheRightCode) {
  EXPECT_THAT(ParseNote(GetParam().text), ErrorIs(GetParam().code));
}

std::string Lines(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines += kSomeLine;
  return lines;
}

const RejectCase kRejectedNotes[] = {
    {"Empty", ""},
    {"OnlyText", "a\n"},
    {"NoEmptyLine", "a\n" + kSomeLine},
    {"NoText", "\n\n" + kSomeLine},
    {"NoSignatures", "a\n\n"},
    {"NoLineEndAtTheEnd", "a\n\n" + kSomeLine.substr(0, kSomeLine.size() - 1)},
    {"EmptyLineAfterTheSignatures", "a\n\n" + kSomeLine + "\n"},
    {"CarriageReturns", "a\r\n\r\n" + kSomeLine},
    {"CarriageReturnInASignature", "a\n\n" + kSomeLine.substr(0, kSomeLine.size() - 1) + "\r\n"},
    {"Tab", "a\tb\n\n" + kSomeLine},
    {"NulByte", std::string("a\0b\n\n", 5) + kSomeLine},
    {"NotUtf8", "a\xFF\n\n" + kSomeLine},
    {"AsciiHyphen", "a\n\n- n aGludHNpZw==\n"},
    {"EnDash", "a\n\n\u2013 n aGludHNpZw==\n"},
    {"NoSpaceAfterDash", "a\n\n\u2014n aGludHNpZw==\n"},
    {"SpaceBeforeDash", "a\n\n \u2014 n aGludHNpZw==\n"},
    {"NoName", "a\n\n\u2014  aGludHNpZw==\n"},
    {"NameWithPlus", "a\n\n" + NoteLine("n+m", "hint", "s")},
    {"NameWithNoBreakSpace", "a\n\n" + NoteLine("n\u00A0m", "hint", "s")},
    {"NameWithIdeographicSpace", "a\n\n" + NoteLine("n\u3000m", "hint", "s")},
    {"NameAlone", "a\n\n\u2014 n\n"},
    {"NoBase64", "a\n\n\u2014 n !!!!\n"},
    {"UnpaddedBase64", "a\n\n\u2014 n aGludHNpZw\n"},
    {"UrlBase64", "a\n\n\u2014 n aGludP__\n"},
    {"TwoSpaces", "a\n\n\u2014 n  aGludHNpZw==\n"},
    {"SpaceAtTheEnd", "a\n\n\u2014 n aGludHNpZw== \n"},
    {"OnlyAHint", "a\n\n" + NoteLine("n", "hint", "")},
    {"HalfAHint", "a\n\n" + NoteLine("n", "hi", "")},
    {"BadLineAfterAGoodOne", "a\n\n" + kSomeLine + "b\n"},
    {"TooManySignatures", "a\n\n" + Lines(kMaxNoteSignatures + 1), ErrorCode::kResourceExhausted},
    {"TooLong", std::string(kMaxNoteBytes - kSomeLine.size() - 1, 'a') + "\n\n" + kSomeLine,
     ErrorCode::kResourceExhausted},
};

INSTANTIATE_TEST_SUITE_P(Table, NoteRejects, ::testing::ValuesIn(kRejectedNotes),
                         [](const auto& param) { return param.param.name; });

TEST(NoteTest, TakesAsMuchAsTheLimits) {
  EXPECT_THAT(ParseNote("a\n\n" + Lines(kMaxNoteSignatures)), IsOk());
  EXPECT_THAT(
      ParseNote(std::string(kMaxNoteBytes - kSomeLine.size() - 2, 'a') + "\n\n" + kSomeLine),
      IsOk());
}

TEST(CheckpointTest, SaysWhatStandsInIt) {
  const auto checkpoint = ParseCheckpoint(CheckpointText("log.test - 12", 7, kRoot));
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->origin, "log.test - 12");
  EXPECT_EQ(checkpoint->tree_size, 7U);
  EXPECT_EQ(checkpoint->root, kRoot);
  EXPECT_THAT(checkpoint->extensions, IsEmpty());
}

TEST(CheckpointTest, TakesExtensionLines) {
  const auto checkpoint =
      ParseCheckpoint(CheckpointText(kHost, 0, kRoot, {"Timestamp: 1681757072", "x"}));
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_THAT(checkpoint->extensions, ElementsAre("Timestamp: 1681757072", "x"));
}

class CheckpointRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(CheckpointRejects, WithTheRightCode) {
  EXPECT_THAT(ParseCheckpoint(GetParam().text), ErrorIs(GetParam().code));
}

const std::string kRoot64 = crypto::Base64Encode(AsBytes(kRoot));

const RejectCase kRejectedCheckpoints[] = {
    {"Empty", ""},
    {"OnlyOrigin", "log.test\n"},
    {"NoRoot", "log.test\n7\n"},
    {"NoLineEndAtTheEnd", "log.test\n7\n" + kRoot64},
    {"NoOrigin", "\n7\n" + kRoot64 + "\n"},
    {"NoSize", "log.test\n\n" + kRoot64 + "\n"},
    {"NegativeSize", "log.test\n-7\n" + kRoot64 + "\n"},
    {"SizeWithPlus", "log.test\n+7\n" + kRoot64 + "\n"},
    {"SizeWithZeroInFront", "log.test\n07\n" + kRoot64 + "\n"},
    {"SizeInHex", "log.test\n0x7\n" + kRoot64 + "\n"},
    {"SizeWithSpace", "log.test\n7 \n" + kRoot64 + "\n"},
    {"SizeBeyond64Bits", "log.test\n18446744073709551616\n" + kRoot64 + "\n"},
    {"ShortRoot", CheckpointText(kHost, 7, kRoot.substr(1))},
    {"LongRoot", CheckpointText(kHost, 7, kRoot + "r")},
    {"RootIsNoBase64", "log.test\n7\n!" + kRoot64.substr(1) + "\n"},
    {"EmptyLineAtTheEnd", "log.test\n7\n" + kRoot64 + "\n\n"},
    {"EmptyLineAmongExtensions", CheckpointText(kHost, 7, kRoot, {"a", "", "b"})},
    {"WindowsLines", "log.test\r\n7\r\n" + kRoot64 + "\r\n"},
};

INSTANTIATE_TEST_SUITE_P(Table, CheckpointRejects, ::testing::ValuesIn(kRejectedCheckpoints),
                         [](const auto& param) { return param.param.name; });

Log LogOf(const std::string& origin, const TestKey& key) {
  return {.origin = origin,
          .id = "id",
          .checkpoint_id = "",
          .key = crypto::PublicKey::FromDer(AsBytes(key.Spki())).value(),
          .valid = {.start = WallTime()}};
}

Result<void> Check(const std::string& text, const std::vector<std::string>& lines, const Log& log) {
  XZGATE_ASSIGN(const Note note, ParseNote(NoteOf(text, lines)));
  XZGATE_ASSIGN(const Checkpoint checkpoint, ParseCheckpoint(note.text));
  return CheckNote(note, checkpoint, log);
}

const TestKey& Own(KeyType type) {
  return TestKey::Shared(type, 0);
}
const TestKey& Foreign(KeyType type) {
  return TestKey::Shared(type, 1);
}
const std::string kV1Text = CheckpointText("log.test - 1193050959916656506", 7, kRoot);
const std::string kV2Text = CheckpointText(kHost, 7, kRoot);

// Type, text of the checkpoint, lines -> whether the log "log.test" with Own(type) signed it.
struct CheckCase {
  std::string name;
  KeyType type;
  std::string text;
  std::function<std::vector<std::string>(const std::string& text)> lines;
  bool want;
};

class CheckNoteTest : public ::testing::TestWithParam<CheckCase> {};

TEST_P(CheckNoteTest, BelievesOnlyTheLog) {
  const CheckCase& test = GetParam();
  const auto checked = Check(test.text, test.lines(test.text), LogOf(kHost, Own(test.type)));
  if (test.want) {
    EXPECT_THAT(checked, IsOk());
  } else {
    EXPECT_THAT(checked, ErrorIs(ErrorCode::kIntegrity));
  }
}

using Text = const std::string&;
constexpr auto kP256 = KeyType::kP256;
constexpr auto kEd25519 = KeyType::kEd25519;

std::string Witness(Text text) {
  return SignedNoteLine("witness.test", Foreign(kEd25519), text);
}
std::string Broken(const TestKey& key, Text text) {
  return NoteLine(kHost, KeyHint(kHost, key), key.Sign(text + "x"));
}
std::vector<std::string> Times(std::size_t count, const std::string& line) {
  return std::vector<std::string>(count, line);
}
std::vector<std::string> Then(std::vector<std::string> lines, std::string last) {
  lines.push_back(std::move(last));
  return lines;
}

const CheckCase kChecks[] = {
    {"V1", kP256, kV1Text, [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kP256), t)); },
     true},
    {"V1OfP384", KeyType::kP384, kV1Text,
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(KeyType::kP384), t)); }, true},
    {"V1OfAnotherHostName", kP256, CheckpointText("rekor.test - 12", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine("rekor.test", Own(kP256), t)); }, true},
    {"V1WithoutTree", kP256, CheckpointText("rekor.test", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine("rekor.test", Own(kP256), t)); }, false},
    {"V1WithoutTreeNumber", kP256, CheckpointText("log.test - ", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kP256), t)); }, false},
    {"V1TreeIsNoNumber", kP256, CheckpointText("log.test - x", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kP256), t)); }, false},
    {"V1NameIsNotTheOrigins", kP256, kV1Text,
     [](Text t) { return Times(1, SignedNoteLine("other.test", Own(kP256), t)); }, false},
    {"V2", kEd25519, kV2Text,
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kEd25519), t)); }, true},
    {"V2OfEcdsa", kP256, kV2Text,
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kP256), t)); }, true},
    {"V2OfRsa", KeyType::kRsa2048, kV2Text,
     [](Text t) {
       const TestKey& key = Own(KeyType::kRsa2048);
       return Times(
           1, NoteLine(kHost, NoteKeyId(kHost, LogOf(kHost, key).key).substr(0, 4), key.Sign(t)));
     },
     true},
    {"V2OfAnotherOrigin", kEd25519, CheckpointText("other.test", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kEd25519), t)); }, false},
    {"V2InAnotherName", kEd25519, kV2Text,
     [](Text t) { return Times(1, SignedNoteLine("other.test", Own(kEd25519), t)); }, false},
    {"V2OfAnotherOriginAndName", kEd25519, CheckpointText("other.test", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine("other.test", Own(kEd25519), t)); }, false},
    {"V2OriginInAnotherCase", kEd25519, CheckpointText("Log.test", 7, kRoot),
     [](Text t) { return Times(1, SignedNoteLine("Log.test", Own(kEd25519), t)); }, false},
    {"WithExtensions", kEd25519, CheckpointText(kHost, 7, kRoot, {"Timestamp: 1"}),
     [](Text t) { return Times(1, SignedNoteLine(kHost, Own(kEd25519), t)); }, true},
    {"AnotherKey", kEd25519, kV2Text,
     [](Text t) { return Times(1, SignedNoteLine(kHost, Foreign(kEd25519), t)); }, false},
    {"AnotherKeyWithOurHint", kEd25519, kV2Text,
     [](Text t) {
       return Times(1, NoteLine(kHost, KeyHint(kHost, Own(kEd25519)), Foreign(kEd25519).Sign(t)));
     },
     false},
    {"OurSignatureWithAnotherHint", kEd25519, kV2Text,
     [](Text t) {
       return Times(1, NoteLine(kHost, KeyHint(kHost, Foreign(kEd25519)), Own(kEd25519).Sign(t)));
     },
     false},
    {"OverAnotherText", kEd25519, kV2Text,
     [](Text t) { return Times(1, Broken(Own(kEd25519), t)); }, false},
    {"OnlyAWitness", kEd25519, kV2Text, [](Text t) { return Times(1, Witness(t)); }, false},
    {"WitnessInFront", kEd25519, kV2Text,
     [](Text t) { return Then(Times(3, Witness(t)), SignedNoteLine(kHost, Own(kEd25519), t)); },
     true},
    {"WitnessAfter", kEd25519, kV2Text,
     [](Text t) { return Then(Times(1, SignedNoteLine(kHost, Own(kEd25519), t)), Witness(t)); },
     true},
    {"BrokenInFront", kEd25519, kV2Text,
     [](Text t) {
       return Then(Times(1, Broken(Own(kEd25519), t)), SignedNoteLine(kHost, Own(kEd25519), t));
     },
     true},
    {"SevenBrokenInFront", kEd25519, kV2Text,
     [](Text t) {
       return Then(Times(7, Broken(Own(kEd25519), t)), SignedNoteLine(kHost, Own(kEd25519), t));
     },
     true},
    {"EightBrokenInFront", kEd25519, kV2Text,
     [](Text t) {
       return Then(Times(8, Broken(Own(kEd25519), t)), SignedNoteLine(kHost, Own(kEd25519), t));
     },
     false},
};

INSTANTIATE_TEST_SUITE_P(Table, CheckNoteTest, ::testing::ValuesIn(kChecks),
                         [](const auto& param) { return param.param.name; });

TEST(CheckNoteTest, TakesTheHintThatTheRootGives) {
  Log log = LogOf(kHost, Own(kEd25519));
  log.checkpoint_id = "hint";
  EXPECT_THAT(Check(kV2Text, {NoteLine(kHost, "hint", Own(kEd25519).Sign(kV2Text))}, log), IsOk());
  EXPECT_THAT(Check(kV2Text, {NoteLine(kHost, "hunt", Own(kEd25519).Sign(kV2Text))}, log),
              ErrorIs(ErrorCode::kIntegrity));
}

TEST(CheckNoteTest, SaysWhoseSignaturesThereAre) {
  EXPECT_THAT(Check(kV2Text, {Witness(kV2Text)}, LogOf(kHost, Own(kEd25519))),
              ErrorIs(ErrorCode::kIntegrity, "\"witness.test\""));
}

// The example of golang.org/x/mod/sumdb/note: name, key and signature were made elsewhere.
TEST(CheckNoteTest, HoldsForThePublishedExample) {
  const std::string text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n";
  const auto note = ParseNote(
      text +
      "\n\u2014 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
      "\n");
  ASSERT_THAT(note, IsOk());
  // A verifier key holds a type in front of the 32 bytes; an Ed25519 SubjectPublicKeyInfo a prefix
  // (RFC 8410, section 4).
  const std::string encoded =
      crypto::Base64Decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").value();
  const std::string spki =
      crypto::HexDecode("302a300506032b6570032100").value() + encoded.substr(1);
  const Log log{.origin = "PeterNeumann",
                .id = "id",
                .checkpoint_id = "",
                .key = crypto::PublicKey::FromDer(AsBytes(spki)).value(),
                .valid = {.start = WallTime()}};
  const Checkpoint checkpoint{
      .origin = "PeterNeumann", .tree_size = 0, .root = "", .extensions = {}};
  EXPECT_THAT(CheckNote(*note, checkpoint, log), IsOk());
}

struct RealCase {
  std::string name;
  std::string host;
  std::string key;  // SubjectPublicKeyInfo
  std::string checkpoint;
};

class RealCheckpoints : public ::testing::TestWithParam<RealCase> {};

// Made by the logs of Sigstore themselves.
TEST_P(RealCheckpoints, AreSignedByTheirLogs) {
  const Log log{
      .origin = GetParam().host,
      .id = "id",
      .checkpoint_id = "",
      .key =
          crypto::PublicKey::FromDer(AsBytes(crypto::Base64Decode(GetParam().key).value())).value(),
      .valid = {.start = WallTime()}};
  const auto note = ParseNote(GetParam().checkpoint);
  ASSERT_THAT(note, IsOk());
  const auto checkpoint = ParseCheckpoint(note->text);
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_THAT(CheckNote(*note, *checkpoint, log), IsOk());
}

const RealCase kReal[] = {
    {"RekorV1", "rekor.sigstore.dev",
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8"
     "Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
     "rekor.sigstore.dev - 1193050959916656506\n"
     "1403653554\n"
     "L0o7cl2r/WjZ8BSJyO+XGiAsh7c0hZPiJ7RDt7ppqnA=\n"
     "\n"
     "\u2014 rekor.sigstore.dev wNI9ajBFAiB82RdTu3UiefUtR+bJznnL9Rg7zrJoNiR1vcHHiK7UMAIhAIRt0ayaYf"
     "pPAql6XsANbd160bHZzFKA56hcqUK0Oqh+\n"},
    {"RekorV2", "log2025-alpha1.rekor.sigstage.dev",
     "MCowBQYDK2VwAyEAPn+AREHoBaZ7wgS1zBqpxmLSGnyhxXj4lFxSdWVB8o8=",
     "log2025-alpha1.rekor.sigstage.dev\n"
     "7132\n"
     "oxP/ea30nl5qRXK7CWd0YGGajQNclTGmRbyTqZVS0AU=\n"
     "\n"
     "\u2014 log2025-alpha1.rekor.sigstage.dev 8w1amVmcxxHofaeiQdnXseduy+i75L3TKSG91maGEGjUkBbuRQ4o"
     "DZ08bVTO9M+MQJMfz0+vbuOeBrr8yYsofI36egQ=\n"},
};

INSTANTIATE_TEST_SUITE_P(Table, RealCheckpoints, ::testing::ValuesIn(kReal),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace xzgate::signature
