#include "scanner/layer/tar_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::TarBuilder;

struct NumberCase {
  const char* name;
  std::string field;
  std::uint64_t want = 0;
};

class Numbers : public ::testing::TestWithParam<NumberCase> {};
TEST_P(Numbers, AreRead) {
  EXPECT_EQ(ParseTarNumber(AsBytes(GetParam().field), "size").value(), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Accepted, Numbers,
    ::testing::Values(
        NumberCase{"Octal", std::string("00000000017\0", 12), 15},
        NumberCase{"LeadingSpaces", std::string("        17 \0", 12), 15},
        NumberCase{"NoTerminator", "777777777777", 0777777777777},
        NumberCase{"LeadingNul",
                   std::string("\0\0"
                               "17",
                               4),
                   15},
        NumberCase{"Empty", std::string(12, '\0'), 0},
        NumberCase{"Spaces", std::string(12, ' '), 0},
        NumberCase{"NulThenAnything", std::string("17\0abc", 6), 15},
        NumberCase{"Base256", std::string("\x80\0\0\0\0\0\0\x02\0\0\0\x01", 12), 0x200000001},
        NumberCase{"Base256Largest", std::string("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12),
                   0x7FFFFFFFFFFFFFFF}),
    [](const auto& param) { return param.param.name; });

class BadNumbers : public ::testing::TestWithParam<NumberCase> {};
TEST_P(BadNumbers, AreRefused) {
  EXPECT_THAT(ParseTarNumber(AsBytes(GetParam().field), "size"),
              ErrorIs(ErrorCode::kIntegrity, "size"));
}
INSTANTIATE_TEST_SUITE_P(
    Rejected, BadNumbers,
    ::testing::Values(NumberCase{"Digit8", "00000000018 "}, NumberCase{"Letter", "0000000001a "},
                      NumberCase{"Minus", "-0000000001 "}, NumberCase{"TwoNumbers", "0000 0000017"},
                      NumberCase{"Base256Negative", std::string(12, '\xFF')},
                      NumberCase{"Base256MinusOneWithFirstBit", "\xC0zzzzzzzzzzz"},
                      NumberCase{"Base256TooLarge",
                                 std::string("\x80\0\0\0\x80\0\0\0\0\0\0\0", 12)}),
    [](const auto& param) { return param.param.name; });

TEST(TarHeader, ChecksumMayBeSignedOrUnsigned) {
  std::string block = TarBuilder::Header({.name = "caf\xC3\xA9"});
  EXPECT_TRUE(HasTarChecksum(AsBytes(block)));
  // Two bytes over 127: the signed sum is 512 less.
  const auto sum = ParseTarNumber(AsBytes(block).subspan(148, 8), "checksum").value();
  block.replace(148, 6, TarBuilder::Octal(sum - 512, 6));
  EXPECT_TRUE(HasTarChecksum(AsBytes(block)));
  block.replace(148, 6, TarBuilder::Octal(sum - 511, 6));
  EXPECT_FALSE(HasTarChecksum(AsBytes(block)));
  block.replace(148, 6, "xyz123");
  EXPECT_FALSE(HasTarChecksum(AsBytes(block)));
}

TEST(TarHeader, ZeroBlock) {
  std::string block(512, '\0');
  EXPECT_TRUE(IsZeroBlock(AsBytes(block)));
  block.back() = 1;
  EXPECT_FALSE(IsZeroBlock(AsBytes(block)));
}

std::string NameOf(const std::string& block) {
  return ParseTarHeader(AsBytes(block)).value().name;
}

TEST(TarHeader, UstarPrefixStandsInFrontOfTheName) {
  EXPECT_EQ(NameOf(TarBuilder::Header({.name = "status", .prefix = "var/lib/dpkg"})),
            "var/lib/dpkg/status");
  EXPECT_EQ(
      NameOf(TarBuilder::Header({.name = std::string(100, 'n'), .prefix = std::string(155, 'p')})),
      std::string(155, 'p') + "/" + std::string(100, 'n'));
}

TEST(TarHeader, Version7HasNoPrefix) {
  EXPECT_EQ(NameOf(TarBuilder::Header(
                {.name = "status", .prefix = "var", .magic = std::string(8, '\0')})),
            "status");
}

TEST(TarHeader, StarPrefixIsShorter) {
  std::string block = TarBuilder::Header({.name = "n", .prefix = std::string(155, 'p')});
  block.replace(508, 4, std::string("tar\0", 4));
  EXPECT_EQ(NameOf(block), std::string(131, 'p') + "/n");
}

// Go's reader takes the prefix of a GNU header when the times in its place are no numbers; GNU tar
// does not.
TEST(TarHeader, GnuPrefixCountsOnlyWhereGoTakesIt) {
  const std::string gnu("ustar  \0", 8);
  EXPECT_EQ(NameOf(TarBuilder::Header({.name = "status", .prefix = "var/lib/dpkg", .magic = gnu})),
            "var/lib/dpkg/status");
  EXPECT_EQ(NameOf(TarBuilder::Header({.name = "status", .prefix = "00000000017", .magic = gnu})),
            "status");
  EXPECT_EQ(NameOf(TarBuilder::Header({.name = "status", .prefix = "caf\xC3\xA9", .magic = gnu})),
            "status");
}

TEST(TarHeader, Base256SizeOfAFile) {
  const std::string size("\x80\0\0\0\0\0\0\0\0\0\0\x03", 12);
  const std::string tar =
      TarBuilder().AddHeader({.name = "a", .size_field = size}).Padded("abc").Finish();
  const auto items = testing::WalkTar(tar);
  ASSERT_THAT(items, IsOk());
  EXPECT_EQ(items->at(0), (testing::Item{testing::File("a"), 3, "abc"}));
}

}  // namespace
}  // namespace xzgate::layer
