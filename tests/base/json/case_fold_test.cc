#include "base/json/case_fold.h"

namespace xzgate::json {
namespace {

TEST(FoldCaseTest, FoldsAsGoDoes) {
  EXPECT_EQ(FoldCase("mediaType"), "mediatype");
  EXPECT_EQ(FoldCase("layer\u017F"), "layers");
  EXPECT_EQ(FoldCase("to\u212Aen"), "token");
  EXPECT_EQ(FoldCase("\u017F\u017F"), "ss");
  EXPECT_EQ(FoldCase("grün"), "grün");
  EXPECT_EQ(FoldCase("\xC5"), "\xC5");
}

}  // namespace
}  // namespace xzgate::json
