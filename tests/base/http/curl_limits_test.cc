// What a peer that damages, delays or inflates its answers can do to CurlTransport.

#include <atomic>
#include <future>
#include <thread>

#include "tests/base/http/curl_fixture.h"
#include "tests/support/fake_clock.h"

namespace xzgate::http {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::ErrorIs;
using testing::IsOk;
using testing::Peer;

class CurlLimitsTest : public CurlFixture {
 protected:
  // A server that drips: `head` at once, then a byte every 5 ms as long as the client stays.
  static std::unique_ptr<Server> Drip(std::string head) {
    return std::make_unique<Server>(Leaf(),
                                    [head = std::move(head)](Peer& peer, const std::string&) {
                                      peer.Send(head);
                                      while (peer.Send("x")) std::this_thread::sleep_for(5ms);
                                    });
  }
  // Answers nothing until the client leaves.
  static std::unique_ptr<Server> Silence(std::string head = "") {
    return std::make_unique<Server>(
        Leaf(), [head = std::move(head)](Peer& peer, const std::string&) { peer.Send(head); });
  }
  static constexpr char kLongBody[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
};

TEST_F(CurlLimitsTest, TakesATruncatedBodyForAnError) {
  const auto server = Serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", true);
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(ReadBody(*response, 1000), ErrorIs(ErrorCode::kUnavailable));
  std::array<std::uint8_t, 8> chunk;
  EXPECT_THAT(response->body->Read(chunk), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(CurlLimitsTest, TakesATruncatedChunkForAnError) {
  const auto server = Serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc", true);
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(ReadBody(*response, 1000), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(CurlLimitsTest, TakesAResetForAnError) {
  Server server(Leaf(), [](Peer& peer, const std::string&) {
    peer.Send(kLongBody);
    peer.Reset();
  });
  auto response = Get(server.Url("/"));
  if (response) {
    EXPECT_THAT(ReadBody(*response, 1000), ErrorIs(ErrorCode::kUnavailable));
  } else {
    EXPECT_THAT(response, ErrorIs(ErrorCode::kUnavailable));
  }
}

TEST_F(CurlLimitsTest, TakesAConnectionThatEndsWithoutAnAnswerForAnError) {
  const auto server = Serve("", true);
  EXPECT_THAT(Get(server->Url("/")), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(CurlLimitsTest, TakesBytesThatAreNoHttpForAnError) {
  const auto server = Serve("SSH-2.0-OpenSSH\r\n\r\n", true);
  EXPECT_THAT(Get(server->Url("/")), ErrorIs(ErrorCode::kUnavailable));
}

// The peer's own drops move the clock: it is always in time for one more byte.
TEST_F(CurlLimitsTest, EndsADrippingBodyAtTheDeadline) {
  testing::FakeClock clock;
  std::promise<void> head_came;
  Server server(Leaf(), [&](Peer& peer, const std::string&) {
    peer.Send(kLongBody);
    head_came.get_future().wait();
    while (peer.Send("x")) clock.Advance(1s);
  });
  const auto transport = *CurlTransport::Create(options_, clock);
  auto response = transport->Send({.url = *Url::Parse(server.Url("/")),
                                   .reach = Reach::kAnywhere,
                                   .deadline = Deadline::After(clock.Now(), 1h)});
  head_came.set_value();
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(ReadBody(*response, 1'000'000), ErrorIs(ErrorCode::kDeadlineExceeded, "body"));
}

TEST_F(CurlLimitsTest, EndsADrippingHeadAtTheDeadline) {
  const auto server = Drip("HTTP/1.1 200 OK\r\nX: ");
  EXPECT_THAT(Get(server->Url("/"), Soon(300ms)), ErrorIs(ErrorCode::kDeadlineExceeded, "head"));
}

TEST_F(CurlLimitsTest, EndsASilentPeerAtTheDeadline) {
  const auto server = Silence();
  EXPECT_THAT(Get(server->Url("/"), Soon(200ms)), ErrorIs(ErrorCode::kDeadlineExceeded));
}

TEST_F(CurlLimitsTest, EndsASilentHandshakeAtTheConnectTimeout) {
  options_.connect_timeout = 200ms;
  // No TLS: the server waits for a request head and never gets one.
  Server server(std::nullopt, [](Peer&, const std::string&) {});
  EXPECT_THAT(Get("https://127.0.0.1:" + std::to_string(server.port()) + "/"),
              ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(CurlLimitsTest, ConnectsToNobodyAfterTheDeadline) {
  const auto server = Serve(Answer(200, "x"));
  EXPECT_THAT(Get(server->Url("/"), Soon(0ms)), ErrorIs(ErrorCode::kDeadlineExceeded));
  EXPECT_EQ(server->connections(), 0);
}

TEST_F(CurlLimitsTest, EndsAHeadThatDoesNotComeInTime) {
  options_.head_timeout = 150ms;
  const auto silent = Silence();
  EXPECT_THAT(Get(silent->Url("/")), ErrorIs(ErrorCode::kUnavailable, "150 ms"));
  const auto dripping = Drip("HTTP/1.1 200 OK\r\nX: ");
  EXPECT_THAT(Get(dripping->Url("/")), ErrorIs(ErrorCode::kUnavailable, "150 ms"));
}

TEST_F(CurlLimitsTest, EndsATransferBelowTheMinimumSpeed) {
  options_.speed_window = 200ms;
  const auto server = Drip(kLongBody);
  auto response = transport().Send({.url = *Url::Parse(server->Url("/")),
                                    .reach = Reach::kAnywhere,
                                    .min_bytes_per_second = 64 * 1024});
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(ReadBody(*response, 1'000'000), ErrorIs(ErrorCode::kUnavailable, "minimum speed"));
}

struct HeadCase {
  std::string name;
  std::string head;
};

class CurlHeaderBomb : public CurlFixture, public ::testing::WithParamInterface<HeadCase> {};

TEST_P(CurlHeaderBomb, IsRefused) {
  const auto server = Serve(GetParam().head);
  EXPECT_THAT(Get(server->Url("/")), ErrorIs(ErrorCode::kResourceExhausted, "65536"));
}

std::string Repeat(const std::string& text, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

const HeadCase kHeads[] = {
    {"OneLineJustTooLong",
     "HTTP/1.1 200 OK\r\nX: " + std::string(kMaxHeaderBytes, 'x') + "\r\n\r\n"},
    {"OneEndlessLine", "HTTP/1.1 200 OK\r\nX: " + std::string(4'000'000, 'x')},
    {"ManyLines", "HTTP/1.1 200 OK\r\n" + Repeat("X: y\r\n", 4'000'000)},
    {"Interim", Repeat("HTTP/1.1 100 Continue\r\n\r\n", 4'000'000)},
};

INSTANTIATE_TEST_SUITE_P(All, CurlHeaderBomb, ::testing::ValuesIn(kHeads),
                         [](const auto& param) { return param.param.name; });

TEST_F(CurlLimitsTest, CountsTrailersAsHead) {
  const auto server = Serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" +
                            Repeat("X: y\r\n", 200'000) + "\r\n");
  auto response = Get(server->Url("/"));
  if (response) {
    EXPECT_THAT(ReadBody(*response, 100), ErrorIs(ErrorCode::kResourceExhausted));
  } else {
    EXPECT_THAT(response, ErrorIs(ErrorCode::kResourceExhausted));
  }
}

TEST_F(CurlLimitsTest, AStopEndsWhatIsUnderWayAndWhatComesLater) {
  std::promise<void> asked;
  Server server(Leaf(), [&](Peer&, const std::string&) { asked.set_value(); });
  auto waiting = std::async(std::launch::async, [&] { return Get(server.Url("/")); });
  asked.get_future().wait();
  transport().Stop();
  EXPECT_THAT(waiting.get(), ErrorIs(ErrorCode::kUnavailable, "stopping"));
  EXPECT_THAT(Get(server.Url("/")), ErrorIs(ErrorCode::kUnavailable, "stopping"));
}

TEST_F(CurlLimitsTest, TakesAHeadOfExactlyTheLimit) {
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ";
  const std::string filler(kMaxHeaderBytes - start.size() - 4, 'x');
  const auto server = Serve(start + filler + "\r\n\r\ny");
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 1), "y");
}

TEST_F(CurlLimitsTest, CutsAnEndlessErrorPage) {
  std::atomic<std::size_t> sent = 0;
  const std::string piece(64 * 1024, 'x');
  Server server(Leaf(), [&](Peer& peer, const std::string&) {
    peer.Send("HTTP/1.1 500 x\r\nContent-Length: 1000000000\r\n\r\n");
    while (peer.Send(piece)) sent += piece.size();
  });
  {
    auto response = Get(server.Url("/"));
    ASSERT_THAT(response, IsOk());
    EXPECT_THAT(ReadBody(*response, kMaxErrorBody), ErrorIs(ErrorCode::kResourceExhausted));
  }
  EXPECT_LT(sent.load(), 32u * 1024 * 1024);
}

TEST_F(CurlLimitsTest, RefusesEncodedAnswers) {
  for (const char* encoding : {"gzip", "br", "identity, gzip", "x"}) {
    const auto server =
        Serve(Answer(200, "x", "Content-Encoding: " + std::string(encoding) + "\r\n"));
    EXPECT_THAT(Get(server->Url("/")), ErrorIs(ErrorCode::kUnsupported, encoding));
  }
  const auto server = Serve(Answer(200, "x", "Content-Encoding: Identity\r\n"));
  EXPECT_THAT(Get(server->Url("/")), IsOk());
}

}  // namespace
}  // namespace xzgate::http
