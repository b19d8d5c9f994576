// Content behind tar's end marker: runtimes stop there, we look on and say so (hardening.md 8.2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scanner/layer/tar_reader.h"
#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::File;
using testing::Item;
using testing::TarBuilder;

struct Walked {
  std::vector<Item> items;
  std::uint64_t trailing = 0;
};

Walked WalkAll(const std::string& tar) {
  MemorySource stream(tar);
  Walked walked;
  walked.items = testing::Walk(stream, {}, 4096, &walked.trailing).value();
  return walked;
}

std::string Archive(const std::string& name) {
  return TarBuilder().AddFile(name, "x").Finish();
}

TEST(AfterTheEnd, SecondArchiveIsReadAndMarked) {
  const auto walked =
      WalkAll(Archive("first") + Archive("second") + std::string(5120, '\0') + Archive("third"));
  EXPECT_THAT(walked.items,
              ElementsAre(Item{File("first"), 1, "x"}, Item{File("second"), 1, "x", true},
                          Item{File("third"), 1, "x", true}));
  EXPECT_EQ(walked.trailing, 0u);
}

// Go refuses an archive that goes on after one zero block.
TEST(AfterTheEnd, OneZeroBlockIsEnough) {
  const auto walked =
      WalkAll(TarBuilder().AddFile("first", "x").ZeroBlocks(1).AddFile("second", "x").Finish());
  EXPECT_THAT(walked.items,
              ElementsAre(Item{File("first"), 1, "x"}, Item{File("second"), 1, "x", true}));
}

TEST(AfterTheEnd, EntriesOfAnArchiveThatStartsWithZerosAreMarked) {
  EXPECT_THAT(WalkAll(std::string(1024, '\0') + Archive("a")).items,
              ElementsAre(Item{File("a"), 1, "x", true}));
}

TEST(AfterTheEnd, GarbageIsCountedAndEndsNothing) {
  const std::string garbage(1024, 'g');
  const auto walked = WalkAll(Archive("first") + garbage + Archive("second") + garbage + "tail");
  EXPECT_THAT(walked.items,
              ElementsAre(Item{File("first"), 1, "x"}, Item{File("second"), 1, "x", true}));
  EXPECT_EQ(walked.trailing, 2052u);
}

TEST(AfterTheEnd, ZerosAreNotCounted) {
  EXPECT_EQ(WalkAll(Archive("a") + std::string(700, '\0')).trailing, 0u);
}

TEST(AfterTheEnd, WhatIsNoGoodHeaderIsGarbage) {
  const std::string bad_size = TarBuilder().AddHeader({.name = "a", .size_field = "zzz"}).bytes();
  const std::string bad_pax = TarBuilder().AddSpecial('x', "pax", "bad").bytes();
  const auto walked = WalkAll(Archive("first") + bad_size + bad_pax + Archive("second"));
  EXPECT_THAT(walked.items,
              ElementsAre(Item{File("first"), 1, "x"}, Item{File("second"), 1, "x", true}));
  EXPECT_EQ(walked.trailing, 1024u);
}

TEST(AfterTheEnd, ContentMayBeCutShort) {
  const std::string cut =
      TarBuilder().AddFile("second", std::string(2000, 's')).bytes().substr(0, 1500);
  EXPECT_THAT(WalkAll(Archive("first") + cut).items,
              ElementsAre(Item{File("first"), 1, "x"},
                          Item{File("second"), 2000, std::string(988, 's'), true}));
  MemorySource stream(Archive("first") + cut);
  TarReader reader(stream, {});
  while (true) {  // skipping instead of reading
    const auto entry = reader.Next();
    ASSERT_TRUE(entry.has_value());
    if (!*entry) break;
  }
}

TEST(AfterTheEnd, LimitsStillHold) {
  EXPECT_THAT(testing::EntriesOf(Archive("first") + Archive("second"), {.max_entries = 1}),
              ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::layer
