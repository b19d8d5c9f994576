#include "scanner/layer/merged_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"

namespace xzgate::layer {
namespace {

using testing::Directory;
using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::File;
using testing::HardLink;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Opaque;
using testing::Other;
using testing::Symlink;
using testing::Whiteout;

using Layer = std::vector<Entry>;

EntryLog LogOf(const Layer& layer) {
  EntryLog log;
  for (const Entry& entry : layer) log.Append(entry);
  log.Finish();
  return log;
}

// The layers with `path` of layer `watched_layer` watched: where it is visible in the end.
std::vector<std::string> VisibleIn(const std::vector<Layer>& layers, std::size_t watched_layer,
                                   std::string_view path) {
  MergedTree tree;
  const std::size_t id = tree.Watch(watched_layer, path);
  for (const Layer& layer : layers) EXPECT_THAT(tree.Apply(LogOf(layer)), IsOk());
  return tree.VisiblePaths(id);
}

// One lower layer with a library, one layer above it.
std::vector<std::string> LibraryUnder(const Layer& upper) {
  return VisibleIn({{Directory("usr"), Directory("usr/lib"), File("usr/lib/bad.so")}, upper}, 0,
                   "usr/lib/bad.so");
}

TEST(MergedTree, FileStaysVisible) {
  EXPECT_THAT(LibraryUnder({}), ElementsAre("usr/lib/bad.so"));
  EXPECT_THAT(
      LibraryUnder({File("usr/lib/other.so"), Directory("usr/lib"), Whiteout("usr/lib/gone.so")}),
      ElementsAre("usr/lib/bad.so"));
}

TEST(MergedTree, NamesWithTheSameFrontAreOthers) {
  EXPECT_THAT(LibraryUnder({Whiteout("usr/lib/bad"), Whiteout("usr/li"), Opaque("usr/lib/bad"),
                            File("usr/lib/bad.so.1")}),
              ElementsAre("usr/lib/bad.so"));
}

struct HideCase {
  const char* name;
  Layer upper;
};

class Hiding : public ::testing::TestWithParam<HideCase> {};
TEST_P(Hiding, WorksFromAHigherLayer) {
  EXPECT_THAT(LibraryUnder(GetParam().upper), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    By, Hiding,
    ::testing::Values(
        HideCase{"Whiteout", {Whiteout("usr/lib/bad.so")}},
        HideCase{"WhiteoutOfTheDirectory", {Whiteout("usr/lib")}},
        HideCase{"WhiteoutOfAParent", {Whiteout("usr")}}, HideCase{"Opaque", {Opaque("usr/lib")}},
        HideCase{"OpaqueParent", {Opaque("usr")}},
        HideCase{"AnotherFile", {File("usr/lib/bad.so")}},
        HideCase{"ASymlink", {Symlink("usr/lib/bad.so", "x")}},
        HideCase{"ADirectory", {Directory("usr/lib/bad.so")}},
        HideCase{"AHardLink", {File("x"), HardLink("usr/lib/bad.so", "x")}},
        HideCase{"AFileOverTheDirectory", {File("usr/lib")}},
        HideCase{"ASymlinkOverTheDirectory", {Symlink("usr/lib", "x")}},
        HideCase{"AFileThroughASymlink", {Symlink("lib", "usr/lib"), File("lib/bad.so")}},
        HideCase{"AWhiteoutThroughASymlink", {Symlink("lib", "usr/lib"), Whiteout("lib/bad.so")}},
        HideCase{"AnOpaqueMarkerThroughASymlink", {Symlink("lib", "usr/lib"), Opaque("lib")}}),
    [](const auto& param) { return param.param.name; });

TEST(MergedTree, NothingTakesTheRootsPlace) {
  for (const Entry& root :
       {File(""), Symlink("", "x"), Other(""), Directory(""), Whiteout(""), HardLink("", "x")}) {
    EXPECT_THAT(LibraryUnder({root}), ElementsAre("usr/lib/bad.so"));
  }
  EXPECT_THAT(VisibleIn({{File("")}}, 0, ""), ElementsAre(""));
}

// Whiteouts act on lower layers only, wherever they stand in the archive.
TEST(MergedTree, OwnLayerIsSafeFromItsWhiteouts) {
  for (const Entry& removal : {Opaque("d"), Opaque(""), Whiteout("d/f"), Whiteout("d")}) {
    EXPECT_THAT(VisibleIn({{}, {removal, File("d/f")}}, 1, "d/f"), ElementsAre("d/f"));
    EXPECT_THAT(VisibleIn({{}, {File("d/f"), removal}}, 1, "d/f"), ElementsAre("d/f"));
  }
}

TEST(MergedTree, OpaqueHidesLowerContentAlsoWhenItComesLast) {
  const std::vector<Layer> layers = {{File("d/lower")}, {File("d/own"), Opaque("d")}};
  EXPECT_THAT(VisibleIn(layers, 0, "d/lower"), IsEmpty());
  EXPECT_THAT(VisibleIn(layers, 1, "d/own"), ElementsAre("d/own"));
}

// Each copy of a path within one layer counts: a benign duplicate before or after hides nothing.
TEST(MergedTree, CopiesInTheSameLayerStay) {
  const std::vector<Layer> copies = {{File("a"), File("a")},
                                     {File("a"), Symlink("a", "x")},
                                     {File("d/a"), File("d")},
                                     {File("a"), HardLink("a", "x")},
                                     {File("a"), Other("a")}};
  for (const Layer& layer : copies)
    EXPECT_THAT(VisibleIn({layer}, 0, layer[0].path), ElementsAre(layer[0].path));
  EXPECT_THAT(VisibleIn({copies[0], {File("a")}}, 0, "a"), IsEmpty());
}

TEST(MergedTree, UpgradeMakesTheOldLibraryHistorical) {
  const std::vector<Layer> layers = {
      {File("usr/lib/liblzma.so.5.6.0"), Symlink("usr/lib/liblzma.so.5", "liblzma.so.5.6.0")},
      {Whiteout("usr/lib/liblzma.so.5.6.0"), File("usr/lib/liblzma.so.5.4.5"),
       Symlink("usr/lib/liblzma.so.5", "liblzma.so.5.4.5")}};
  EXPECT_THAT(VisibleIn(layers, 0, "usr/lib/liblzma.so.5.6.0"), IsEmpty());
  EXPECT_THAT(VisibleIn(layers, 1, "usr/lib/liblzma.so.5.4.5"),
              ElementsAre("usr/lib/liblzma.so.5.4.5"));
}

// overlayfs does not follow a lower layer's symlink, an unpacker onto the tree does.
TEST(MergedTree, MergedUsrGivesBothPlaces) {
  const Layer base = {Symlink("lib", "usr/lib"), Directory("usr/lib")};
  EXPECT_THAT(VisibleIn({base, {File("lib/x/a.so")}}, 1, "lib/x/a.so"),
              ElementsAre("lib/x/a.so", "usr/lib/x/a.so"));
  EXPECT_THAT(VisibleIn({base, {File("lib/a.so")}, {File("usr/lib/a.so")}}, 1, "lib/a.so"),
              ElementsAre("lib/a.so"));
  EXPECT_THAT(VisibleIn({base, {File("lib/a.so")}, {Whiteout("lib/a.so")}}, 1, "lib/a.so"),
              IsEmpty());
  EXPECT_THAT(VisibleIn({{Symlink("lib", "/usr/lib"), File("lib/a.so")}}, 0, "lib/a.so"),
              ElementsAre("usr/lib/a.so"));
}

// A directory replaces a lower symlink; its opaque marker (which overlayfs differs write there)
// concerns the new directory, not what the link led to.
TEST(MergedTree, OpaqueDirectoryOverASymlinkSparesTheLinksTarget) {
  const Layer base = {Symlink("lib", "usr/lib"), File("usr/lib/bad.so")};
  EXPECT_THAT(
      VisibleIn({base, {Directory("lib"), Opaque("lib"), File("lib/x")}}, 0, "usr/lib/bad.so"),
      ElementsAre("usr/lib/bad.so"));
  EXPECT_THAT(VisibleIn({base, {Directory("lib"), Opaque("lib"), File("lib/x")}}, 1, "lib/x"),
              ElementsAre("lib/x"));
}

TEST(MergedTree, WhiteoutOfASymlinkSparesItsTarget) {
  EXPECT_THAT(VisibleIn({{Symlink("lib", "usr/lib"), File("usr/lib/bad.so")}, {Whiteout("lib")}}, 0,
                        "usr/lib/bad.so"),
              ElementsAre("usr/lib/bad.so"));
  EXPECT_THAT(
      VisibleIn({{Symlink("lib", "usr/lib")}, {Whiteout("lib")}, {File("lib/a")}}, 2, "lib/a"),
      ElementsAre("lib/a"));
}

TEST(MergedTree, HardLinksAreFurtherNames) {
  const Layer base = {File("usr/lib/bad.so"), HardLink("opt/same-layer", "usr/lib/bad.so")};
  EXPECT_THAT(VisibleIn({base}, 0, "usr/lib/bad.so"),
              ElementsAre("opt/same-layer", "usr/lib/bad.so"));
  EXPECT_THAT(VisibleIn({base,
                         {HardLink("opt/later", "usr/lib/bad.so"), Whiteout("usr/lib/bad.so")},
                         {Whiteout("opt/same-layer")}},
                        0, "usr/lib/bad.so"),
              ElementsAre("opt/later"));
}

TEST(MergedTree, HardLinkToAFileThatTheSameLayerHidesKeepsIt) {
  EXPECT_THAT(LibraryUnder({HardLink("opt/x", "usr/lib/bad.so"), Opaque("usr")}),
              ElementsAre("opt/x"));
}

TEST(MergedTree, HardLinksOfHardLinksAndThroughSymlinks) {
  EXPECT_THAT(LibraryUnder({Symlink("lib", "usr/lib"), HardLink("a", "lib/bad.so"),
                            HardLink("lib/b", "a"), Whiteout("usr/lib/bad.so")}),
              ElementsAre("a", "usr/lib/b"));
}

TEST(MergedTree, HardLinkToItselfChangesNothing) {
  EXPECT_THAT(LibraryUnder({HardLink("usr/lib/bad.so", "usr/lib/bad.so")}),
              ElementsAre("usr/lib/bad.so"));
}

TEST(MergedTree, HardLinkToASymlinkIsASymlink) {
  const std::vector<Layer> layers = {
      {Symlink("lib", "usr/lib"), HardLink("lib64", "lib"), File("lib64/a.so")}};
  EXPECT_THAT(VisibleIn(layers, 0, "lib64/a.so"), ElementsAre("usr/lib/a.so"));
}

// aufs keeps the content of hard links in a directory of its own; containerd reads it from there.
TEST(MergedTree, AufsLinkFilesAreFollowed) {
  const std::vector<Layer> layers = {
      {File(".wh..wh.plnk/1.2"), HardLink("usr/lib/bad.so", ".wh..wh.plnk/1.2")}};
  EXPECT_THAT(VisibleIn(layers, 0, ".wh..wh.plnk/1.2"), ::testing::Contains("usr/lib/bad.so"));
}

struct ShowCase {
  const char* name;
  Layer upper;
};

// What seems to hide the library and does not, with overlayfs: each of these layers was unpacked by
// containerd's own code under a real mount, and the library was still there.
class NotHiding : public ::testing::TestWithParam<ShowCase> {};
TEST_P(NotHiding, FromAHigherLayer) {
  const std::vector<Layer> layers = {
      {Symlink("lib", "usr/lib"), File("usr/lib/bad.so"), File("usr/other")}, GetParam().upper};
  EXPECT_THAT(VisibleIn(layers, 0, "usr/lib/bad.so"), ElementsAre("usr/lib/bad.so"));
}
INSTANTIATE_TEST_SUITE_P(
    By, NotHiding,
    ::testing::Values(
        ShowCase{"DeviceThatARootlessRuntimeLeavesOut", {Other("usr/lib/bad.so")}},
        ShowCase{"OpaqueRoot", {Opaque("")}},
        ShowCase{"WhiteoutThroughALowerSymlink", {Whiteout("lib/bad.so")}},
        ShowCase{"OpaqueMarkerThroughALowerSymlink", {Opaque("lib")}},
        ShowCase{"FileThroughALowerSymlink", {File("lib/bad.so")}},
        ShowCase{"WhiteoutAndDirectory", {Whiteout("usr/lib"), Directory("usr/lib")}},
        ShowCase{"FileAndDirectory", {File("usr/lib"), Directory("usr/lib")}},
        ShowCase{"SymlinkAndDirectory", {Symlink("usr/lib", "x"), Directory("usr/lib")}},
        ShowCase{"OpaqueMarkerThatGoes",
                 {Opaque("usr/lib"), File("usr/lib"), Directory("usr/lib")}},
        ShowCase{"WhiteoutThatGoes",
                 {Whiteout("usr/lib/bad.so"), Symlink("usr", "x"), Directory("usr")}},
        ShowCase{"CopyThatGoes", {File("usr/lib/bad.so"), File("usr/lib"), Directory("usr/lib")}},
        ShowCase{"TwiceCovered",
                 {File("usr/lib"), Directory("usr/lib"), File("usr"), Directory("usr")}}),
    [](const auto& param) { return param.param.name; });

TEST(MergedTree, WhatComesAfterTheNewDirectoryHidesAgain) {
  EXPECT_THAT(LibraryUnder({File("usr/lib"), Directory("usr/lib"), Whiteout("usr/lib/bad.so")}),
              IsEmpty());
  EXPECT_THAT(
      VisibleIn({{File("d/bad.so")}, {File("d"), Directory("d")}, {Whiteout("d")}}, 0, "d/bad.so"),
      IsEmpty());
}

// A path that we cannot follow and another reader might (containerd follows 255 links) tells
// nothing: the caller then takes every file for visible.
TEST(MergedTree, UnfollowedSymlinksAreAnError) {
  MergedTree tree;
  EXPECT_THAT(tree.Apply(LogOf({Symlink("a", "b"), Symlink("b", "a"), File("a/bad.so")})),
              ErrorIs(ErrorCode::kIntegrity, "lead nowhere"));
  Layer chain;
  for (int i = 0; i < 60; ++i)
    chain.push_back(Symlink("l" + std::to_string(i), "l" + std::to_string(i + 1)));
  chain.push_back(File("l0/bad.so"));
  MergedTree deep;
  EXPECT_THAT(deep.Apply(LogOf(chain)), ErrorIs(ErrorCode::kIntegrity, "lead nowhere"));
}

TEST(MergedTree, ALayerThatRemovesItsOwnSymlinkIsAnError) {
  MergedTree tree;
  EXPECT_THAT(tree.Apply(LogOf({Symlink("d/a", "usr/lib"), Whiteout("d"), Whiteout("d/a/bad.so")})),
              ErrorIs(ErrorCode::kIntegrity, "removes a symlink"));
  MergedTree other;
  EXPECT_THAT(other.Apply(LogOf({Whiteout("a"), Symlink("a", "usr/lib")})), IsOk());
}

TEST(MergedTree, LinksNeverLeaveTheRoot) {
  EXPECT_THAT(VisibleIn({{Symlink("x", "../../../../usr/lib"), File("x/a")}}, 0, "x/a"),
              ElementsAre("usr/lib/a"));
}

TEST(MergedTree, WatchesByLayerAndPath) {
  MergedTree tree;
  const auto lower = tree.Watch(0, "a");
  const auto upper = tree.Watch(1, "a");
  const auto again = tree.Watch(1, "a");
  const auto never = tree.Watch(1, "not-there");
  const auto beyond = tree.Watch(7, "a");
  ASSERT_THAT(tree.Apply(LogOf({File("a")})), IsOk());
  EXPECT_THAT(tree.VisiblePaths(lower), ElementsAre("a"));
  ASSERT_THAT(tree.Apply(LogOf({File("a")})), IsOk());
  EXPECT_THAT(tree.VisiblePaths(lower), IsEmpty());
  EXPECT_THAT(tree.VisiblePaths(upper), ElementsAre("a"));
  EXPECT_THAT(tree.VisiblePaths(again), ElementsAre("a"));
  EXPECT_THAT(tree.VisiblePaths(never), IsEmpty());
  EXPECT_THAT(tree.VisiblePaths(beyond), IsEmpty());
  EXPECT_THAT(tree.VisiblePaths(1234), IsEmpty());
}

TEST(MergedTree, ResolvesForOthers) {
  MergedTree tree;
  ASSERT_THAT(
      tree.Apply(LogOf({Symlink("lib", "usr/lib"), Symlink("usr/lib/x", "y"), Symlink("a", "a")})),
      IsOk());
  EXPECT_EQ(tree.Resolve("/lib/x86_64-linux-gnu/liblzma.so.5"),
            "usr/lib/x86_64-linux-gnu/liblzma.so.5");
  EXPECT_EQ(tree.Resolve("lib/x"), "usr/lib/x");
  EXPECT_EQ(tree.Resolve("/etc/../lib"), "lib");
  EXPECT_EQ(tree.Resolve("a/b"), "");
  EXPECT_EQ(tree.Resolve("/"), "");
}

TEST(MergedTree, DamagedLogIsAnError) {
  MergedTree tree;
  EXPECT_THAT(tree.Apply(EntryLog::FromBytes("damaged", 1)), ErrorIs(ErrorCode::kIntegrity));
}

// What is removed is removed once, so bulk opaque markers and whiteouts cost no more than their
// number (CVE-2026-95838).
std::uint64_t StepsOfBulk(std::size_t count, const Entry& (*removal)(std::size_t)) {
  MergedTree tree;
  Layer lower;
  Layer upper;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string path = "d" + std::to_string(i % 100) + "/f" + std::to_string(i);
    tree.Watch(0, path);
    lower.push_back(File(path));
    upper.push_back(File("own/" + path));
    tree.Watch(1, "own/" + path);
    upper.push_back(removal(i));
  }
  EXPECT_THAT(tree.Apply(LogOf(lower)), IsOk());
  EXPECT_THAT(tree.Apply(LogOf(upper)), IsOk());
  EXPECT_THAT(tree.VisiblePaths(1), ElementsAre("own/d0/f0"));
  return tree.steps();
}

TEST(MergedTree, BulkRemovalIsLinear) {
  using Removal = const Entry& (*)(std::size_t);
  const Removal removals[] = {
      [](std::size_t) -> const Entry& {
        static const Entry entry = Opaque("");
        return entry;
      },
      [](std::size_t i) -> const Entry& {
        static Entry entry;
        return entry = Opaque("d" + std::to_string(i % 100));
      },
      [](std::size_t i) -> const Entry& {
        static Entry entry;
        return entry = Whiteout("d" + std::to_string(i % 100));
      },
  };
  for (const Removal removal : removals) {
    const auto once = StepsOfBulk(10'000, removal);
    const auto twice = StepsOfBulk(20'000, removal);
    EXPECT_LE(static_cast<double>(twice), 2.5 * static_cast<double>(once));
  }
}

TEST(MergedTree, ManyLayersOfLinksAreLinear) {
  const auto steps_of = [](std::size_t count) {
    MergedTree tree;
    Layer layer = {Symlink("lib", "usr/lib")};
    for (std::size_t i = 0; i < count; ++i) {
      layer.push_back(File("lib/f" + std::to_string(i)));
      layer.push_back(Symlink("lib/s" + std::to_string(i), "f" + std::to_string(i)));
      layer.push_back(HardLink("h" + std::to_string(i), "lib/s" + std::to_string(i)));
    }
    for (int i = 0; i < 5; ++i) EXPECT_THAT(tree.Apply(LogOf(layer)), IsOk());
    return tree.steps();
  };
  EXPECT_LE(static_cast<double>(steps_of(4000)), 2.5 * static_cast<double>(steps_of(2000)));
}

// A short name that stands for a very long walk: the work ends at a limit.
TEST(MergedTree, LinkMazesEndAtTheStepLimit) {
  std::string maze;
  for (int i = 0; i < 12; ++i) maze += std::string(250, 'a') + '/';
  for (int i = 0; i < 180; ++i) maze += "b/../";
  MergedTree tree;
  EntryLog log;
  log.Append(Symlink("l", maze));
  for (int i = 0; i < 20'000; ++i) log.Append(File("l/" + std::to_string(i) + "/f"));
  log.Finish();
  EXPECT_THAT(tree.Apply(log), ErrorIs(ErrorCode::kResourceExhausted, "steps"));
}

// Many copies of one place times many hard links to it: names are bounded, not the product.
TEST(MergedTree, HardLinksCannotMultiplyNamesWithoutEnd) {
  MergedTree tree;
  EntryLog log;
  for (int i = 0; i < 1200; ++i) {
    const std::string directory = "d" + std::to_string(i);
    log.Append(Symlink(directory, "usr/lib"));
    log.Append(File(directory + "/bad.so"));
    tree.Watch(0, directory + "/bad.so");
  }
  for (int i = 0; i < 1200; ++i) log.Append(HardLink("h" + std::to_string(i), "usr/lib/bad.so"));
  log.Finish();
  EXPECT_THAT(tree.Apply(log), ErrorIs(ErrorCode::kResourceExhausted, "names"));
}

TEST(MergedTree, EntryLimitHolds) {
  EntryLog log;
  for (int i = 0; i < 100'000; ++i) log.Append(Directory("d"));
  log.Finish();
  MergedTree tree;
  for (int i = 0; i < 50; ++i) ASSERT_THAT(tree.Apply(log), IsOk());
  EXPECT_THAT(tree.Apply(log), ErrorIs(ErrorCode::kResourceExhausted, "5000000 entries"));
}

}  // namespace
}  // namespace xzgate::layer
