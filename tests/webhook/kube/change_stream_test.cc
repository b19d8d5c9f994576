#include "webhook/kube/change_stream.h"

#include "tests/support/result_matchers.h"

namespace xzgate::kube {
namespace {

using testing::ErrorIs;
using testing::IsOk;

std::string Line(const std::string& type, const std::string& version) {
  return R"({"type":")" + type +
         R"(","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":")" + version +
         "\"}}}";
}

struct LineCase {
  const char* name;
  std::string line;
  ErrorCode code = ErrorCode::kInternal;
  ErrorKind kind = ErrorKind::kOther;
};

TEST(ParseWatchLineTest, KnowsEveryKindOfChange) {
  EXPECT_EQ(ParseWatchLine(Line("ADDED", "1"), Pods())->kind, Change::Kind::kAdded);
  EXPECT_EQ(ParseWatchLine(Line("MODIFIED", "1"), Pods())->kind, Change::Kind::kModified);
  EXPECT_EQ(ParseWatchLine(Line("DELETED", "1"), Pods())->kind, Change::Kind::kDeleted);
  const auto bookmark = ParseWatchLine(Line("BOOKMARK", "77"), Pods());
  ASSERT_THAT(bookmark, IsOk());
  EXPECT_EQ(bookmark->kind, Change::Kind::kBookmark);
  EXPECT_EQ(bookmark->resource_version, "77");
}

class WatchLineRejects : public ::testing::TestWithParam<LineCase> {};
TEST_P(WatchLineRejects, WithTheRightCode) {
  const auto change = ParseWatchLine(GetParam().line, Pods());
  ASSERT_THAT(change, ErrorIs(GetParam().code));
  EXPECT_EQ(change.error().kind(), GetParam().kind);
}
const LineCase kNoEvents[] = {
    {"Empty", "", ErrorCode::kInvalidArgument},
    {"NoJson", "garbage", ErrorCode::kInvalidArgument},
    {"Half", R"({"type":"ADDED","object":{)", ErrorCode::kInvalidArgument},
    {"NoObject", R"({"type":"ADDED"})", ErrorCode::kInvalidArgument},
    {"ObjectIsText", R"({"type":"ADDED","object":"x"})", ErrorCode::kInvalidArgument},
    {"Array", "[]", ErrorCode::kInvalidArgument},
    {"NoVersion", R"({"type":"ADDED","object":{"metadata":{}}})", ErrorCode::kInvalidArgument},
    {"VersionIsANumber", R"({"type":"ADDED","object":{"metadata":{"resourceVersion":5}}})",
     ErrorCode::kInvalidArgument},
    {"UnknownType", Line("RENAMED", "1"), ErrorCode::kUnsupported},
    {"LowerCase", Line("added", "1"), ErrorCode::kUnsupported},
    {"TwoTypes", R"({"type":"ADDED","type":"DELETED","object":{}})", ErrorCode::kInvalidArgument},
    {"Deep", R"({"type":"ADDED","object":)" + std::string(200, '[') + std::string(200, ']') + "}",
     ErrorCode::kResourceExhausted},
    {"Gone",
     R"({"type":"ERROR","object":{"kind":"Status","reason":"Expired","message":"too old","code":410}})",
     ErrorCode::kUnavailable, ErrorKind::kExpired},
    {"ServerError", R"({"type":"ERROR","object":{"kind":"Status","code":500}})",
     ErrorCode::kUnavailable},
    {"ErrorOfNoStatus", R"({"type":"ERROR","object":{}})", ErrorCode::kUnavailable},
};
INSTANTIATE_TEST_SUITE_P(Lines, WatchLineRejects, ::testing::ValuesIn(kNoEvents),
                         [](const auto& tested) { return tested.param.name; });

LineReader Reader(std::string bytes, std::size_t chunk, std::size_t max = 100) {
  return LineReader(std::make_unique<MemorySource>(std::move(bytes), chunk), max);
}

TEST(LineReaderTest, FindsLinesHoweverTheyCome) {
  for (const std::size_t chunk : {1u, 2u, 3u, 7u, 1000u}) {
    LineReader reader = Reader("one\n\nthree\n", chunk);
    EXPECT_EQ(**reader.Next(), "one");
    EXPECT_EQ(**reader.Next(), "");
    EXPECT_EQ(**reader.Next(), "three");
    EXPECT_FALSE(*reader.Next());
  }
}

TEST(LineReaderTest, AnEndWithinALineIsATruncation) {
  LineReader reader = Reader("one\ntw", 3);
  EXPECT_EQ(**reader.Next(), "one");
  EXPECT_THAT(reader.Next(), ErrorIs(ErrorCode::kUnavailable, "middle of a line"));
}

TEST(LineReaderTest, BoundsALine) {
  for (const std::size_t chunk : {1u, 5u, 1000u}) {
    LineReader fits = Reader(std::string(10, 'x') + "\n", chunk, 10);
    EXPECT_EQ((**fits.Next()).size(), 10u);
    LineReader long_line = Reader(std::string(11, 'x') + "\n", chunk, 10);
    EXPECT_THAT(long_line.Next(), ErrorIs(ErrorCode::kResourceExhausted));
    LineReader endless = Reader(std::string(1000, 'x'), chunk, 10);
    EXPECT_THAT(endless.Next(), ErrorIs(ErrorCode::kResourceExhausted));
  }
}

TEST(BodyChangeStreamTest, ServesChangesToTheEnd) {
  BodyChangeStream stream(
      std::make_unique<MemorySource>(Line("ADDED", "1") + "\n\n" + Line("DELETED", "2") + "\n", 9),
      Pods());
  EXPECT_EQ((*stream.Next())->resource_version, "1");
  EXPECT_EQ((*stream.Next())->resource_version, "2");
  EXPECT_FALSE(*stream.Next());
}

}  // namespace
}  // namespace xzgate::kube
