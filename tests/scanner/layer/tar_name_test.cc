#include "scanner/layer/tar_name.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"

namespace xzgate::layer {
namespace {

struct CleanCase {
  const char* name;
  const char* raw;
  const char* want;
};

class Cleaning : public ::testing::TestWithParam<CleanCase> {};
TEST_P(Cleaning, IsLexicalAndStaysInTheRoot) {
  EXPECT_EQ(CleanPath(GetParam().raw), GetParam().want);
  EXPECT_EQ(CleanPath(GetParam().want), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Names, Cleaning,
    ::testing::Values(CleanCase{"Plain", "a/b", "a/b"}, CleanCase{"Absolute", "/a/b", "a/b"},
                      CleanCase{"Dot", "./a/./b/.", "a/b"},
                      CleanCase{"Slashes", "//a///b//", "a/b"}, CleanCase{"Up", "a/../b", "b"},
                      CleanCase{"UpTwo", "a/b/../../c", "c"},
                      CleanCase{"AboveRoot", "../../etc/passwd", "etc/passwd"},
                      CleanCase{"AboveRootLater", "a/../../b", "b"}, CleanCase{"Root", "/", ""},
                      CleanCase{"DotOnly", ".", ""}, CleanCase{"UpOnly", "..", ""},
                      CleanCase{"Empty", "", ""}, CleanCase{"Backslash", "a\\..\\b", "a\\..\\b"},
                      CleanCase{"Control", "a\n\x1b[2J/b", "a\n\x1b[2J/b"},
                      CleanCase{"ThreeDots", ".../..a/a..", ".../..a/a.."}),
    [](const auto& param) { return param.param.name; });

struct WhiteoutCase {
  const char* name;
  const char* path;
  Entry want;
};

class Whiteouts : public ::testing::TestWithParam<WhiteoutCase> {};
TEST_P(Whiteouts, AreDecoded) {
  Entry entry{EntryType::kFile, GetParam().path, ""};
  DecodeWhiteout(entry);
  EXPECT_EQ(entry, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Names, Whiteouts,
    ::testing::Values(WhiteoutCase{"File", "d/.wh.x", testing::Whiteout("d/x")},
                      WhiteoutCase{"AtRoot", ".wh.x", testing::Whiteout("x")},
                      WhiteoutCase{"Opaque", "d/e/.wh..wh..opq", testing::Opaque("d/e")},
                      WhiteoutCase{"OpaqueRoot", ".wh..wh..opq", testing::Opaque("")},
                      WhiteoutCase{"Aufs", ".wh..wh.aufs", testing::Other(".wh..wh.aufs")},
                      WhiteoutCase{"AufsLink", ".wh..wh.plnk/12.34",
                                   testing::File(".wh..wh.plnk/12.34")},
                      WhiteoutCase{"OfNothing", "d/.wh.", testing::Other("d/.wh.")},
                      WhiteoutCase{"OfDot", "d/.wh..", testing::Other("d/.wh..")},
                      WhiteoutCase{"OfParent", "d/.wh...", testing::Other("d/.wh...")},
                      WhiteoutCase{"OfHidden", "d/.wh..x", testing::Whiteout("d/.x")},
                      WhiteoutCase{"NotAPrefix", "d/x.wh.y", testing::File("d/x.wh.y")},
                      WhiteoutCase{"DirectoryNamedSo", ".wh.d/x", testing::File(".wh.d/x")}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace xzgate::layer
