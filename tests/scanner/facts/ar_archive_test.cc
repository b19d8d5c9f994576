#include "scanner/facts/ar_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/ar_builder.h"
#include "tests/scanner/facts/layer_blob.h"
#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ArBuilder;
using ::xzgate::testing::TarBuilder;

// An object file with the marker in its code.
std::string BadObject() {
  return testing::BuildElf({.type = 1, .code = kMarker});
}
std::string GoodObject() {
  return testing::BuildElf({.type = 1, .data = kMarker});
}

struct Reading {
  std::vector<std::string> members;  // with the marker
  std::vector<ElfFile> files;
  Findings findings;
};

Reading Read(const std::string& bytes, std::size_t piece = SIZE_MAX, const ArLimits& limits = {}) {
  Reading reading;
  const Probes probes = TestProbes();
  ArArchive archive(
      "lib.a", probes, nullptr,
      [&reading](ElfReading found) {
        reading.members.push_back(found.file.member);
        reading.files.push_back(std::move(found.file));
      },
      limits);
  const Bytes all = AsBytes(bytes);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t count = std::min(piece, all.size() - at);
    archive.Feed(all.subspan(at, count));
    at += count;
  }
  archive.Finish(reading.findings);
  return reading;
}

struct NameCase {
  const char* name;
  std::string archive;
  std::string want;
};
class MemberName : public ::testing::TestWithParam<NameCase> {};

TEST_P(MemberName, IsReadHoweverTheFileIsCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, SIZE_MAX}) {
    const Reading reading = Read(GetParam().archive, piece);
    EXPECT_THAT(reading.members, ElementsAre(GetParam().want)) << piece;
    EXPECT_THAT(reading.findings.incomplete, IsEmpty());
    EXPECT_THAT(reading.findings.notes, IsEmpty());
  }
}

const NameCase kNames[] = {
    {"Gnu",
     ArBuilder().Add("/", "index").Add("good.o/", GoodObject()).Add("bad.o/", BadObject()).bytes(),
     "bad.o"},
    {"GnuLong",
     ArBuilder()
         .Add("//", "a_very_long_name_of_an_object.o/\nanother_long_name.o/\n")
         .Add("/33", BadObject())
         .bytes(),
     "another_long_name.o"},
    {"GnuLongOutOfTheTable", ArBuilder().Add("//", "x/\n").Add("/99", BadObject()).bytes(), "/99"},
    {"Bsd", ArBuilder().Add("__.SYMDEF", "index").Add("bad.o", BadObject()).bytes(), "bad.o"},
    {"BsdLong",
     ArBuilder().AddBsd(std::string("a name with spaces.o\0\0\0", 23), BadObject()).bytes(),
     "a name with spaces.o"},
    {"OddSizes",
     ArBuilder().Add("a/", "x").Add("b/", "").Add("c/", "xyz").Add("bad.o/", BadObject()).bytes(),
     "bad.o"},
    {"NamedLikeAnIndex", ArBuilder().Add("/", BadObject()).bytes(), "/"},
};
INSTANTIATE_TEST_SUITE_P(Names, MemberName, ::testing::ValuesIn(kNames),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ArArchiveTest, EveryBadMemberIsFound) {
  const Reading reading = Read(ArBuilder()
                                   .Add("a.o/", BadObject())
                                   .Add("text/", "no object")
                                   .Add("good.o/", GoodObject())
                                   .Add("b.o/", BadElf())
                                   .bytes());
  EXPECT_THAT(reading.members, ElementsAre("a.o", "b.o"));
  EXPECT_EQ(reading.files[0].path, "lib.a");
  EXPECT_EQ(reading.files[0].size, BadObject().size());
  EXPECT_EQ(reading.files[0].sha256,
            crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(BadObject())));
  EXPECT_THAT(reading.files[0].patterns, ElementsAre("marker"));
}

TEST(ArArchiveTest, MembersAreBounded) {
  const std::string bytes =
      ArBuilder().Add("a/", "").Add("b/", "").Add("bad/", BadObject()).bytes();
  EXPECT_THAT(Read(bytes, SIZE_MAX, {.max_members = 3}).members, SizeIs(1));
  const Reading reading = Read(bytes, SIZE_MAX, {.max_members = 2});
  EXPECT_THAT(reading.members, IsEmpty());
  EXPECT_THAT(reading.findings.incomplete,
              ElementsAre(Incomplete{"lib.a", "archive of members has more than 2 of them"}));
}

TEST(ArArchiveTest, TheNameTableIsBounded) {
  const std::string bytes = ArBuilder().Add("//", "0123/\n").Add("/0", BadObject()).bytes();
  EXPECT_THAT(Read(bytes, 1, {.max_name_bytes = 6}).members, ElementsAre("0123"));
  EXPECT_THAT(Read(bytes, 1, {.max_name_bytes = 2}).members, ElementsAre("01"));
  EXPECT_THAT(Read(bytes, 1, {.max_name_bytes = 0}).members, ElementsAre("/0"));
}

// No linker takes a damaged archive; what came before the damage is read.
struct DamageCase {
  const char* name;
  std::string rest;
  std::string want;
};
class DamagedArchive : public ::testing::TestWithParam<DamageCase> {};

TEST_P(DamagedArchive, IsNoted) {
  const std::string bytes = ArBuilder().Add("bad/", BadObject()).bytes() + GetParam().rest;
  for (const std::size_t piece : {std::size_t{1}, SIZE_MAX}) {
    const Reading reading = Read(bytes, piece);
    EXPECT_THAT(reading.members, ElementsAre("bad"));
    EXPECT_THAT(reading.findings.incomplete, IsEmpty());
    EXPECT_THAT(reading.findings.notes,
                ElementsAre(AllOf(Field(&Note::path, "lib.a"),
                                  Field(&Note::what, HasSubstr(GetParam().want)))));
  }
}

std::string HeaderOnly(std::string_view name, std::string_view size, std::string_view end = "`\n") {
  return ArBuilder().AddHeader(name, size, end).bytes().substr(kArMagicBytes);
}
const DamageCase kDamages[] = {
    {"HeaderEnd", HeaderOnly("a/", "4", "xx"), "damaged header"},
    {"SizeIsNoNumber", HeaderOnly("a/", "4x"), "damaged header"},
    {"SizeIsNegative", HeaderOnly("a/", "-4"), "damaged header"},
    {"SizeIsEmpty", HeaderOnly("a/", ""), "damaged header"},
    {"HeaderCut", HeaderOnly("a/", "4").substr(0, 59), "cut short"},
    {"ContentCut", HeaderOnly("a/", "9999999999") + "x", "cut short"},
    {"BsdNameLongerThanTheMember", HeaderOnly("#1/5", "4") + "abcd", "damaged name"},
    {"BsdNameTooLong", HeaderOnly("#1/4097", "5000") + "abcd", "damaged name"},
    {"BsdNameIsNoNumber", HeaderOnly("#1/x", "4") + "abcd", "damaged name"},
};
INSTANTIATE_TEST_SUITE_P(Damages, DamagedArchive, ::testing::ValuesIn(kDamages),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ArArchiveTest, AnEmptyArchiveIsFine) {
  const Reading reading = Read(ArBuilder().bytes());
  EXPECT_THAT(reading.members, IsEmpty());
  EXPECT_THAT(reading.findings.notes, IsEmpty());
}

// In a layer.

TEST(ArArchiveTest, AMemberIsAFactOfTheArchivesPath) {
  const std::string archive =
      ArBuilder().Add("good.o/", GoodObject()).Add("bad.o/", BadObject()).bytes();
  const LayerBlob blob(
      TarBuilder().AddFile("usr/lib/liblzma.a", archive).AddFile("other", BadElf()).Finish());
  for (const std::size_t chunk : {std::size_t{3}, SIZE_MAX}) {
    const auto facts = blob.Read({}, chunk);
    EXPECT_THAT(facts->incomplete, IsEmpty());
    EXPECT_THAT(facts->notes, IsEmpty());
    ASSERT_THAT(facts->elf_files, SizeIs(2));
    EXPECT_EQ(facts->elf_files[0].path, "usr/lib/liblzma.a");
    EXPECT_EQ(facts->elf_files[0].member, "bad.o");
    EXPECT_EQ(facts->elf_files[1].member, "");
  }
}

TEST(ArArchiveTest, BehindTheEndAMemberIsMarked) {
  const std::string archive = ArBuilder().Add("bad.o/", BadObject()).bytes();
  const auto facts =
      LayerBlob(TarBuilder().Finish() + TarBuilder().AddFile("lib.a", archive).Finish()).Read();
  ASSERT_THAT(facts->elf_files, SizeIs(1));
  EXPECT_TRUE(facts->elf_files[0].after_end);
}

TEST(ArArchiveTest, AThinArchiveIsNoted) {
  const auto facts = LayerBlob(TarBuilder().AddFile("lib.a", "!<thin>\nrest").Finish()).Read();
  EXPECT_THAT(facts->incomplete, IsEmpty());
  EXPECT_THAT(facts->notes, Contains(Field(&Note::what, HasSubstr("thin archive"))));
}

}  // namespace
}  // namespace xzgate::facts
