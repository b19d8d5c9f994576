#include "base/log/line.h"

#include "base/json/reader.h"
#include "tests/support/result_matchers.h"

namespace xzgate::log {
namespace {

using testing::IsOk;

TEST(JsonLineTest, HoldsLevelEventAndTypedFields) {
  EXPECT_EQ(JsonLine(Level::kInfo, "image denied",
                     {{"image", "reg.example/a"},
                      {"layers", 7},
                      {"bytes", UINT64_MAX},
                      {"seconds", 0.25},
                      {"cached", true}}),
            R"("level":"info","event":"image denied","image":"reg.example/a","layers":7,)"
            R"("bytes":18446744073709551615,"seconds":0.25,"cached":true})");
}

TEST(JsonLineTest, HostileValuesStayOneValidLine) {
  const std::string hostile("\n\r\0\x1b[2J\"\\\xFF\xE2\x82\u009b", 15);
  const std::string line = JsonLine(Level::kWarning, "bad", {{"value", hostile}});
  EXPECT_THAT(json::Parse('{' + line, {}, "line"), IsOk());
  for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

TEST(JsonLineTest, ValuesAreCutAtTheLimit) {
  const std::string fits(kMaxValueBytes, 'a');
  EXPECT_THAT(JsonLine(Level::kInfo, "e", {{"v", fits}}), ::testing::HasSubstr(fits + "\"}"));
  const std::string line = JsonLine(Level::kInfo, "e", {{"v", fits + "a"}});
  EXPECT_THAT(line, ::testing::HasSubstr("a…\"}"));
  EXPECT_LT(line.size(), kMaxValueBytes + 64);
}

TEST(TextLineTest, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(TextLine(Level::kError, "store lost",
                     {{"path", "/var/lib/x.db"},
                      {"why", "disk full"},
                      {"empty", ""},
                      {"pair", "a=b"},
                      {"tries", 3},
                      {"rate", 1.5},
                      {"fatal", false}}),
            "ERROR store lost path=/var/lib/x.db why=\"disk full\" empty=\"\" pair=\"a=b\" tries=3 "
            "rate=1.5 fatal=false");
}

TEST(TextLineTest, HostileValuesStayOneLine) {
  EXPECT_EQ(
      TextLine(Level::kWarning, "bad", {{"v", "a\nERROR forged"}, {"w", "\x1b[2J\xFF\u202E"}}),
      R"(WARNING bad v="a\x0aERROR forged" w="\x1b[2J\xff\xe2\x80\xae")");
}

TEST(TextLineTest, ValuesAreCutAtTheLimit) {
  const std::string fits(kMaxValueBytes, 'a');
  EXPECT_EQ(TextLine(Level::kDebug, "e", {{"v", fits}}), "DEBUG e v=" + fits);
  EXPECT_EQ(TextLine(Level::kDebug, "e", {{"v", fits + "a"}}), "DEBUG e v=\"" + fits + "…\"");
}

}  // namespace
}  // namespace xzgate::log
