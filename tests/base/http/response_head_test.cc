#include "base/http/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace xzgate::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// A head out of lines that end as the wire's do.
ResponseHead Read(const std::vector<std::string>& lines) {
  ResponseHead head;
  for (const auto& line : lines) EXPECT_TRUE(head.AddLine(line + "\r\n"));
  return head;
}

TEST(ResponseHeadTest, CollectsStatusAndHeadersUntilTheEmptyLine) {
  auto head = Read({"HTTP/1.1 404 Not Found", "Server: x", "X-Two:\t a b "});
  EXPECT_FALSE(head.is_complete);
  EXPECT_TRUE(head.AddLine("\r\n"));
  EXPECT_TRUE(head.is_complete);
  EXPECT_EQ(head.status, 404);
  EXPECT_THAT(head.headers.list(), ElementsAre(Pair("Server", "x"), Pair("X-Two", "a b")));
}

TEST(ResponseHeadTest, StartsAfreshAfterAnInterimAnswer) {
  const auto head =
      Read({"HTTP/1.1 103 Early Hints", "Link: </a>", "", "HTTP/1.1 200 OK", "A: b", ""});
  EXPECT_TRUE(head.is_complete);
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.headers.list(), ElementsAre(Pair("A", "b")));
}

TEST(ResponseHeadTest, PassesTrailersOver) {
  const auto head = Read({"HTTP/1.1 200 OK", "", "Docker-Content-Digest: sha256:0", ""});
  EXPECT_TRUE(head.is_complete);
  EXPECT_THAT(head.headers.list(), IsEmpty());
}

TEST(ResponseHeadTest, TakesOtherLineEnds) {
  ResponseHead head;
  for (const char* line : {"HTTP/2 200\n", "a: 1\n", "b: 2", "\n"}) EXPECT_TRUE(head.AddLine(line));
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.is_complete);
  EXPECT_THAT(head.headers.list(), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

class StatusLine : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(StatusLine, IsReadOrNone) {
  const auto head = Read({GetParam().first, ""});
  EXPECT_EQ(head.status, GetParam().second);
  EXPECT_EQ(head.is_complete, GetParam().second >= 200);
}

INSTANTIATE_TEST_SUITE_P(
    All, StatusLine,
    ::testing::Values(std::pair("HTTP/1.1 200 OK", 200), std::pair("HTTP/1.0 999", 999),
                      std::pair("HTTP/1.1 100 Continue", 100), std::pair("HTTP/1.1", 0),
                      std::pair("HTTP/1.1 ", 0), std::pair("HTTP/1.1 20", 0),
                      std::pair("HTTP/1.1 2x0", 0), std::pair("HTTP/1.1 -20", 0),
                      std::pair("HTTP/1.1  200", 0)));

class NoField : public ::testing::TestWithParam<const char*> {};

TEST_P(NoField, IsPassedOver) {
  const auto head = Read({"HTTP/1.1 200 OK", GetParam(), "A: b", ""});
  EXPECT_THAT(head.headers.list(), ElementsAre(Pair("A", "b")));
}

INSTANTIATE_TEST_SUITE_P(All, NoField,
                         ::testing::Values("no colon", ": no name", " Location: folded",
                                           "Location : space before the colon",
                                           "Loca\rtion: control", "L\xC3\xB6: wide"));

TEST(ResponseHeadTest, HoldsItsLimitInOneLineAndInMany) {
  ResponseHead one;
  EXPECT_TRUE(one.AddLine(std::string(kMaxHeaderBytes, 'x')));
  EXPECT_FALSE(one.AddLine("x"));
  EXPECT_FALSE(one.AddLine("x"));
  ResponseHead many;
  for (std::size_t i = 0; i < kMaxHeaderBytes / 4; ++i) EXPECT_TRUE(many.AddLine("\r\r\r\n"));
  EXPECT_FALSE(many.AddLine("\n"));
}

}  // namespace
}  // namespace xzgate::http
