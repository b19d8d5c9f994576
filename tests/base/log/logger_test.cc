#include "base/log/logger.h"

#include <thread>

#include "base/json/reader.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"

namespace xzgate::log {
namespace {

using testing::ErrorIs;
using testing::FakeLogger;
using testing::IsOk;

// What a logger wrote to standard error while `use` ran.
template <typename Use>
std::string Captured(Format format, Level least, Use use) {
  ::testing::internal::CaptureStderr();
  use(*MakeStderrLogger(format, least));
  return ::testing::internal::GetCapturedStderr();
}

TEST(StderrLoggerTest, WritesJsonLines) {
  const std::string out = Captured(Format::kJson, Level::kInfo,
                                   [](Logger& log) { log.Info("ready", {{"port", 8443}}); });
  const auto line = json::Parse(out, {}, "line");
  ASSERT_THAT(line, IsOk());
  EXPECT_THAT(*line->Find("time")->AsString(),
              ::testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
  EXPECT_EQ(*line->Find("level"), json::Value("info"));
  EXPECT_EQ(*line->Find("event"), json::Value("ready"));
  EXPECT_EQ(*line->Find("port"), json::Value(8443));
  EXPECT_EQ(out.back(), '\n');
}

TEST(StderrLoggerTest, WritesTextLines) {
  EXPECT_THAT(Captured(Format::kText, Level::kDebug, [](Logger& log) { log.Debug("step"); }),
              ::testing::MatchesRegex("....-..-..T..:..:..\\....Z DEBUG step\n"));
}

TEST(StderrLoggerTest, BracesAndPercentsAreOnlyText) {
  EXPECT_THAT(Captured(Format::kText, Level::kInfo,
                       [](Logger& log) { log.Info("{} %v", {{"v", "{0}%n%Y"}}); }),
              ::testing::HasSubstr("INFO {} %v v={0}%n%Y\n"));
}

TEST(StderrLoggerTest, DropsWhatIsBelowTheLeastLevel) {
  const std::string out = Captured(Format::kText, Level::kWarning, [](Logger& log) {
    EXPECT_FALSE(log.IsEnabled(Level::kInfo));
    EXPECT_TRUE(log.IsEnabled(Level::kWarning));
    log.Debug("one");
    log.Info("two");
    log.Warning("three");
    log.Error("four");
  });
  EXPECT_THAT(out, ::testing::Not(::testing::HasSubstr("one")));
  EXPECT_THAT(out, ::testing::Not(::testing::HasSubstr("two")));
  EXPECT_THAT(out, ::testing::HasSubstr("WARNING three\n"));
  EXPECT_THAT(out, ::testing::HasSubstr("ERROR four\n"));
}

TEST(StderrLoggerTest, LinesOfManyThreadsStayWhole) {
  const std::string value(500, 'x');
  const std::string out = Captured(Format::kJson, Level::kInfo, [&value](Logger& log) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log, &value] {
        for (int i = 0; i < 50; ++i) log.Info("line", {{"value", value}});
      });
    }
  });
  int lines = 0;
  std::size_t at = 0;
  for (auto end = out.find('\n'); end != out.npos; end = out.find('\n', at)) {
    EXPECT_THAT(json::Parse(std::string_view(out).substr(at, end - at), {}, "line"), IsOk());
    at = end + 1;
    ++lines;
  }
  EXPECT_EQ(lines, 200);
}

TEST(NullLoggerTest, WritesNothing) {
  ::testing::internal::CaptureStderr();
  const auto log = MakeNullLogger();
  EXPECT_FALSE(log->IsEnabled(Level::kError));
  log->Error("lost");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(FakeLoggerTest, KeepsLinesForTheTest) {
  FakeLogger log;
  log.Info("a", {{"n", 1}, {"s", "x"}, {"b", true}});
  log.Error("b");
  ASSERT_EQ(log.lines().size(), 2U);
  ASSERT_EQ(log.Find("a").size(), 1U);
  EXPECT_EQ(log.Find("a")[0].fields.at("n"), "1");
  EXPECT_EQ(log.Find("a")[0].fields.at("s"), "x");
  EXPECT_EQ(log.Find("a")[0].fields.at("b"), "true");
  EXPECT_EQ(log.Find("b")[0].level, Level::kError);
}

TEST(ParseLevelTest, AcceptsTheFourWordsOnly) {
  EXPECT_EQ(ParseLevel("debug"), Level::kDebug);
  EXPECT_EQ(ParseLevel("info"), Level::kInfo);
  EXPECT_EQ(ParseLevel("warning"), Level::kWarning);
  EXPECT_EQ(ParseLevel("error"), Level::kError);
  for (const char* text : {"", "warn", "INFO", "info ", "trace"}) {
    EXPECT_THAT(ParseLevel(text),
                ErrorIs(ErrorCode::kInvalidArgument, "want debug, info, warning or error"));
  }
}

TEST(ParseFormatTest, AcceptsTheTwoWordsOnly) {
  EXPECT_EQ(ParseFormat("text"), Format::kText);
  EXPECT_EQ(ParseFormat("json"), Format::kJson);
  EXPECT_THAT(ParseFormat("xml"),
              ErrorIs(ErrorCode::kInvalidArgument, "log format \"xml\": want text or json"));
}

}  // namespace
}  // namespace xzgate::log
