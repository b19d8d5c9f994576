#include "base/field_path.h"

namespace xzgate {
namespace {

TEST(FieldPathTest, PlainNamesStandAloneAndOthersAreQuoted) {
  EXPECT_EQ(FieldStep("containers"), ".containers");
  EXPECT_EQ(FieldStep("x-1_Y"), ".x-1_Y");
  EXPECT_EQ(FieldStep("app.kubernetes.io/name"), "[\"app.kubernetes.io/name\"]");
  EXPECT_EQ(FieldStep(""), "[\"\"]");
  EXPECT_EQ(FieldStep("a\x1b[31m\"\xff"), "[\"a\\x1b[31m\\x22\\xff\"]");
  EXPECT_EQ(IndexStep(12), "[12]");
}

TEST(FieldPathTest, LongNamesAreCut) {
  EXPECT_EQ(FieldStep(std::string(kMaxNameInPath, 'a')), "." + std::string(kMaxNameInPath, 'a'));
  EXPECT_EQ(FieldStep(std::string(kMaxNameInPath + 1, 'a')).size(), 1 + kMaxNameInPath);
  EXPECT_LT(FieldStep(std::string(100'000, ' ')).size(), 80U);
}

}  // namespace
}  // namespace xzgate
