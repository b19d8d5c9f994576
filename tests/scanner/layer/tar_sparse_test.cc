#include "scanner/layer/tar_sparse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::File;
using testing::IsOk;
using testing::Item;
using testing::TarBuilder;
using testing::WalkTar;

const std::string kHole(5, '\0');
// A file of 15 bytes: "ELF", a hole of 5, "body", a hole of 3.
const std::string kContent = "ELF" + kHole + "body" + std::string(3, '\0');
const std::string kStored = "ELFbody";

struct SparseCase {
  const char* name;
  std::string tar;
};

std::string Old(const std::string& regions, char extended, std::uint64_t real_size,
                std::uint64_t stored) {
  std::string block = TarBuilder::Header(
      {.name = "lib", .type = 'S', .magic = std::string("ustar  \0", 8), .size = stored});
  block.replace(386, regions.size(), regions);
  block[482] = extended;
  block.replace(483, 11, TarBuilder::Octal(real_size, 11));
  block.replace(148, 8, TarBuilder::Checksum(block));
  return block;
}
std::string Region(std::uint64_t offset, std::uint64_t length) {
  return TarBuilder::Octal(offset, 11) + '\0' + TarBuilder::Octal(length, 11) + '\0';
}
std::string Extension(const std::string& regions, char extended) {
  std::string block = regions;
  block.resize(512, '\0');
  block[504] = extended;
  return block;
}
std::string InBlocks(const std::string& text) {
  return TarBuilder().Padded(text).bytes();
}

class SparseFiles : public ::testing::TestWithParam<SparseCase> {};
TEST_P(SparseFiles, AreExpanded) {
  for (const std::size_t chunk : {std::size_t{1}, SIZE_MAX}) {
    const auto items = WalkTar(GetParam().tar, {}, chunk);
    ASSERT_THAT(items, IsOk());
    EXPECT_THAT(*items, ElementsAre(Item{File("lib"), 15, kContent}, Item{File("next"), 1, "n"}));
  }
}
INSTANTIATE_TEST_SUITE_P(
    Formats, SparseFiles,
    ::testing::Values(
        SparseCase{"OldGnu", TarBuilder()
                                 .Raw(Old(Region(0, 3) + Region(8, 4) + Region(15, 0), 0, 15, 7))
                                 .Padded(kStored)
                                 .AddFile("next", "n")
                                 .Finish()},
        SparseCase{
            "OldGnuExtended",
            TarBuilder()
                .Raw(Old(Region(0, 1) + Region(1, 1) + Region(2, 1) + Region(8, 1), 1, 15, 7))
                .Raw(Extension(Region(9, 2), 1))
                .Raw(Extension(Region(11, 1), 0))
                .Padded(kStored)
                .AddFile("next", "n")
                .Finish()},
        SparseCase{"Pax00", TarBuilder()
                                .AddPax({{"GNU.sparse.size", "15"},
                                         {"GNU.sparse.numblocks", "2"},
                                         {"GNU.sparse.offset", "0"},
                                         {"GNU.sparse.numbytes", "3"},
                                         {"GNU.sparse.offset", "8"},
                                         {"GNU.sparse.numbytes", "4"}})
                                .AddFile("lib", kStored)
                                .AddFile("next", "n")
                                .Finish()},
        SparseCase{"Pax01", TarBuilder()
                                .AddPax({{"GNU.sparse.size", "15"},
                                         {"GNU.sparse.numblocks", "2"},
                                         {"GNU.sparse.map", "0,3,8,4"},
                                         {"GNU.sparse.name", "lib"}})
                                .AddFile("GNUSparseFile.0/lib", kStored)
                                .AddFile("next", "n")
                                .Finish()},
        SparseCase{"Pax10",
                   TarBuilder()
                       .AddPax({{"GNU.sparse.major", "1"},
                                {"GNU.sparse.minor", "0"},
                                {"GNU.sparse.name", "lib"},
                                {"GNU.sparse.realsize", "15"}})
                       .AddFile("GNUSparseFile.0/lib", InBlocks("2\n0\n3\n8\n4\n") + kStored)
                       .AddFile("next", "n")
                       .Finish()}),
    [](const auto& param) { return param.param.name; });

TEST(SparseFiles, MayBeOneHole) {
  const std::string tar =
      TarBuilder()
          .AddPax({{"GNU.sparse.major", "0"}, {"GNU.sparse.minor", "1"}, {"GNU.sparse.size", "5"}})
          .AddFile("a", "")
          .Finish();
  EXPECT_THAT(WalkTar(tar).value(), ElementsAre(Item{File("a"), 5, kHole}));
}

// As Go: single records go in last, and so does the sparse name.
TEST(SparseFiles, SingleRecordsAndTheSparseNameWin) {
  const std::string tar = TarBuilder()
                              .AddPax({{"GNU.sparse.name", "lib"},
                                       {"GNU.sparse.size", "15"},
                                       {"GNU.sparse.realsize", "7"},
                                       {"GNU.sparse.numblocks", "2"},
                                       {"GNU.sparse.offset", "0"},
                                       {"GNU.sparse.numbytes", "3"},
                                       {"GNU.sparse.offset", "8"},
                                       {"GNU.sparse.numbytes", "4"},
                                       {"GNU.sparse.map", "0,4,5,3"}})
                              .AddGnuLong('L', "decoy")
                              .AddFile("a", kStored)
                              .Finish();
  EXPECT_THAT(WalkTar(tar).value(), ElementsAre(Item{File("lib"), 15, kContent}));
}

// Go reads a version that it does not know as an ordinary file.
TEST(SparseFiles, OfAnUnknownVersionAreReadAsStored) {
  const std::string tar = TarBuilder()
                              .AddPax({{"GNU.sparse.major", "2"}, {"GNU.sparse.name", "b"}})
                              .AddFile("a", "stored")
                              .Finish();
  EXPECT_THAT(WalkTar(tar).value(),
              ElementsAre(Item{File("a"), 6, "stored", false,
                               "an unknown sparse format, read as it is stored"}));
}

struct BadSparse {
  const char* name;
  std::string tar;
  ErrorCode want = ErrorCode::kIntegrity;
};

std::string Pax01(const std::string& map, const std::string& size, const std::string& blocks = "") {
  return TarBuilder()
      .AddPax(
          {{"GNU.sparse.map", map}, {"GNU.sparse.size", size}, {"GNU.sparse.numblocks", blocks}})
      .AddFile("a", kStored)
      .Finish();
}
std::string Pax10(const std::string& head) {
  return TarBuilder()
      .AddPax({{"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}, {"GNU.sparse.realsize", "15"}})
      .AddFile("a", head)
      .Finish();
}

class SparseRejects : public ::testing::TestWithParam<BadSparse> {};
TEST_P(SparseRejects, WithTheRightCode) {
  EXPECT_THAT(WalkTar(GetParam().tar), ErrorIs(GetParam().want));
}
INSTANTIATE_TEST_SUITE_P(
    Table, SparseRejects,
    ::testing::Values(
        BadSparse{"Overlap", Pax01("0,3,2,4", "15")},
        BadSparse{"Backwards", Pax01("8,4,0,3", "15")},
        BadSparse{"BeyondTheEnd", Pax01("0,3,8,4", "11")},
        BadSparse{"MoreThanStored", Pax01("0,3,8,5", "15")},
        BadSparse{"LessThanStored", Pax01("0,3,8,3", "15")},
        BadSparse{"OddCount", Pax01("0,3,8", "15")},
        BadSparse{"NotANumber", Pax01("0,3,8,x", "15")},
        BadSparse{"Overflow", Pax01("0,3,9223372036854775807,4", "9223372036854775807")},
        BadSparse{"WrongCount", Pax01("0,3,8,4", "15", "3")},
        BadSparse{"RecordsOutOfTurn",
                  TarBuilder()
                      .AddPax({{"GNU.sparse.numbytes", "3"}, {"GNU.sparse.offset", "0"}})
                      .AddFile("a", "abc")
                      .Finish()},
        BadSparse{"MapCutShort", Pax10(InBlocks("2\n0\n3\n" + std::string(506, '1')))},
        BadSparse{"MapWithoutNumbers", Pax10(InBlocks(std::string(512, 'x')))},
        BadSparse{"MapMissing", Pax10("")},
        // CVE-2025-58183 and CVE-2026-32288: maps without a bound.
        BadSparse{"MapAnnouncesTooMuch", Pax10(InBlocks("65537\n")), ErrorCode::kResourceExhausted},
        BadSparse{"OldGnuMapEndsWithTheStream",
                  TarBuilder().Raw(Old(Region(0, 3), 1, 15, 3)).bytes()}),
    [](const auto& param) { return param.param.name; });

TEST(SparseLimits, RegionsHoldOnBothSides) {
  const std::string two = Pax01("0,3,8,4", "15");
  EXPECT_THAT(WalkTar(two, {.max_sparse_regions = 2}), IsOk());
  EXPECT_THAT(WalkTar(two, {.max_sparse_regions = 1}),
              ErrorIs(ErrorCode::kResourceExhausted, "1 regions"));
}

// CVE-2026-32288: extension blocks without end, each saying that one more follows.
TEST(SparseLimits, ExtensionBlocksAreBounded) {
  TarBuilder tar;
  tar.Raw(Old(Region(0, 0), 1, 15, 0));
  for (int i = 0; i < 100; ++i) tar.Raw(Extension("", 1));
  EXPECT_THAT(WalkTar(tar.bytes(), {.max_sparse_regions = 50}),
              ErrorIs(ErrorCode::kResourceExhausted, "50 regions"));
}

// A few bytes that claim to be a file of 8 EiB: reading stops at the limit, skipping costs nothing.
TEST(SparseLimits, HolesAreBoundedAndSkippedForFree) {
  const std::string tar =
      TarBuilder()
          .AddPax({{"GNU.sparse.map", "0,1"}, {"GNU.sparse.size", "9223372036854775807"}})
          .AddFile("giant", "x")
          .AddFile("next", "n")
          .Finish();
  EXPECT_THAT(WalkTar(tar, {.max_hole_bytes = 1'000'000}),
              ErrorIs(ErrorCode::kResourceExhausted, "holes"));
  MemorySource stream(tar);
  TarReader reader(stream, {});
  EXPECT_EQ(reader.Next().value()->size, 9223372036854775807u);
  EXPECT_EQ(reader.Next().value()->entry, File("next"));
}

}  // namespace
}  // namespace xzgate::layer
