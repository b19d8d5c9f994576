#include "scanner/facts/layer_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/layer_blob.h"
#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TarBuilder;

LayerFacts Walk(const std::string& tar, const FactLimits& limits) {
  MemorySource source(tar);
  layer::TarReader reader(source, {});
  LayerFacts facts(oci::Digest::Of(AsBytes(tar)));
  const Probes probes = TestProbes();
  LayerWalk walk(reader, probes, limits, facts);
  EXPECT_THAT(walk.Run(), IsOk());
  return facts;
}

TEST(LayerWalkTest, FactsAreBoundedAndHitsKeptBeyond) {
  const std::string tar = TarBuilder()
                              .AddFile("good", GoodElf())
                              .AddFile("bad1", BadElf())
                              .AddFile("bad2", BadElf())
                              .AddFile("bad3", BadElf())
                              .Finish();
  EXPECT_THAT(Walk(tar, {}).elf_files, SizeIs(4));
  const LayerFacts facts = Walk(tar, {.max_fact_bytes = 10, .max_hits = 2});
  EXPECT_THAT(facts.elf_files,
              ElementsAre(Field(&ElfFile::path, "bad1"), Field(&ElfFile::path, "bad2")));
  EXPECT_THAT(facts.incomplete, ElementsAre(Incomplete{"", "more facts than 10 bytes"}));
}

TEST(LayerWalkTest, PackagesCountToo) {
  const std::string tar =
      TarBuilder().AddFile("var/lib/dpkg/status", "Package: a\nVersion: 1\n").Finish();
  EXPECT_THAT(Walk(tar, {}).incomplete, IsEmpty());
  const LayerFacts facts = Walk(tar, {.max_fact_bytes = 100});
  EXPECT_THAT(facts.databases, IsEmpty());
  EXPECT_THAT(facts.incomplete, SizeIs(1));
}

TEST(LayerWalkTest, NotesAreBounded) {
  TarBuilder tar;
  for (int i = 0; i < 10; ++i) tar.AddSymlink("var/lib/dpkg", "/opt/dpkg");
  tar.ZeroBlocks(2);
  for (int i = 0; i < 10; ++i) tar.AddFile("a", "");
  const LayerFacts facts = Walk(tar.Finish(), {.max_notes = 3});
  EXPECT_THAT(facts.notes, SizeIs(3));
  ASSERT_THAT(facts.incomplete, SizeIs(4));
  EXPECT_EQ(facts.incomplete.back(), (Incomplete{"", "more than 3 files not read to the end"}));
}

// A higher layer may hide any path that is kept: with one more than the limit, the layer itself is
// incomplete.
TEST(LayerWalkTest, IncompleteFilesAreNamedUpToTheLimit) {
  for (const int count : {3, 4, 5}) {
    TarBuilder tar;
    for (int i = 0; i < count; ++i) tar.AddSymlink("var/lib/dpkg", "/opt/dpkg");
    const LayerFacts facts = Walk(tar.Finish(), {.max_notes = 3});
    ASSERT_THAT(facts.incomplete, SizeIs(count == 3 ? 3 : 4)) << count;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(facts.incomplete[i].path, "var/lib/dpkg");
    const Incomplete beyond{"", "more than 3 files not read to the end"};
    EXPECT_EQ(facts.incomplete.back() == beyond, count > 3) << count;
  }
}

}  // namespace
}  // namespace xzgate::facts
