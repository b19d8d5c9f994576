#include "webhook/server/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xzgate::server {
namespace {

using State = RequestParser::State;

const std::vector<Route> kRoutes = {{"POST", "/v"}, {"GET", "/h"}};
const std::string kGet = "GET /h HTTP/1.1\r\nHost: a\r\n\r\n";

std::string Post(const std::string& body) {
  return "POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// A request line of exactly `bytes`, in a request of the fewest other bytes.
std::string WithLineOf(std::size_t bytes) {
  std::string line = "GET /h?";
  const std::string tail = " HTTP/1.1";
  line += std::string(bytes - line.size() - tail.size(), 'x') + tail;
  return line + "\r\nHost: a\r\n\r\n";
}

// A head of exactly `bytes`, the empty line included.
std::string WithHeadOf(std::size_t bytes) {
  const std::string start = "GET /h HTTP/1.1\r\nHost: a\r\nX-A: ";
  return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

class RequestParserTest : public ::testing::Test {
 protected:
  // Feeds pieces of `piece` bytes; stops when the parser takes no more.
  void Feed(std::string_view bytes, std::size_t piece = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::string_view next = bytes.substr(0, piece);
      const std::size_t taken = parser_.Feed(next);
      bytes.remove_prefix(taken);
      if (taken < next.size()) break;
    }
    rest_ = std::string(bytes);
  }

  FramingLimits limits_;
  BodyBudget budget_{1000};
  RequestParser parser_{kRoutes, limits_, &budget_};
  std::string rest_;
};

TEST_F(RequestParserTest, ReadsARequestInOnePiece) {
  Feed(Post("hello"));
  ASSERT_EQ(parser_.state(), State::kComplete);
  const FramedRequest request = parser_.Take();
  EXPECT_EQ(request.head.route->path, "/v");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(parser_.state(), State::kStart);
}

TEST_F(RequestParserTest, ReadsARequestByteByByte) {
  Feed(Post("hello"), 1);
  ASSERT_EQ(parser_.state(), State::kComplete);
  EXPECT_EQ(parser_.Take().body, "hello");
}

TEST_F(RequestParserTest, LeavesTheNextRequestAlone) {
  Feed(Post("hello") + kGet);
  ASSERT_EQ(parser_.state(), State::kComplete);
  EXPECT_EQ(rest_, kGet);
  EXPECT_EQ(parser_.Take().body, "hello");
  Feed(rest_);
  ASSERT_EQ(parser_.state(), State::kComplete);
  EXPECT_EQ(parser_.Take().head.route->path, "/h");
}

TEST_F(RequestParserTest, TakesNothingWhileARequestWaits) {
  Feed(kGet);
  EXPECT_EQ(parser_.Feed("G"), 0u);
}

TEST_F(RequestParserTest, TakesNothingAfterAFailure) {
  Feed("\r\n");
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.Feed(kGet), 0u);
}

TEST_F(RequestParserTest, SaysHowFarItIs) {
  EXPECT_EQ(parser_.state(), State::kStart);
  Feed("P");
  EXPECT_EQ(parser_.state(), State::kHead);
  Feed(Post("hello").substr(1, Post("hello").size() - 3));
  EXPECT_EQ(parser_.state(), State::kBody);
  EXPECT_EQ(parser_.body_bytes(), 3u);
}

// Both in one piece and byte by byte: where a limit falls must not depend on how bytes arrive.
class RequestParserLimits : public RequestParserTest,
                            public ::testing::WithParamInterface<std::size_t> {};

TEST_P(RequestParserLimits, LongestRequestLine) {
  Feed(WithLineOf(4096), GetParam());
  EXPECT_EQ(parser_.state(), State::kComplete);
}

TEST_P(RequestParserLimits, RequestLineOneByteTooLong) {
  Feed(WithLineOf(4097), GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 414);
}

TEST_P(RequestParserLimits, EndlessRequestLine) {
  Feed(std::string(100'000, 'x'), GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 414);
}

TEST_P(RequestParserLimits, LongestHead) {
  Feed(WithHeadOf(16 * 1024), GetParam());
  EXPECT_EQ(parser_.state(), State::kComplete);
}

TEST_P(RequestParserLimits, HeadOneByteTooLong) {
  Feed(WithHeadOf(16 * 1024 + 1), GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 431);
}

TEST_P(RequestParserLimits, EndlessHeaderLine) {
  Feed("GET /h HTTP/1.1\r\nX: " + std::string(100'000, 'x'), GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 431);
}

TEST_P(RequestParserLimits, BareLineFeed) {
  Feed("GET /h HTTP/1.1\nHost: a\n\n", GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 400);
}

TEST_P(RequestParserLimits, BodyThatFillsTheBudget) {
  Feed(Post(std::string(1000, 'x')), GetParam());
  ASSERT_EQ(parser_.state(), State::kComplete);
  EXPECT_EQ(budget_.used(), 1000u);
}

TEST_P(RequestParserLimits, BodyOneByteOverTheBudget) {
  Feed(Post(std::string(1001, 'x')), GetParam());
  ASSERT_EQ(parser_.state(), State::kFailed);
  EXPECT_EQ(parser_.error().status, 503);
  EXPECT_EQ(budget_.used(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Pieces, RequestParserLimits, ::testing::Values(1, 7, SIZE_MAX),
                         [](const auto& tested) {
                           return tested.param == SIZE_MAX ? "Whole"
                                                           : "By" + std::to_string(tested.param);
                         });

TEST_F(RequestParserTest, HoldsTheBudgetAsLongAsTheRequestLives) {
  Feed(Post(std::string(100, 'x')));
  {
    const FramedRequest request = parser_.Take();
    EXPECT_EQ(budget_.used(), 100u);
  }
  EXPECT_EQ(budget_.used(), 0u);
}

// Lengths on both sides of each growth, in pieces that grow the buffer as slowly as can be.
TEST(RequestParserBudget, ChargesTheBufferThatIsAllocated) {
  const FramingLimits limits;
  for (const std::size_t length :
       {1u, 15u, 16u, 29u, 31u, 16'384u, 16'385u, 20'000u, 32'769u, 50'000u, 7'340'032u}) {
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{16'384}, SIZE_MAX}) {
      BodyBudget budget(16 << 20);
      RequestParser parser(kRoutes, limits, &budget);
      const std::string bytes = Post(std::string(length, 'x'));
      for (std::size_t at = 0; at < bytes.size();)
        at += parser.Feed(std::string_view(bytes).substr(at, piece));
      ASSERT_EQ(parser.state(), State::kComplete);
      const FramedRequest request = parser.Take();
      EXPECT_EQ(request.body.size(), length);
      EXPECT_EQ(budget.used(), request.body.capacity()) << length << " bytes by " << piece;
    }
  }
}

TEST_F(RequestParserTest, TakesNoBudgetForAPromise) {
  Feed("POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: 7340032\r\n\r\n");
  EXPECT_EQ(parser_.state(), State::kBody);
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(RequestParserTest, AsksForTheBodyOnce) {
  Feed("POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(parser_.TakeContinue());
  EXPECT_FALSE(parser_.TakeContinue());
}

}  // namespace
}  // namespace xzgate::server
