#include "scanner/layer/tar_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using testing::Directory;
using ::testing::ElementsAre;
using testing::EntriesOf;
using testing::ErrorIs;
using testing::File;
using testing::HardLink;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Item;
using testing::Other;
using testing::Symlink;
using testing::TarBuilder;
using testing::WalkTar;

TEST(TarReader, ReadsEveryKindOfEntry) {
  const std::string tar = TarBuilder()
                              .AddDirectory("usr/lib")
                              .AddFile("usr/lib/a.so", "content")
                              .AddSymlink("lib", "usr/lib")
                              .AddHardLink("./b.so", "/usr/lib/a.so")
                              .AddFile("empty", "")
                              .AddWhiteout("etc/old")
                              .AddOpaque("var/cache")
                              .Finish();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{511}, std::size_t{513}, SIZE_MAX}) {
    EXPECT_THAT(WalkTar(tar, {}, chunk).value(),
                ElementsAre(Item{Directory("usr/lib")}, Item{File("usr/lib/a.so"), 7, "content"},
                            Item{Symlink("lib", "usr/lib")}, Item{HardLink("b.so", "usr/lib/a.so")},
                            Item{File("empty")}, Item{testing::Whiteout("etc/old")},
                            Item{testing::Opaque("var/cache")}));
  }
}

TEST(TarReader, ReturnsEveryDuplicate) {
  const std::string tar =
      TarBuilder().AddFile("a", "bad").AddFile("a", "good").AddFile("./a", "bad").Finish();
  EXPECT_THAT(WalkTar(tar).value(),
              ElementsAre(Item{File("a"), 3, "bad"}, Item{File("a"), 4, "good"},
                          Item{File("a"), 3, "bad"}));
}

TEST(TarReader, EmptyStreamIsAnEmptyLayer) {
  EXPECT_THAT(EntriesOf("").value(), IsEmpty());
}

TEST(TarReader, OnlyTheEndMarkerIsAnEmptyLayer) {
  EXPECT_THAT(EntriesOf(TarBuilder().Finish()).value(), IsEmpty());
  EXPECT_THAT(EntriesOf(TarBuilder().ZeroBlocks(20).bytes()).value(), IsEmpty());
}

TEST(TarReader, EndMarkerMayBeMissing) {
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile("a", "x").bytes()).value(), ElementsAre(File("a")));
  // The last padding too.
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile("a", "x").bytes().substr(0, 513)).value(),
              ElementsAre(File("a")));
}

TEST(TarReader, ReadsContentInViewsAndSkipsWhatIsNotRead) {
  const std::string big(600'000, 'z');
  MemorySource stream(
      TarBuilder().AddFile("skipped", big).AddFile("read", big).AddFile("last", "x").Finish());
  TarReader reader(stream, {});
  ASSERT_EQ(reader.Next().value()->entry, File("skipped"));
  ASSERT_EQ(reader.Next().value()->entry, File("read"));
  std::string content;
  while (true) {
    const auto piece = reader.ReadView();
    ASSERT_THAT(piece, IsOk());
    if (piece->empty()) break;
    content += AsText(*piece);
  }
  EXPECT_EQ(content, big);
  EXPECT_EQ(reader.Next().value()->entry, File("last"));
  EXPECT_FALSE(reader.Next().value().has_value());
  EXPECT_FALSE(reader.Next().value().has_value());
  EXPECT_EQ(reader.ReadView().value().size(), 0u);
}

// What each typeflag means, and that content is passed by its size; for '1' to '6' Go reads none.
TEST(TarReader, EveryTypeflagHasAMeaning) {
  for (int flag = 0; flag < 256; ++flag) {
    const char type = static_cast<char>(flag);
    if (type == 'x' || type == 'g' || type == 'L' || type == 'K') continue;
    const bool is_file = type == '0' || type == '\0' || type == '7';
    const bool is_header_only = type >= '1' && type <= '6';
    TarBuilder tar;
    tar.AddHeader(
        {.name = "entry", .type = type, .link = "target", .size = is_header_only ? 0u : 700u});
    if (!is_header_only) tar.Padded(std::string(700, 'c'));
    const auto items = WalkTar(tar.AddFile("next", "n").Finish());
    if (type == 'S') {
      EXPECT_THAT(items, ErrorIs(ErrorCode::kIntegrity, "GNU")) << flag;
      continue;
    }
    ASSERT_THAT(items, IsOk()) << flag;
    ASSERT_EQ(items->size(), 2u) << flag;
    const EntryType want = is_file       ? EntryType::kFile
                           : type == '1' ? EntryType::kHardLink
                           : type == '2' ? EntryType::kSymlink
                           : type == '5' ? EntryType::kDirectory
                                         : EntryType::kOther;
    EXPECT_EQ((*items)[0].entry.type, want) << flag;
    EXPECT_EQ((*items)[0].size, is_file ? 700u : 0u) << flag;
    EXPECT_EQ((*items)[1], (Item{File("next"), 1, "n"})) << flag;
  }
}

TEST(TarReader, OldDirectoriesEndInASlash) {
  const std::string tar =
      TarBuilder().AddHeader({.name = "old/", .type = '\0'}).AddFile("new/", "").Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(Directory("old"), File("new")));
}

// Go unpacks no content of a link; a nested header there is an entry for it, and so for us.
TEST(TarReader, LinkWithASizeHasNoContentWhenAHeaderFollows) {
  const std::string tar = TarBuilder()
                              .AddHeader({.name = "link", .type = '1', .link = "a", .size = 1024})
                              .AddFile("hidden", "found")
                              .AddFile("next", "n")
                              .Finish();
  const auto items = WalkTar(tar).value();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0].oddity, "a link, directory or device with a size");
  EXPECT_EQ(items[1], (Item{File("hidden"), 5, "found"}));
  EXPECT_EQ(items[2], (Item{File("next"), 1, "n"}));
}

TEST(TarReader, LinkWithStoredContentIsPassed) {
  const std::string tar = TarBuilder()
                              .AddHeader({.name = "link", .type = '1', .link = "a", .size = 1025})
                              .Padded(std::string(1025, 'c'))
                              .AddFile("next", "n")
                              .Finish();
  EXPECT_THAT(EntriesOf(tar).value(), ElementsAre(HardLink("link", "a"), File("next")));
}

struct BadTar {
  const char* name;
  std::string tar;
  ErrorCode want;
  const char* text;
};

class TarRejects : public ::testing::TestWithParam<BadTar> {};

TEST_P(TarRejects, WithTheRightCode) {
  EXPECT_THAT(WalkTar(GetParam().tar), ErrorIs(GetParam().want, GetParam().text));
}

std::string WithFlippedByte(std::string tar, std::size_t at) {
  tar[at] ^= 1;
  return tar;
}

INSTANTIATE_TEST_SUITE_P(
    Table, TarRejects,
    ::testing::Values(
        BadTar{"Text", "hello", ErrorCode::kIntegrity, "not a tar archive"},
        BadTar{"Noise", std::string(2000, 'n'), ErrorCode::kIntegrity, "not a tar archive"},
        BadTar{"GzipInside", std::string("\x1F\x8B\x08") + std::string(600, 'x'),
               ErrorCode::kIntegrity, "not a tar archive"},
        BadTar{"FirstChecksum", WithFlippedByte(TarBuilder().AddFile("a", "x").Finish(), 0),
               ErrorCode::kIntegrity, "not a tar archive"},
        BadTar{"SecondChecksum",
               WithFlippedByte(TarBuilder().AddFile("a", "x").AddFile("b", "y").Finish(), 1024),
               ErrorCode::kIntegrity, "checksum"},
        BadTar{"EndsInHeader",
               TarBuilder().AddFile("a", "x").AddFile("b", "y").bytes().substr(0, 1100),
               ErrorCode::kIntegrity, "inside a header"},
        BadTar{"EndsInContent",
               TarBuilder().AddFile("a", std::string(2000, 'x')).bytes().substr(0, 1500),
               ErrorCode::kIntegrity, "before the end of an entry"},
        BadTar{"EndsAfterAName", TarBuilder().AddGnuLong('L', "name").bytes(),
               ErrorCode::kIntegrity, "before a named entry"},
        BadTar{"SizeIsNoNumber",
               TarBuilder().AddHeader({.name = "a", .size_field = "12345x789AB "}).Finish(),
               ErrorCode::kIntegrity, "size"},
        BadTar{
            "SizeIsNegative",
            TarBuilder().AddHeader({.name = "a", .size_field = std::string(12, '\xFF')}).Finish(),
            ErrorCode::kIntegrity, "non-negative"}),
    [](const auto& param) { return param.param.name; });

TEST(TarReader, ContentThatIsSkippedMustBeThereToo) {
  MemorySource stream(TarBuilder().AddFile("a", std::string(2000, 'x')).bytes().substr(0, 1500));
  TarReader reader(stream, {});
  ASSERT_THAT(reader.Next(), IsOk());
  EXPECT_THAT(reader.Next(), ErrorIs(ErrorCode::kIntegrity, "inside an entry"));
  EXPECT_THAT(reader.Next(), ErrorIs(ErrorCode::kIntegrity, "inside an entry"));  // and it stays so
}

TEST(TarReader, EntryLimitHoldsOnBothSides) {
  const std::string tar = TarBuilder().AddFile("a", "").AddFile("b", "").Finish();
  EXPECT_THAT(EntriesOf(tar, {.max_entries = 2}), IsOk());
  EXPECT_THAT(EntriesOf(tar, {.max_entries = 1}),
              ErrorIs(ErrorCode::kResourceExhausted, "1 entries"));
}

TEST(TarReader, PathLimitsHoldOnBothSides) {
  const std::string bytes_4096 = std::string(4096, 'p');
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile(bytes_4096, "").Finish()), IsOk());
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile(bytes_4096 + "p", "").Finish()),
              ErrorIs(ErrorCode::kResourceExhausted, "4096 bytes"));
  std::string parts_256 = "p";
  for (int i = 1; i < 256; ++i) parts_256 += "/p";
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile(parts_256, "").Finish()), IsOk());
  EXPECT_THAT(EntriesOf(TarBuilder().AddFile(parts_256 + "/p", "").Finish()),
              ErrorIs(ErrorCode::kResourceExhausted, "256 parts"));
  EXPECT_THAT(EntriesOf(TarBuilder().AddSymlink("s", bytes_4096).Finish()), IsOk());
  EXPECT_THAT(EntriesOf(TarBuilder().AddSymlink("s", bytes_4096 + "p").Finish()),
              ErrorIs(ErrorCode::kResourceExhausted, "target"));
  EXPECT_THAT(EntriesOf(TarBuilder().AddHardLink("h", bytes_4096 + "p").Finish()),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(TarReader, PassesOnTheErrorOfItsStream) {
  class Broken final : public ByteSource {
    Result<std::size_t> Read(std::span<std::uint8_t>) override {
      return Unavailable("connection reset");
    }
  } broken;
  TarReader reader(broken, {});
  EXPECT_THAT(reader.Next(), ErrorIs(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace xzgate::layer
