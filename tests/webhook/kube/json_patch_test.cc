#include "webhook/kube/json_patch.h"

#include <gtest/gtest.h>

namespace xzgate::kube {
namespace {

TEST(JsonPatchTest, WritesStepsInOrder) {
  JsonPatch patch;
  EXPECT_TRUE(patch.empty());
  patch.Add({"a", "0", "b"}, "x");
  EXPECT_FALSE(patch.has_tests());
  patch.Test({"m/n", "t~u"}, 5);
  EXPECT_TRUE(patch.has_tests());
  patch.Remove({"z"});
  EXPECT_EQ(patch.Encode(),
            R"([{"op":"add","path":"/a/0/b","value":"x"},)"
            R"({"op":"test","path":"/m~1n/t~0u","value":5},{"op":"remove","path":"/z"}])");
}

}  // namespace
}  // namespace xzgate::kube
