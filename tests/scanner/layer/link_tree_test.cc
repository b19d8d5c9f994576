#include "scanner/layer/link_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace xzgate::layer {
namespace {

constexpr int kDepth = 40;

struct ResolveCase {
  const char* name;
  const char* path;
  const char* want;
};

LinkTree SampleTree() {
  LinkTree links(kDepth);
  links.Set("lib", "usr/lib");
  links.Set("bin", "/usr/bin");
  links.Set("usr/lib64", "lib");
  links.Set("up", "../../usr");
  links.Set("usr/share/back", "../../lib");
  links.Set("dots", "./usr/.//lib/../bin");
  links.Set("root", "/");
  links.Set("chain1", "chain2");
  links.Set("chain2", "lib/x");
  links.Set("usr/lib/x", "y");
  links.Set("nothing", "");
  return links;
}

class Resolving : public ::testing::TestWithParam<ResolveCase> {};
TEST_P(Resolving, FollowsLinksInsideTheRoot) {
  LinkTree links = SampleTree();
  EXPECT_EQ(links.ResolveParents(GetParam().path), GetParam().want);
  EXPECT_EQ(links.ResolveParents(GetParam().path), GetParam().want);  // from the cache
}
INSTANTIATE_TEST_SUITE_P(Paths, Resolving,
                         ::testing::Values(ResolveCase{"NoLink", "etc/passwd", "etc/passwd"},
                                           ResolveCase{"AtRoot", "file", "file"},
                                           ResolveCase{"MergedUsr", "lib/a/b", "usr/lib/a/b"},
                                           ResolveCase{"Absolute", "bin/sh", "usr/bin/sh"},
                                           ResolveCase{"InTheMiddle", "usr/lib64/a", "usr/lib/a"},
                                           ResolveCase{"AboveTheRoot", "up/lib/a", "usr/lib/a"},
                                           ResolveCase{"UpAndOnward", "usr/share/back/a",
                                                       "usr/lib/a"},
                                           ResolveCase{"DotsInTheTarget", "dots/a", "usr/bin/a"},
                                           ResolveCase{"ToTheRoot", "root/etc/a", "etc/a"},
                                           ResolveCase{"Chain", "chain1/a", "usr/lib/y/a"},
                                           ResolveCase{"LastIsNotFollowed", "lib", "lib"},
                                           ResolveCase{"EmptyTarget", "nothing/a", "a"}),
                         [](const auto& param) { return param.param.name; });

TEST(LinkTree, LoopsEnd) {
  LinkTree links(kDepth);
  links.Set("a", "b");
  links.Set("b", "a");
  links.Set("self", "self/x");
  EXPECT_EQ(links.ResolveParents("a/x"), std::nullopt);
  EXPECT_EQ(links.ResolveParents("self/x"), std::nullopt);
}

TEST(LinkTree, DepthHoldsOnBothSides) {
  LinkTree links(kDepth);
  for (int i = 0; i < 50; ++i) links.Set("l" + std::to_string(i), "l" + std::to_string(i + 1));
  EXPECT_EQ(links.ResolveParents("l10/x"), "l50/x");  // 40 links
  EXPECT_EQ(links.ResolveParents("l9/x"), std::nullopt);
}

TEST(LinkTree, LengthIsBounded) {
  LinkTree links(kDepth);
  links.Set("long", std::string(3000, 'a'));
  EXPECT_TRUE(links.ResolveParents("long/x").has_value());
  EXPECT_FALSE(links.ResolveParents("long/" + std::string(2000, 'b') + "/x").has_value());
}

TEST(LinkTree, CacheSeesNewAndErasedLinks) {
  LinkTree links(kDepth);
  EXPECT_EQ(links.ResolveParents("a/b/x"), "a/b/x");
  links.Set("a/b/sibling", "z");
  EXPECT_EQ(links.ResolveParents("a/b/x"), "a/b/x");
  links.Set("a", "c");
  EXPECT_EQ(links.ResolveParents("a/b/x"), "c/b/x");
  links.Erase("a");
  EXPECT_EQ(links.ResolveParents("a/b/x"), "a/b/x");
}

TEST(LinkTree, LowerLinksGoAloneAndTreesGoWhole) {
  LinkTree links(kDepth);
  links.Set("d/old", "x");
  links.Set("d", "y");  // takes the place of the tree below
  EXPECT_EQ(links.Find("d/old"), nullptr);
  links.EndLayer();
  links.Set("e/new", "z");
  links.EraseLowerUnder("");
  EXPECT_EQ(links.Find("d"), nullptr);
  EXPECT_NE(links.Find("e/new"), nullptr);
  links.EraseTree("e");
  EXPECT_EQ(links.size(), 0u);
}

TEST(LinkTree, NeighboursWithTheSameFrontStay) {
  LinkTree links(kDepth);
  links.Set("lib-old", "x");
  links.Set("lib.d", "x");
  links.Set("lib0", "x");
  links.Set("lib/in", "x");
  links.EraseTree("lib");
  EXPECT_EQ(links.size(), 3u);
}

}  // namespace
}  // namespace xzgate::layer
