#include "base/json/value.h"
#include "tests/support/result_matchers.h"

namespace xzgate::json {
namespace {

using testing::ErrorIs;

class FieldsTest : public ::testing::Test {
 protected:
  static bool Refused(const Error& error, std::string_view message) {
    return error.code() == ErrorCode::kInvalidArgument && error.message() == message;
  }

  const Value object_{Object{{"text", "x"},
                             {"size", 7},
                             {"flag", true},
                             {"list", Array{1, 2}},
                             {"none", Value()},
                             {"minus", -1},
                             {"real", 1.0}}};
};

TEST_F(FieldsTest, GiveWhatIsThere) {
  EXPECT_EQ(GetString(object_, "text", "doc"), "x");
  EXPECT_EQ(GetUint(object_, "size", "doc"), 7U);
  EXPECT_EQ(GetBool(object_, "flag", "doc"), true);
  EXPECT_EQ(GetStringOr(object_, "text", "y", "doc"), "x");
  EXPECT_EQ(GetBoolOr(object_, "flag", false, "doc"), true);
  EXPECT_EQ((*GetArrayOrEmpty(object_, "list", "doc"))->size(), 2U);
}

TEST_F(FieldsTest, FallBackWhenMissingOrNull) {
  for (const char* key : {"missing", "none"}) {
    EXPECT_EQ(GetStringOr(object_, key, "y", "doc"), "y");
    EXPECT_EQ(GetBoolOr(object_, key, true, "doc"), true);
    EXPECT_TRUE((*GetArrayOrEmpty(object_, key, "doc"))->empty());
  }
}

TEST_F(FieldsTest, SayWhatIsMissing) {
  for (const char* key : {"missing", "none"}) {
    const std::string want = "doc: " + std::string(key) + ": missing";
    EXPECT_TRUE(Refused(GetString(object_, key, "doc").error(), want));
    EXPECT_TRUE(Refused(GetUint(object_, key, "doc").error(), want));
    EXPECT_TRUE(Refused(GetBool(object_, key, "doc").error(), want));
  }
}

TEST_F(FieldsTest, SayWhatHasTheWrongType) {
  EXPECT_TRUE(
      Refused(GetString(object_, "size", "doc").error(), "doc: size: want string, found number"));
  EXPECT_TRUE(
      Refused(GetBool(object_, "text", "doc").error(), "doc: text: want bool, found string"));
  EXPECT_TRUE(Refused(GetStringOr(object_, "flag", "", "doc").error(),
                      "doc: flag: want string, found bool"));
  EXPECT_TRUE(Refused(GetBoolOr(object_, "list", false, "doc").error(),
                      "doc: list: want bool, found array"));
  EXPECT_TRUE(Refused(GetArrayOrEmpty(object_, "text", "doc").error(),
                      "doc: text: want array, found string"));
  for (const char* key : {"minus", "real", "text"}) {
    EXPECT_THAT(GetUint(object_, key, "doc"),
                ErrorIs(ErrorCode::kInvalidArgument, "want whole number >= 0, found "));
  }
}

TEST_F(FieldsTest, RefuseWhatIsNoObject) {
  const Value array(Array{});
  const std::string want = "doc: want object, found array";
  EXPECT_TRUE(Refused(GetString(array, "a", "doc").error(), want));
  EXPECT_TRUE(Refused(GetStringOr(array, "a", "", "doc").error(), want));
  EXPECT_TRUE(Refused(GetArrayOrEmpty(array, "a", "doc").error(), want));
}

}  // namespace
}  // namespace xzgate::json
