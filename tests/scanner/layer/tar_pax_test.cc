#include "scanner/layer/tar_pax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using ::testing::ElementsAre;
using testing::EntriesOf;
using testing::ErrorIs;
using testing::File;
using testing::IsOk;
using testing::Item;
using testing::Symlink;
using testing::TarBuilder;
using testing::WalkTar;

TEST(Pax, GivesNameTargetAndSize) {
  const std::string tar = TarBuilder()
                              .AddPax({{"path", "usr/lib/long"}, {"size", "3"}, {"mtime", "1.5"}})
                              .AddHeader({.name = "short"})
                              .Padded("abc")
                              .AddPax({{"linkpath", "usr/lib/long"}})
                              .AddSymlink("link", "x")
                              .AddFile("plain", "")
                              .Finish();
  EXPECT_THAT(WalkTar(tar).value(),
              ElementsAre(Item{File("usr/lib/long"), 3, "abc"},
                          Item{Symlink("link", "usr/lib/long")}, Item{File("plain")}));
}

TEST(Pax, LastOfEqualKeysWinsAndEmptyMeansAbsent) {
  const std::string tar = TarBuilder()
                              .AddPax({{"path", "first"}, {"path", "second"}})
                              .AddFile("a", "")
                              .AddPax({{"path", ""}, {"size", ""}})
                              .AddFile("b", "x")
                              .Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(File("second"), File("b")));
}

// As Go: the last record of a key counts, and an empty one leaves the header's own word.
TEST(Pax, EmptyRecordTakesBackWhatWasSaidBefore) {
  const std::string tar = TarBuilder()
                              .AddPax({{"path", "x"}, {"path", ""}, {"size", "1024"}, {"size", ""}})
                              .AddFile("a", "")
                              .AddFile("hidden", "b")
                              .Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(File("a"), File("hidden")));
}

TEST(Pax, ContentFromElsewhereIsUnsupported) {
  for (const char* name : {"trusted.overlay.redirect", "user.overlay.metacopy"}) {
    const std::string tar = TarBuilder()
                                .AddPax({{std::string("SCHILY.xattr.") + name, "/x"}})
                                .AddFile("a", "")
                                .Finish();
    EXPECT_THAT(WalkTar(tar), ErrorIs(ErrorCode::kUnsupported, name));
  }
  const std::string harmless =
      TarBuilder().AddPax({{"SCHILY.xattr.trusted.overlay.opaque", "y"}}).AddFile("a", "").Finish();
  EXPECT_THAT(WalkTar(harmless), IsOk());
}

TEST(Pax, SecondHeaderReplacesTheFirst) {
  const std::string tar =
      TarBuilder().AddPax({{"path", "first"}}).AddPax({{"mtime", "1"}}).AddFile("a", "").Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(File("a")));
}

// TARmageddon, CVE-2025-62518: an archive nested in the content is hidden from the one reader and
// shown to the other.
TEST(Pax, SizeWinsOverTheHeaderAndADifferenceIsOdd) {
  const std::string nested = TarBuilder().AddFile("nested", "n").bytes();
  const std::string tar = TarBuilder()
                              .AddPax({{"size", std::to_string(nested.size())}})
                              .AddHeader({.name = "outer", .size = 1})
                              .Padded(nested)
                              .AddFile("next", "")
                              .Finish();
  EXPECT_THAT(WalkTar(tar).value(), ElementsAre(Item{File("outer"), nested.size(), nested, false,
                                                     "pax and header size differ"},
                                                Item{File("next")}));
  // A header without a size of its own is what writers do for large files.
  const std::string zero = TarBuilder()
                               .AddPax({{"size", "3"}})
                               .AddHeader({.name = "a"})
                               .Padded("abc")
                               .AddFile("next", "")
                               .Finish();
  EXPECT_THAT(WalkTar(zero).value(), ElementsAre(Item{File("a"), 3, "abc"}, Item{File("next")}));
  // pax says there is nothing: the nested headers are entries, for Go too.
  const std::string shown = TarBuilder()
                                .AddPax({{"size", "0"}})
                                .AddHeader({.name = "outer", .size = nested.size()})
                                .Raw(nested)
                                .Finish();
  EXPECT_THAT(EntriesOf(shown).value(), ElementsAre(File("outer"), File("nested")));
}

// containerd, CRI-O and Docker ignore global headers; what GNU tar would make of them is not what
// runs.
TEST(Pax, GlobalHeadersChangeNothingButAreOdd) {
  const std::string tar = TarBuilder()
                              .AddGlobalPax({{"comment", "git"}})
                              .AddFile("a", "1")
                              .AddGlobalPax({{"path", "elsewhere"}, {"size", "1024"}})
                              .AddFile("b", "2")
                              .AddFile("c", "3")
                              .Finish();
  const auto items = WalkTar(tar).value();
  EXPECT_THAT(items,
              ElementsAre(Item{File("a"), 1, "1"},
                          Item{File("b"), 1, "2", false,
                               "a global pax header names a path or a size, which runtimes ignore"},
                          Item{File("c"), 1, "3"}));
}

TEST(Pax, GlobalHeaderForgetsWhatCameBefore) {
  const std::string tar = TarBuilder()
                              .AddPax({{"path", "renamed"}})
                              .AddGlobalPax({{"comment", "c"}})
                              .AddFile("a", "")
                              .Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(File("a")));
}

TEST(GnuLong, NamesAndTargetsWinOverPax) {
  const std::string name = "usr/" + std::string(200, 'n');
  const std::string tar = TarBuilder()
                              .AddGnuLong('L', name)
                              .AddGnuLong('K', "a/target")
                              .AddPax({{"path", "pax"}, {"linkpath", "pax"}})
                              .AddSymlink("short", "short")
                              .AddFile("b", "")
                              .Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(Symlink(name, "a/target"), File("b")));
}

struct BadBody {
  const char* name;
  std::string body;
};

class PaxRejects : public ::testing::TestWithParam<BadBody> {};
TEST_P(PaxRejects, Malformed) {
  EXPECT_THAT(ParsePax(GetParam().body, {}), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(
      EntriesOf(TarBuilder().AddSpecial('x', "pax", GetParam().body).AddFile("a", "").Finish()),
      ErrorIs(ErrorCode::kIntegrity));
}
INSTANTIATE_TEST_SUITE_P(
    Table, PaxRejects,
    ::testing::Values(BadBody{"NoLength", "path=a\n"}, BadBody{"NoSpace", "9path=a\n"},
                      BadBody{"LengthTooLong", "99 path=a\n"},
                      BadBody{"LengthTooShort", "5 path=a\n"}, BadBody{"LengthZero", "0 path=a\n"},
                      BadBody{"LengthNegative", "-9 path=a\n"},
                      BadBody{"LengthHuge", "99999999999999999999999 path=a\n"},
                      BadBody{"NoLineFeed", "9 path=ab"}, BadBody{"NoEquals", "9 pathaa\n"},
                      BadBody{"NoKey", "7 =abc\n"}, BadBody{"SecondIsBad", "9 path=a\nx"},
                      BadBody{"ZerosAfter", std::string("9 path=a\n\0\0", 11)},
                      BadBody{"NulInPath", TarBuilder::PaxRecord("path", std::string("a\0b", 3))},
                      BadBody{"SizeIsText", TarBuilder::PaxRecord("size", "x")},
                      BadBody{"SizeIsNegative", TarBuilder::PaxRecord("size", "-1")},
                      BadBody{"SizeIs2To63", TarBuilder::PaxRecord("size", "9223372036854775808")}),
    [](const auto& param) { return param.param.name; });

TEST(Pax, LimitsHoldOnBothSides) {
  std::string two = TarBuilder::PaxRecord("a", "1") + TarBuilder::PaxRecord("b", "2");
  EXPECT_THAT(ParsePax(two, {.max_pax_records = 2}), IsOk());
  EXPECT_THAT(ParsePax(two, {.max_pax_records = 1}),
              ErrorIs(ErrorCode::kResourceExhausted, "1 records"));
  const std::string tar = TarBuilder().AddSpecial('x', "pax", two).AddFile("a", "").Finish();
  EXPECT_THAT(EntriesOf(tar, {.max_pax_bytes = two.size()}), IsOk());
  EXPECT_THAT(EntriesOf(tar, {.max_pax_bytes = two.size() - 1}),
              ErrorIs(ErrorCode::kResourceExhausted, "extended header"));
  const std::string giant =
      TarBuilder().AddHeader({.name = "p", .type = 'L', .size = 1ULL << 32}).Finish();
  EXPECT_THAT(EntriesOf(giant), ErrorIs(ErrorCode::kResourceExhausted, "extended header"));
}

}  // namespace
}  // namespace xzgate::layer
