#include "base/http/field_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace xzgate::http {
namespace {

// RFC 9110, section 5.6.2: letters, digits and these; no delimiter.
TEST(FieldSyntaxTest, KnowsTheCharactersOfAToken) {
  int count = 0;
  for (int byte = 0; byte < 256; ++byte) {
    if (IsHttpTokenCharacter(static_cast<char>(byte))) ++count;
  }
  EXPECT_EQ(count, 26 + 26 + 10 + 15);
  for (const char c : std::string("(),/:;<=>?@[\\]{}\" \t"))
    EXPECT_FALSE(IsHttpTokenCharacter(c)) << c;
  EXPECT_TRUE(IsHttpToken("WWW-Authenticate"));
  EXPECT_TRUE(IsHttpToken("!#$%&'*+-.^_`|~"));
  EXPECT_FALSE(IsHttpToken(""));
  EXPECT_FALSE(IsHttpToken("a b"));
}

// RFC 9110, section 5.5.
TEST(FieldSyntaxTest, KnowsWhatAValueMayHold) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value = std::string("a") + static_cast<char>(byte);
    const bool want = byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    EXPECT_EQ(IsHttpFieldValue(value), want) << byte;
  }
  EXPECT_TRUE(IsHttpFieldValue(""));
}

}  // namespace
}  // namespace xzgate::http
