#include "base/crypto/digest.h"

#include <openssl/evp.h>

namespace xzgate::crypto {
namespace {

// FIPS 180 examples, each also fed byte by byte.
struct VectorCase {
  std::string name;
  Algorithm algorithm;
  std::string text;
  std::string want;
};

class DigestVectors : public ::testing::TestWithParam<VectorCase> {};

TEST_P(DigestVectors, Match) {
  const VectorCase& vector = GetParam();
  EXPECT_EQ(HashHex(vector.algorithm, AsBytes(vector.text)), vector.want);
  Hasher hasher(vector.algorithm);
  for (const char& c : vector.text) hasher.Update(AsBytes(std::string_view(&c, 1)));
  EXPECT_EQ(hasher.FinishHex(), vector.want);
  EXPECT_EQ(vector.want.size(), 2 * DigestSize(vector.algorithm));
}

INSTANTIATE_TEST_SUITE_P(
    Fips180, DigestVectors,
    ::testing::Values(
        VectorCase{"Sha1Abc", Algorithm::kSha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        VectorCase{"Sha1Empty", Algorithm::kSha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        VectorCase{"Sha256Abc", Algorithm::kSha256, "abc",
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        VectorCase{"Sha256Empty", Algorithm::kSha256, "",
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        VectorCase{"Sha256TwoBlocks", Algorithm::kSha256,
                   "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        VectorCase{
            "Sha384Abc", Algorithm::kSha384, "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc23"
            "58baeca134c825a7"},
        VectorCase{
            "Sha384Empty", Algorithm::kSha384, "",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fb"
            "d51ad2f14898b95b"},
        VectorCase{
            "Sha512Abc", Algorithm::kSha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a8"
            "36ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"}),
    [](const auto& each) { return each.param.name; });

TEST(AlgorithmTest, HasAName) {
  EXPECT_EQ(ToString(Algorithm::kSha1), "sha1");
  EXPECT_EQ(ToString(Algorithm::kSha256), "sha256");
  EXPECT_EQ(ToString(Algorithm::kSha384), "sha384");
  EXPECT_EQ(ToString(Algorithm::kSha512), "sha512");
}

TEST(HasherTest, GivesTheSameDigestAsBytes) {
  for (const Algorithm algorithm :
       {Algorithm::kSha1, Algorithm::kSha256, Algorithm::kSha384, Algorithm::kSha512}) {
    const std::string digest = HashBytes(algorithm, AsBytes("abc"));
    EXPECT_EQ(digest.size(), DigestSize(algorithm));
    EXPECT_EQ(HexEncode(AsBytes(digest)), HashHex(algorithm, AsBytes("abc")));
  }
}

TEST(HasherTest, StartsAfreshAfterFinish) {
  Hasher hasher(Algorithm::kSha1);
  hasher.Update(AsBytes("something else"));
  (void)hasher.FinishHex();
  hasher.Update(AsBytes("abc"));
  EXPECT_EQ(hasher.FinishHex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

// An OpenSSL that has no SHA-256 must not give a digest that merely differs from every known one.
TEST(HasherDeathTest, EndsTheProgramRatherThanGiveAWrongDigest) {
  const auto hash_without_provider = [] {
    EVP_set_default_properties(nullptr, "provider=none");
    (void)HashHex(Algorithm::kSha256, AsBytes("abc"));
  };
  EXPECT_DEATH(hash_without_provider(), "OpenSSL cannot compute a digest: error:");
}

TEST(HexTest, RoundTripsAndTakesEitherCase) {
  const std::string bytes("\x00\x7f\xff\xa0", 4);
  EXPECT_EQ(HexEncode(AsBytes(bytes)), "007fffa0");
  EXPECT_EQ(HexDecode("007FffA0"), bytes);
  EXPECT_EQ(HexDecode(""), "");
}

TEST(HexTest, RejectsWhatIsNotHex) {
  for (const char* text : {"0", "000", "0g", "g0", " 00", "0x00", "00 ", "0-"}) {
    EXPECT_EQ(HexDecode(text), std::nullopt) << text;
  }
}

struct Base64Case {
  std::string bytes;
  std::string text;
};

// RFC 4648, section 10, and the two last letters of the alphabet.
TEST(Base64Test, RoundTrips) {
  const Base64Case cases[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"},
                              {"\xfb\xff", "+/8="}};
  for (const Base64Case& each : cases) {
    EXPECT_EQ(Base64Encode(AsBytes(each.bytes)), each.text);
    EXPECT_EQ(Base64Decode(each.text), each.bytes);
  }
  EXPECT_EQ(Base64Decode(std::string("AAAA")), std::string(3, '\0'));
}

TEST(Base64Test, RejectsEverythingElse) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Z===", "Zm=v", "Zm9v\n", " Zm9",
        "Zm9 ", "-_8=", "Zm9*", "Zg=\n", "Zm9v=", "\xC3\xA9=="}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

// The last letter before the padding has 4 or 2 bits that say nothing: one spelling each.
TEST(Base64Test, RejectsOtherSpellingsOfTheSameBytes) {
  for (const char* text : {"Zh==", "Zv==", "Z/==", "Zm9=", "Zm+=", "Zm9vYh==", "Zm9vYmF="}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
    EXPECT_EQ(Base64DecodeAnyAlphabet(text), std::nullopt) << text;
  }
}

TEST(Base64Test, TakesEitherAlphabetWhereItMay) {
  EXPECT_EQ(Base64DecodeAnyAlphabet("-_8="), "\xfb\xff");
  EXPECT_EQ(Base64DecodeAnyAlphabet("+/8="), "\xfb\xff");
  EXPECT_EQ(Base64DecodeAnyAlphabet(""), "");
  for (const char* text : {"-_8", "-_8 ", "-_8=\n", "-_9=", "*_8=", "+_8=", "-/8="}) {
    EXPECT_EQ(Base64DecodeAnyAlphabet(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace xzgate::crypto
