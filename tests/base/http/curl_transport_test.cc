#include "base/http/curl_transport.h"

#include <future>

#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using ::testing::Eq;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Peer;

class CurlTransportTest : public CurlFixture {};

// The same bytes wherever they are cut.
std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

TEST_F(CurlTransportTest, GetsAnAnswer) {
  const auto server = Serve(Answer(404, "nothing here", "X-One: 1\r\nx-two:  2 \r\n"));
  auto response = Get(server->Url("/v2/x"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->headers.Find("x-one"), "1");
  EXPECT_EQ(response->headers.Find("X-Two"), "2");
  EXPECT_EQ(response->url.ToString(), server->Url("/v2/x"));
  EXPECT_EQ(*ReadBody(*response, 100), "nothing here");
}

TEST_F(CurlTransportTest, SendsTargetAndHeadersAsTheyAre) {
  const auto server = Serve(Answer(200, ""));
  const std::string target = "/a/../b%2f%2Fc/./d?sig=a%2Bb%3D%25&x=%zz+\"<>";
  ASSERT_THAT(transport().Send({.url = *Url::Parse(server->Url(target)),
                                .headers = {{"Authorization", "Bearer t"}, {"X-Empty", ""}},
                                .reach = Reach::kAnywhere}),
              IsOk());
  const std::string head = server->heads().at(0);
  EXPECT_THAT(head, ::testing::StartsWith("GET " + target + " HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Host: 127.0.0.1:" + std::to_string(server->port()) + "\r\n"));
  EXPECT_THAT(head, HasSubstr("Authorization: Bearer t\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(head, HasSubstr("Accept-Encoding: identity\r\n"));
  EXPECT_THAT(head, HasSubstr("User-Agent: xzgate\r\n"));
}

TEST_F(CurlTransportTest, RefusesHeadersThatWouldSplitTheRequest) {
  const auto server = Serve(Answer(200, ""));
  for (const Header& header : {Header{"X", "a\r\nY: b"}, Header{"X", std::string("a\0b", 3)},
                               Header{"X: a\r\nY", "b"}, Header{"", "b"}}) {
    EXPECT_THAT(
        transport().Send(
            {.url = *Url::Parse(server->Url("/")), .headers = {header}, .reach = Reach::kAnywhere}),
        ErrorIs(ErrorCode::kInvalidArgument, "header"));
  }
  EXPECT_TRUE(server->heads().empty());
}

TEST_F(CurlTransportTest, KeepsLocationByteForByteAndDoesNotFollow) {
  const std::string location = "https://s3.example/a%2Fb?Credential=AK%2F2026&sig=a%2Bb%3D%3D%25";
  const auto server = Serve(Answer(307, "", "Location: " + location + "\r\n"));
  const auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(response->headers.Find("Location"), location);
}

TEST_F(CurlTransportTest, SendsHeadWithoutWaitingForABody) {
  const auto server = Serve("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  auto response = transport().Send(
      {.method = Method::kHead, .url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->headers.Find("Content-Length"), "1000000");
  EXPECT_EQ(*ReadBody(*response, 0), "");
}

TEST_F(CurlTransportTest, PostsABody) {
  const auto server = Serve(Answer(200, "token"), true);
  auto response = transport().Send({.method = Method::kPost,
                                    .url = *Url::Parse(server->Url("/token")),
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = "{}",
                                    .reach = Reach::kAnywhere});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 10), "token");
  EXPECT_THAT(server->heads().at(0), HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(server->heads().at(0), HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(CurlTransportTest, SkipsInterimAnswers) {
  const auto server =
      Serve("HTTP/1.1 103 Early Hints\r\nX: early\r\n\r\n" + Answer(200, "late", "X: late\r\n"));
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->headers.FindAll("X").size(), 1u);
  EXPECT_EQ(*ReadBody(*response, 10), "late");
}

TEST_F(CurlTransportTest, UsesAConnectionAgain) {
  const auto server = Serve(Answer(200, "x"));
  for (int i = 0; i < 5; ++i) {
    auto response = Get(server->Url("/"));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(*ReadBody(*response, 10), "x");
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(CurlTransportTest, UsesAConnectionAgainWhenASmallBodyWasNotRead) {
  const auto server = Serve(Answer(307, "moved", "Location: /x\r\n"));
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Get(server->Url("/")), IsOk());
  EXPECT_EQ(server->connections(), 1);
}

// A connection made for a configured registry must not serve a request that the guard would refuse.
TEST_F(CurlTransportTest, NeverSharesConnectionsBetweenReaches) {
  const auto server = Serve(Answer(200, "x"));
  ASSERT_THAT(Get(server->Url("/")), IsOk());
  EXPECT_THAT(transport().Send({.url = *Url::Parse(server->Url("/"))}),
              ErrorIs(ErrorCode::kPermissionDenied, "loopback"));
}

class CurlBody : public CurlFixture, public ::testing::WithParamInterface<std::size_t> {};

// Small reads let the peer run ahead until it is held back; large ones take bytes without a copy.
TEST_P(CurlBody, ComesWholeWhateverTheReadSize) {
  const std::string bytes = Pattern(3 * kMaxBufferedBody + 12345);
  const auto server = Serve(Answer(200, bytes));
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  std::string got;
  std::vector<std::uint8_t> chunk(GetParam());
  while (true) {
    const auto count = response->body->Read(chunk);
    ASSERT_THAT(count, IsOk());
    if (*count == 0) break;
    got.append(reinterpret_cast<const char*>(chunk.data()), *count);
  }
  EXPECT_TRUE(got == bytes);
  EXPECT_THAT(response->body->Read(chunk), IsOk());
  EXPECT_EQ(*response->body->Read(chunk), 0u);
}

INSTANTIATE_TEST_SUITE_P(ReadSizes, CurlBody,
                         ::testing::Values(1, 7, 4096, 65536, 4 * kMaxBufferedBody));

TEST_F(CurlTransportTest, HoldsThePeerBackWhenNobodyReads) {
  std::atomic<std::size_t> sent = 0;
  constexpr std::size_t kSize = 256 * 1024 * 1024;
  const std::string piece(64 * 1024, 'x');
  Server server(Leaf(), [&](Peer& peer, const std::string&) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    while (sent < kSize && peer.Send(piece)) sent += piece.size();
  });
  auto response = Get(server.Url("/"));
  ASSERT_THAT(response, IsOk());
  std::size_t read = 0;
  std::array<std::uint8_t, 4096> chunk;
  while (read < 8 * 1024 * 1024) {
    read += *response->body->Read(chunk);
    // What is in between: our buffer and the sockets' own (tcp_wmem and tcp_rmem, 10 MiB at most).
    ASSERT_LE(sent.load(), read + kMaxBufferedBody + 16 * 1024 * 1024);
  }
}

TEST_F(CurlTransportTest, ReadsChunkedBodies) {
  const auto server = Serve(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n"
      "Trailer: t\r\n\r\n");
  auto response = Get(server->Url("/"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 100), "abcdefg");
  EXPECT_FALSE(response->headers.Find("Trailer"));
}

TEST_F(CurlTransportTest, LetsABodyOutliveIt) {
  const auto server = Serve(Answer(200, Pattern(1'000'000)));
  auto other = CurlTransport::Create(options_, clock_);
  auto response = (*other)->Send({.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere});
  other->reset();
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(ReadBody(*response, 1'000'000)->size(), 1'000'000u);
}

TEST_F(CurlTransportTest, ServesManyThreads) {
  const auto server = Serve(Answer(200, Pattern(200'000)));
  std::vector<std::future<bool>> all;
  Transport& shared = transport();
  for (int i = 0; i < 8; ++i) {
    all.push_back(std::async(std::launch::async, [&] {
      for (int j = 0; j < 5; ++j) {
        auto response =
            shared.Send({.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere});
        if (!response || *ReadBody(*response, 300'000) != Pattern(200'000)) return false;
      }
      return true;
    }));
  }
  for (auto& one : all) EXPECT_TRUE(one.get());
  EXPECT_LE(server->connections(), 8);
}

TEST_F(CurlTransportTest, FailsWhenNobodyListens) {
  std::string url;
  {
    url = Serve("")->Url("/?sig=secret");
  }
  const auto response = Get(url);
  ASSERT_THAT(response, ErrorIs(ErrorCode::kUnavailable, "GET https://127.0.0.1"));
  EXPECT_THAT(response.error().message(), Not(HasSubstr("secret")));
}

TEST_F(CurlTransportTest, FailsWhenTheHostHasNoAddress) {
  EXPECT_THAT(Get("https://no-such-host.invalid/"),
              ErrorIs(ErrorCode::kUnavailable, "no-such-host.invalid"));
}

}  // namespace
}  // namespace xzgate::http
