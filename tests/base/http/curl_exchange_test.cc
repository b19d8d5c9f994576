#include "base/http/curl_exchange.h"

#include <algorithm>

#include "tests/base/http/curl_fixture.h"

namespace xzgate::http {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using testing::IsOk;

TEST(ResponseHeadTest, StartsAfreshAfterAnInterimAnswer) {
  ResponseHead head;
  for (const char* line : {"HTTP/1.1 100 Continue\r\n", "X: early\r\n", "\r\n"}) head.AddLine(line);
  EXPECT_FALSE(head.is_complete);
  for (const char* line :
       {"HTTP/2 404\n", "x:  late \r\n", "no colon\r\n", "\r\n", "X: trailer\r\n"}) {
    EXPECT_TRUE(head.AddLine(line));
  }
  EXPECT_TRUE(head.is_complete);
  EXPECT_EQ(head.status, 404);
  EXPECT_THAT(head.headers.list(), ElementsAre(Header("x", "late")));
}

TEST(ResponseHeadTest, IsNotCompleteWithoutAStatus) {
  ResponseHead head;
  for (const char* line : {"HTTP/1.1 abc\r\n", "X: y\r\n", "\r\n"}) head.AddLine(line);
  EXPECT_FALSE(head.is_complete);
}

TEST(ResponseHeadTest, CountsEveryLine) {
  ResponseHead head;
  EXPECT_TRUE(head.AddLine("X: " + std::string(kMaxHeaderBytes - 5, 'x') + "\r\n"));
  EXPECT_FALSE(head.AddLine("\r\n"));
}

class CurlExchangeTest : public CurlFixture {};

TEST_F(CurlExchangeTest, BuffersNoMoreThanItSays) {
  const auto server = Serve(Answer(200, std::string(8 * 1024 * 1024, 'x')));
  const auto context = std::make_shared<CurlTransport::Context>(
      options_, *TrustedAuthorities::Load(options_.ca_files, {}), clock_);
  CurlExchange exchange(context, {.url = *Url::Parse(server->Url("/")), .reach = Reach::kAnywhere},
                        std::nullopt);
  ASSERT_THAT(exchange.AwaitHead(), IsOk());
  std::array<std::uint8_t, 1000> chunk;
  std::size_t most = 0;
  std::size_t read = 0;
  while (read < 8 * 1024 * 1024) {
    const auto count = exchange.Read(chunk);
    ASSERT_THAT(count, IsOk());
    ASSERT_GT(*count, 0u);
    read += *count;
    most = std::max(most, exchange.buffered());
  }
  EXPECT_LE(most, kMaxBufferedBody);
  EXPECT_GT(most, chunk.size());  // the peer ran ahead
}

}  // namespace
}  // namespace xzgate::http
