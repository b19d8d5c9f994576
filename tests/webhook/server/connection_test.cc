#include "webhook/server/connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using Wants = Connection::Wants;
using Phase = Connection::Phase;

// A peer by script: what it sends, and how much it takes.
class FakeChannel final : public Channel {
 public:
  struct Wire {
    Io handshake = Io::kDone;
    std::deque<std::string> incoming;  // one read each
    bool ended = false;                // after incoming
    std::string sent;
    std::size_t takes = SIZE_MAX;  // bytes that can still be written
    bool write_ended = false;
  };
  explicit FakeChannel(Wire& wire) : wire_(wire) {}

  Io Handshake() override { return wire_.handshake; }
  IoResult Read(std::span<char> into) override {
    if (wire_.incoming.empty()) return {wire_.ended ? Io::kEnd : Io::kWantRead, 0};
    std::string& next = wire_.incoming.front();
    const std::size_t count = next.copy(into.data(), into.size());
    next.erase(0, count);
    if (next.empty()) wire_.incoming.pop_front();
    return {Io::kDone, count};
  }
  IoResult Write(std::string_view bytes) override {
    const std::size_t count = std::min(bytes.size(), wire_.takes);
    if (count == 0) return {Io::kWantWrite, 0};
    wire_.sent += bytes.substr(0, count);
    wire_.takes -= count;
    return {Io::kDone, count};
  }
  void EndWriting() override { wire_.write_ended = true; }
  IoResult Discard(std::span<char> scratch) override { return Read(scratch); }

 private:
  Wire& wire_;
};

const std::string kGet = "GET /h HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kPostHead = "POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

class ConnectionTest : public ::testing::Test {
 protected:
  Wants Advance() { return connection_.Advance(now_); }
  Wants Receive(const std::string& bytes) {
    wire_.incoming.push_back(bytes);
    return Advance();
  }
  Wants AnswerWith(const std::string& body) {
    return connection_.Answer({.status = 200, .content_type = "text/plain", .body = body}, now_);
  }
  bool Sent(const std::string& text) const { return wire_.sent.find(text) != std::string::npos; }
  std::chrono::milliseconds TimeLeft() const { return connection_.deadline().Remaining(now_); }

  const std::vector<Route> routes_ = {{"POST", "/v"}, {"GET", "/h"}};
  BodyBudget bodies_{1 << 20};
  Observer observer_;
  std::vector<char> scratch_ = std::vector<char>(1024);
  ConnectionEnv env_{.routes = routes_,
                     .limits = {},
                     .timeouts = {},
                     .bodies = bodies_,
                     .observer = observer_,
                     .scratch = scratch_};
  SteadyTime now_{1h};
  FakeChannel::Wire wire_;
  Connection connection_{std::make_unique<FakeChannel>(wire_), env_, now_};
};

TEST_F(ConnectionTest, AnswersAndWaitsForTheNextRequest) {
  EXPECT_EQ(Receive(kGet), Wants::kAnswer);
  EXPECT_EQ(connection_.TakeRequest().head.route->path, "/h");
  EXPECT_EQ(AnswerWith("yes"), Wants::kRead);
  EXPECT_TRUE(Sent("Content-Length: 3\r\n")) << wire_.sent;
  EXPECT_TRUE(Sent("Connection: keep-alive\r\n")) << wire_.sent;
  EXPECT_TRUE(wire_.sent.ends_with("\r\n\r\nyes"));
  EXPECT_EQ(connection_.phase(), Phase::kIdle);
}

TEST_F(ConnectionTest, ServesPipelinedRequestsInOrder) {
  EXPECT_EQ(Receive(kGet + kPostHead + "hello"), Wants::kAnswer);
  EXPECT_EQ(connection_.TakeRequest().head.route->path, "/h");
  EXPECT_EQ(AnswerWith("first"), Wants::kAnswer);
  EXPECT_EQ(connection_.TakeRequest().body, "hello");
  EXPECT_EQ(AnswerWith("second"), Wants::kRead);
  EXPECT_LT(wire_.sent.find("first"), wire_.sent.find("second"));
}

TEST_F(ConnectionTest, ReadsNothingWhileARequestIsAnswered) {
  Receive(kGet);
  connection_.TakeRequest();
  EXPECT_EQ(Receive(kGet), Wants::kAnswer);
  EXPECT_EQ(wire_.incoming.size(), 1u);
}

TEST_F(ConnectionTest, WritesInPiecesWhenThePeerIsSlow) {
  Receive(kGet);
  connection_.TakeRequest();
  wire_.takes = 10;
  EXPECT_EQ(AnswerWith("yes"), Wants::kWrite);
  EXPECT_EQ(wire_.sent.size(), 10u);
  wire_.takes = SIZE_MAX;
  EXPECT_EQ(Advance(), Wants::kRead);
  EXPECT_TRUE(wire_.sent.ends_with("yes"));
}

// What a refused sender goes on sending is dropped, up to a limit.
TEST_F(ConnectionTest, DropsSixteenMebibytesWhileItLingersAndNoMore) {
  Receive("POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  ASSERT_EQ(connection_.phase(), Phase::kLingering);
  wire_.incoming.assign(16 * 1024, std::string(1024, 'x'));
  Wants wants = Wants::kTurn;
  while (wants == Wants::kTurn) wants = Advance();
  EXPECT_EQ(wants, Wants::kRead);
  EXPECT_TRUE(wire_.incoming.empty());
  EXPECT_EQ(Receive("x"), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kRefused);
}

TEST_F(ConnectionTest, ClosesGentlyAfterTheLastAnswer) {
  Receive("GET /h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  connection_.TakeRequest();
  EXPECT_EQ(AnswerWith("yes"), Wants::kRead);
  EXPECT_TRUE(Sent("Connection: close\r\n"));
  EXPECT_TRUE(wire_.write_ended);
  EXPECT_EQ(connection_.phase(), Phase::kLingering);
  wire_.ended = true;
  EXPECT_EQ(Advance(), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kDone);
}

TEST_F(ConnectionTest, SaysCloseWhileDraining) {
  Receive(kGet);
  connection_.TakeRequest();
  env_.draining = true;
  AnswerWith("yes");
  EXPECT_TRUE(Sent("Connection: close\r\n"));
}

TEST_F(ConnectionTest, RefusesAndDropsWhatFollows) {
  EXPECT_EQ(Receive("BAD\r\n\r\n" + std::string(5000, 'x')), Wants::kRead);
  EXPECT_TRUE(wire_.sent.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(wire_.incoming.empty());
  wire_.ended = true;
  EXPECT_EQ(Advance(), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kRefused);
}

TEST_F(ConnectionTest, AsksForABodyThatWaits) {
  Receive("POST /v HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire_.sent, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(Receive("hello"), Wants::kAnswer);
  EXPECT_EQ(connection_.TakeRequest().body, "hello");
}

TEST_F(ConnectionTest, GivesTheOthersATurn) {
  for (int i = 0; i < 100; ++i) wire_.incoming.push_back("G");
  EXPECT_EQ(Advance(), Wants::kTurn);
}

// Each phase has the time of its table, whatever trickles in within it.
TEST_F(ConnectionTest, BoundsTheHandshake) {
  wire_.handshake = Io::kWantRead;
  EXPECT_EQ(Advance(), Wants::kRead);
  EXPECT_EQ(TimeLeft(), 5s);
  EXPECT_EQ(connection_.Expire(now_), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kTimeout);
}

TEST_F(ConnectionTest, BoundsTheHeadInAll) {
  Receive("G");
  now_ += 3s;
  Receive("E");
  EXPECT_EQ(TimeLeft(), 2s);
  connection_.Expire(now_);
  EXPECT_TRUE(wire_.sent.starts_with("HTTP/1.1 408 "));
}

TEST_F(ConnectionTest, BoundsTheBodyInAll) {
  Receive(kPostHead);
  now_ += 3s;
  Receive("h");
  EXPECT_EQ(TimeLeft(), 7s);
  connection_.Expire(now_);
  EXPECT_TRUE(wire_.sent.starts_with("HTTP/1.1 408 "));
}

TEST_F(ConnectionTest, BoundsIdleTime) {
  Advance();
  EXPECT_EQ(TimeLeft(), 120s);
  EXPECT_EQ(connection_.Expire(now_), Wants::kClose);
  EXPECT_TRUE(wire_.sent.empty());
  EXPECT_TRUE(wire_.write_ended);
}

TEST_F(ConnectionTest, BoundsTheWriting) {
  Receive(kGet);
  connection_.TakeRequest();
  wire_.takes = 0;
  AnswerWith("yes");
  EXPECT_EQ(TimeLeft(), 5s);
  EXPECT_EQ(connection_.Expire(now_), Wants::kClose);
}

TEST_F(ConnectionTest, BoundsNotTheHandler) {
  Receive(kGet);
  EXPECT_TRUE(connection_.deadline().IsNever());
}

// The request was sent before the client could know that we close.
TEST_F(ConnectionTest, ServesARequestThatCrossesTheClosingOfAnIdleConnection) {
  Advance();
  wire_.incoming.push_back(kGet);
  EXPECT_EQ(connection_.CloseIdle(CloseReason::kDrain, now_), Wants::kAnswer);
}

TEST_F(ConnectionTest, ClosesWhenThePeerDoes) {
  wire_.ended = true;
  EXPECT_EQ(Advance(), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kDone);
}

TEST_F(ConnectionTest, ReportsAFailedHandshake) {
  wire_.handshake = Io::kFailed;
  EXPECT_EQ(Advance(), Wants::kClose);
  EXPECT_EQ(connection_.close_reason(), CloseReason::kHandshake);
}

}  // namespace
}  // namespace xzgate::server
