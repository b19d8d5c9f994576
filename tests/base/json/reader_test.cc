#include "base/json/reader.h"

#include "tests/support/result_matchers.h"

namespace xzgate::json {
namespace {

using testing::ErrorIs;
using testing::IsOk;

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

struct AcceptCase {
  std::string name;
  std::string text;
  Value want;
};

class ParseAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(ParseAccepts, AndGivesTheValue) {
  EXPECT_EQ(Parse(GetParam().text, {}, "doc"), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Documents, ParseAccepts,
    ::testing::Values(AcceptCase{"Null", "null", Value()}, AcceptCase{"Space", " \t\r\n1 \n", 1},
                      AcceptCase{"Int64Max", "9223372036854775807", INT64_MAX},
                      AcceptCase{"Int64Min", "-9223372036854775808", INT64_MIN},
                      AcceptCase{"BeyondInt64", "9223372036854775808", std::uint64_t{1} << 63},
                      AcceptCase{"Uint64Max", "18446744073709551615", UINT64_MAX},
                      AcceptCase{"Fraction", "1.50", 1.5}, AcceptCase{"Exponent", "1e2", 100.0},
                      AcceptCase{"TooSmallIsZero", "1e-400", 0.0},
                      AcceptCase{"Escapes", R"("\"\\\/\b\f\n\r\t\u0041")", "\"\\/\b\f\n\r\tA"},
                      AcceptCase{"SurrogatePair", R"("\ud83d\udd12")", "\U0001F512"},
                      AcceptCase{"EscapedZeroIsKept", R"("a\u0000b")", std::string("a\0b", 3)},
                      AcceptCase{"OrderIsKept", R"({"b":1,"a":[true,false]})",
                                 Object{{"b", 1}, {"a", Array{true, false}}}},
                      AcceptCase{"SameKeyInOtherObjects", R"({"a":{"a":1},"b":[{"a":2},{"a":3}]})",
                                 Object{{"a", Object{{"a", 1}}},
                                        {"b", Array{Object{{"a", 2}}, Object{{"a", 3}}}}}},
                      AcceptCase{"KeysThatDifferInCase", R"({"a":1,"A":2})",
                                 Object{{"a", 1}, {"A", 2}}},
                      AcceptCase{"EmptyKey", R"({"":1})", Object{{"", 1}}}),
    [](const auto& each) { return each.param.name; });

struct RejectCase {
  std::string name;
  std::string text;
  std::string message;
};

class ParseRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ParseRejects, AndNamesThePlace) {
  EXPECT_THAT(Parse(GetParam().text, {}, "doc"),
              ErrorIs(ErrorCode::kInvalidArgument, "doc: " + GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Documents, ParseRejects,
    ::testing::Values(
        RejectCase{"Empty", "", "$: parse error at line 1, column 1"},
        RejectCase{"Cut", R"({"spec":{"containers":[{"image":"a")",
                   "$.spec.containers[0]: parse error"},
        RejectCase{"TrailingText", "{} x", "$: parse error at line 1, column 4"},
        RejectCase{"TrailingDocument", "{}{}", "$: parse error"},
        RejectCase{"TrailingZero", std::string("{}\0", 3), "$: zero byte at offset 2"},
        RejectCase{"HiddenAfterZero", std::string("{}\0{}", 5), "$: zero byte at offset 2"},
        RejectCase{"RawZeroInString", std::string("\"a\0\"", 4), "$: zero byte at offset 2"},
        RejectCase{"ByteOrderMark", "\xEF\xBB\xBF{}", "$: starts with a byte order mark"},
        RejectCase{"Utf16", std::string("{\0}\0", 4), "$: zero byte"},
        RejectCase{"TrailingComma", R"({"a":[1,]})", "$.a[1]: parse error"},
        RejectCase{"Comment", "/**/1", "$: parse error"},
        RejectCase{"SingleQuotes", "{'a':1}", "$: parse error"},
        RejectCase{"BareKey", "{a:1}", "$: parse error"},
        RejectCase{"NotANumber", R"({"a":NaN})", "$.a: parse error"},
        RejectCase{"Infinity", "[0,-Infinity]", "$[1]: parse error"},
        RejectCase{"LeadingZero", "[01]", "$[1]: parse error"},
        RejectCase{"Plus", "[+1]", "$[0]: parse error"},
        RejectCase{"Hex", "[0x10]", "$[1]: parse error"},
        RejectCase{"BeyondDouble", R"({"a":[1e400]})", "$.a[0]: number overflow"},
        RejectCase{"BeyondUint64", R"({"layers":[{"size":18446744073709551616}]})",
                   "$.layers[0].size: whole number \"18446744073709551616\" does not fit 64 bits"},
        RejectCase{"BeyondInt64Min", "[-9223372036854775809]",
                   "$[0]: whole number \"-9223372036854775809\" does not fit 64 bits"},
        RejectCase{"RawControl", "[\"a\nb\"]", "$[0]: parse error"},
        RejectCase{"BadEscape", R"(["\x41"])", "$[0]: parse error"},
        RejectCase{"LoneHighSurrogate", R"({"a":"\ud83d"})", "$.a: parse error"},
        RejectCase{"LoneLowSurrogate", R"({"a":"\udd12"})", "$.a: parse error"},
        RejectCase{"InvalidUtf8", "{\"a\":{\"b\":\"x\xFF\"}}", "$.a.b: parse error"},
        RejectCase{"OverlongUtf8", "[\"\xC0\xAF\"]", "$[0]: parse error"},
        RejectCase{"SurrogateUtf8", "[\"\xED\xA0\x80\"]", "$[0]: parse error"},
        RejectCase{"InvalidUtf8InKey", "{\"a\":{\"\xFF\":1}}", "$.a: parse error"},
        RejectCase{"DuplicateKey", R"({"a":1,"b":2,"a":3})", "$: duplicate key \"a\""},
        RejectCase{"DuplicateKeyDeep", R"({"spec":[{},{"x":{"k":1,"k":1}}]})",
                   "$.spec[1].x: duplicate key \"k\""},
        RejectCase{"DuplicateByEscape", R"({"a":1,"\u0061":2})", "$: duplicate key \"a\""},
        RejectCase{"DuplicateAfterNested", R"({"a":{"b":1},"c":{"b":2},"a":1})",
                   "$: duplicate key \"a\""},
        RejectCase{"OddNameInPath", R"({"a.b/c":[nul]})", "$[\"a.b/c\"][0]: parse error"},
        RejectCase{"ControlInPath", R"({"\u001b[2J":nul})", "$[\"\\x1b[2J\"]: parse error"}),
    [](const auto& each) { return each.param.name; });

TEST(ParseTest, CaseVariantsAreRefusedWhenAsked) {
  const Limits strict{.refuse_case_variants = true};
  EXPECT_THAT(Parse(R"({"config":1,"layers":2})", strict, "doc"), IsOk());
  for (const char* text : {R"({"layers":1,"Layers":2})", R"({"layers":1,"layers":2})",
                           "{\"layers\":1,\"layer\u017F\":2}"}) {
    EXPECT_THAT(Parse(text, strict, "doc"),
                ErrorIs(ErrorCode::kInvalidArgument, "$: duplicate key \"layers\" (in any case)"));
  }
}

TEST(ParseTest, BytesAreBounded) {
  EXPECT_THAT(Parse("[1,2]", {.max_bytes = 5}, "doc"), IsOk());
  EXPECT_THAT(Parse("[1,2]", {.max_bytes = 4}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted, "doc: more than 4 bytes"));
}

TEST(ParseTest, DepthIsBounded) {
  EXPECT_THAT(Parse(Nested(32), {.max_depth = 32}, "doc"), IsOk());
  EXPECT_THAT(Parse(Nested(33), {.max_depth = 32}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted, "[0]: more than 32 levels deep"));
  EXPECT_THAT(Parse(R"({"a":{"b":{}}})", {.max_depth = 3}, "doc"), IsOk());
  EXPECT_THAT(Parse(R"({"a":{"b":{}}})", {.max_depth = 2}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted, "$.a.b: more than 2 levels deep"));
  EXPECT_THAT(Parse("1", {.max_depth = 0}, "doc"), IsOk());
}

TEST(ParseTest, DepthThatWouldOverflowAStackIsRefused) {
  EXPECT_THAT(Parse(std::string(3'000'000, '['), {}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted));
  std::string objects;
  for (int i = 0; i < 500'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(Parse(objects, {}, "doc"), ErrorIs(ErrorCode::kResourceExhausted, "$.a.a"));
}

TEST(ParseTest, ValuesAreBounded) {
  EXPECT_THAT(Parse("[1,2,3]", {.max_values = 4}, "doc"), IsOk());
  EXPECT_THAT(Parse("[1,2,3]", {.max_values = 3}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted, "$[2]: more than 3 values"));
}

TEST(ParseTest, ALongPathIsCut) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "{\"" + std::string(1000, 'n') + "\":";
  const auto result = Parse(text + "nul", {}, "doc");
  ASSERT_THAT(result, ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_LT(result.error().message().size(), 1000U);
}

// A check by comparing each key with each other would take minutes.
TEST(ParseTest, ManyKeysOfOneObjectAreCheap) {
  std::string text = "{";
  for (int i = 0; i < 150'000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
  EXPECT_THAT(Parse(text + "\"x\":0}", {}, "doc"), IsOk());
  EXPECT_THAT(Parse(text + "\"key77\":0}", {}, "doc"),
              ErrorIs(ErrorCode::kInvalidArgument, "duplicate key \"key77\""));
}

// Writes down what it is told; stops at the text "stop".
class Recorder final : public Events {
 public:
  bool StartObject() override { return Note("{"); }
  bool Key(std::string_view key) override { return Note(std::string(key) + ":"); }
  bool EndObject() override { return Note("}"); }
  bool StartArray() override { return Note("["); }
  bool EndArray() override { return Note("]"); }
  bool String(std::string_view text) override { return text != "stop" && Note(std::string(text)); }
  bool Integer(std::int64_t n) override { return Note("i" + std::to_string(n)); }
  bool Unsigned(std::uint64_t n) override { return Note("u" + std::to_string(n)); }
  bool Double(double) override { return Note("d"); }
  bool Bool(bool b) override { return Note(b ? "T" : "F"); }
  bool Null() override { return Note("N"); }
  std::string_view stop_reason() const override { return "had enough"; }

  std::vector<std::string> notes;

 private:
  bool Note(std::string text) {
    notes.push_back(std::move(text));
    return true;
  }
};

TEST(ScanTest, TellsEverythingInOrder) {
  Recorder events;
  ASSERT_THAT(
      Scan(R"({"a":[1,-1,18446744073709551615,0.5,true,false,null,"s"],"b":{}})", {}, events),
      IsOk());
  EXPECT_THAT(events.notes,
              ::testing::ElementsAre("{", "a:", "[", "i1", "i-1", "u18446744073709551615", "d", "T",
                                     "F", "N", "s", "]", "b:", "{", "}", "}"));
}

// A document from a stream.

void ExpectTheSameFromAStream(const std::string& text) {
  Recorder whole;
  const auto want = Scan(text, {}, whole);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
    MemorySource source(text, chunk);
    Recorder streamed;
    const auto found = Scan(source, {}, streamed);
    ASSERT_EQ(found.has_value(), want.has_value()) << text;
    if (want) {
      EXPECT_EQ(streamed.notes, whole.notes) << text;
    } else {
      EXPECT_EQ(found.error().code(), want.error().code()) << text;
    }
  }
}

TEST_P(ParseAccepts, AlsoFromAStream) {
  ExpectTheSameFromAStream(GetParam().text);
}
TEST_P(ParseRejects, AlsoFromAStream) {
  ExpectTheSameFromAStream(GetParam().text);
}

Result<void> ScanStream(const std::string& text, const Limits& limits) {
  MemorySource source(text, 5);
  Recorder events;
  return Scan(source, limits, events);
}

TEST(ScanStreamTest, ReadsMoreThanItsBuffer) {
  std::string text = "[";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\",";
  EXPECT_THAT(ScanStream(text + "0]", {}), IsOk());
  EXPECT_THAT(ScanStream(text + "0", {}), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ScanStreamTest, HasLimits) {
  EXPECT_THAT(ScanStream("[1,2]", {.max_bytes = 5}), IsOk());
  EXPECT_THAT(ScanStream("[1,2]", {.max_bytes = 4}), ErrorIs(ErrorCode::kResourceExhausted));
  // With the quote that ends it.
  EXPECT_THAT(ScanStream(R"(["\"234",1])", {.max_token_bytes = 7}), IsOk());
  EXPECT_THAT(ScanStream(R"(["\"234",1])", {.max_token_bytes = 6}),
              ErrorIs(ErrorCode::kResourceExhausted, "a text or number of more than 6 bytes"));
  EXPECT_THAT(ScanStream("[12345,6]", {.max_token_bytes = 6}), IsOk());
  EXPECT_THAT(ScanStream("[123456,7]", {.max_token_bytes = 6}),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(ScanTest, MemoryOfKeysIsBounded) {
  // Two keys of three bytes, and 16 for each.
  EXPECT_THAT(Parse(R"({"abc":1,"def":2})", {.max_key_memory = 38}, "doc"), IsOk());
  EXPECT_THAT(Parse(R"({"abc":1,"def":2})", {.max_key_memory = 37}, "doc"),
              ErrorIs(ErrorCode::kResourceExhausted, "keys that need more than 37 bytes"));
  EXPECT_THAT(Parse(R"([{"abc":1},{"def":2}])", {.max_key_memory = 37}, "doc"), IsOk());
}

class FailingSource final : public ByteSource {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (given_) return Unavailable("connection lost");
    given_ = true;
    into[0] = '[';
    return 1;
  }

 private:
  bool given_ = false;
};

TEST(ScanStreamTest, PassesOnAnErrorOfTheSource) {
  FailingSource source;
  Recorder events;
  EXPECT_THAT(Scan(source, {}, events), ErrorIs(ErrorCode::kUnavailable, "connection lost"));
}

TEST(ScanTest, StopsWithTheReasonAndThePlace) {
  Recorder events;
  EXPECT_THAT(Scan(R"({"a":["x","stop","y"]})", {}, events),
              ErrorIs(ErrorCode::kInvalidArgument, "$.a[1]: had enough"));
  EXPECT_THAT(events.notes, ::testing::ElementsAre("{", "a:", "[", "x"));
}

}  // namespace
}  // namespace xzgate::json
