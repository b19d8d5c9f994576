#include "scanner/registry/layout_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

TEST(LayoutReference, PrintsWhatItParsed) {
  for (const std::string text :
       {"oci:dir", "oci:/a/b c", "oci:./dir:1.4", "oci:/x:reg.example:5000/api:1.4"}) {
    const auto reference = LayoutReference::Parse(text);
    ASSERT_THAT(reference, IsOk());
    EXPECT_EQ(reference->ToString(), text);
  }
}

TEST(LayoutReference, TheDirectoryEndsAtTheFirstColon) {
  const auto reference = LayoutReference::Parse("oci:/x:reg.example/api:1.4");
  ASSERT_THAT(reference, IsOk());
  EXPECT_EQ(reference->directory, "/x");
  EXPECT_EQ(reference->tag, "reg.example/api:1.4");
}

TEST(LayoutReference, RejectsWhatIsNone) {
  for (const std::string& text :
       {std::string(""), std::string("oci"), std::string("oci:"), std::string("oci::tag"),
        std::string("oci:dir:"), std::string("OCI:dir"), std::string("oci:a\0b", 7),
        std::string("debian")}) {
    EXPECT_THAT(LayoutReference::Parse(text), ErrorIs(ErrorCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace xzgate::registry
