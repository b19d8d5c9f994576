#include <cmath>
#include <limits>

#include "base/json/reader.h"
#include "base/json/value.h"
#include "tests/support/result_matchers.h"

namespace xzgate::json {
namespace {

struct EncodeCase {
  std::string name;
  Value value;
  std::string want;
};

class EncodeTable : public ::testing::TestWithParam<EncodeCase> {};

TEST_P(EncodeTable, WritesRfc8259AndReadsBack) {
  EXPECT_EQ(Encode(GetParam().value), GetParam().want);
  EXPECT_EQ(Parse(GetParam().want, {}, "doc"), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Values, EncodeTable,
    ::testing::Values(
        EncodeCase{"Null", Value(), "null"}, EncodeCase{"True", true, "true"},
        EncodeCase{"Int", -5, "-5"}, EncodeCase{"Int64Min", INT64_MIN, "-9223372036854775808"},
        EncodeCase{"Uint64Max", UINT64_MAX, "18446744073709551615"}, EncodeCase{"Half", 0.5, "0.5"},
        EncodeCase{"WholeDouble", 1e5, "100000.0"}, EncodeCase{"HugeDouble", 1e300, "1e+300"},
        EncodeCase{"ShortestDigits", 0.1, "0.1"}, EncodeCase{"MinusZero", -0.0, "-0.0"},
        EncodeCase{"Quotes", "\"\\/", R"("\"\\/")"},
        EncodeCase{"Controls", std::string("\n\r\t\b\x1f\0\x7f", 7),
                   R"("\n\r\t\u0008\u001f\u0000\u007f")"},
        EncodeCase{"EightBitControl", "\u009b", R"("\u009b")"},
        EncodeCase{"Delete", "\x7f", R"("\u007f")"},
        EncodeCase{"LineSeparators", "\u2028\u2029", R"("\u2028\u2029")"},
        EncodeCase{"DirectionMarks", "a\u061c\u200e\u200f\u202a\u202e\u2066\u2069z",
                   R"("a\u061c\u200e\u200f\u202a\u202e\u2066\u2069z")"},
        EncodeCase{"BesideDirectionMarks", "\u061b\u061d\u200a\u2010\u2065\u206a",
                   "\"\u061b\u061d\u200a\u2010\u2065\u206a\""},
        EncodeCase{"Wide", "grün \u00a0 \U0001F512", "\"grün \u00a0 \U0001F512\""},
        EncodeCase{"EmptyArray", Array{}, "[]"}, EncodeCase{"EmptyObject", Object{}, "{}"},
        EncodeCase{"Nested", Object{{"b", Array{1, Object{{"", "x"}}}}, {"a", Value()}},
                   R"({"b":[1,{"":"x"}],"a":null})"}),
    [](const auto& each) { return each.param.name; });

TEST(EncodeTest, InvalidUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(Encode("a\xFF"
                   "b\xE2\x82"),
            "\"a\uFFFDb\uFFFD\uFFFD\"");
  EXPECT_EQ(Encode(Object{{"\xC0", 1}}), "{\"\uFFFD\":1}");
}

TEST(EncodeTest, WhatJsonCannotSayBecomesNull) {
  EXPECT_EQ(Encode(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Encode(std::nan("")), "null");
}

TEST(EncodeTest, IndentsWhenAsked) {
  const Value value(Object{{"a", Array{1, 2}}, {"b", Object{}}, {"c", Object{{"d", "e"}}}});
  EXPECT_EQ(Encode(value, 2),
            "{\n"
            "  \"a\": [\n"
            "    1,\n"
            "    2\n"
            "  ],\n"
            "  \"b\": {},\n"
            "  \"c\": {\n"
            "    \"d\": \"e\"\n"
            "  }\n"
            "}");
  EXPECT_EQ(Parse(Encode(value, 2), {}, "doc"), value);
}

}  // namespace
}  // namespace xzgate::json
