#include "base/http/transport.h"

#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::FakeTransport;
using testing::IsOk;

TEST(HeadersTest, ComparesNamesWithoutCase) {
  Headers headers = {{"Link", "a"}, {"X", "b"}, {"link", "c"}};
  EXPECT_EQ(headers.Find("LINK"), "a");
  EXPECT_THAT(headers.FindAll("Link"), ElementsAre("a", "c"));
  headers.Remove("LiNk");
  EXPECT_FALSE(headers.Find("Link"));
  EXPECT_EQ(headers.list().size(), 1u);
}

class ReadBodyTest : public ::testing::Test {
 protected:
  Result<Response> Get(testing::FakeAnswer answer) {
    const std::string url = "https://h/p?sig=secret";
    net_.On(Method::kGet, url, std::move(answer));
    return net_.Send({.url = *Url::Parse(url)});
  }
  FakeTransport net_;
};

TEST_F(ReadBodyTest, TakesExactlyTheLimit) {
  auto response = Get({.body = std::string(kMaxErrorBody, 'x'), .chunk = 100});
  EXPECT_EQ(ReadBody(*response, kMaxErrorBody)->size(), kMaxErrorBody);
}

TEST_F(ReadBodyTest, RefusesOneByteMoreAndNamesTheRedactedUrl) {
  auto response = Get({.body = std::string(kMaxErrorBody + 1, 'x')});
  const auto body = ReadBody(*response, kMaxErrorBody);
  ASSERT_THAT(body, ErrorIs(ErrorCode::kResourceExhausted, "https://h/p"));
  EXPECT_EQ(body.error().message().find("secret"), std::string::npos);
}

TEST_F(ReadBodyTest, PassesErrorsOn) {
  auto response = Get({.body = "x", .body_error = Error(ErrorCode::kUnavailable, "gone")});
  EXPECT_THAT(ReadBody(*response, 10), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(ReadBodyTest, CutsAnErrorPage) {
  auto response = Get({.body = std::string(1'000'000, 'x'), .chunk = 1000});
  EXPECT_EQ(ReadErrorBody(*response), std::string(kMaxErrorBody, 'x'));
}

TEST_F(ReadBodyTest, GivesWhatCameOfADamagedErrorPage) {
  auto response = Get({.body = "oops", .body_error = Error(ErrorCode::kUnavailable, "gone")});
  EXPECT_EQ(ReadErrorBody(*response), "oops");
}

}  // namespace
}  // namespace xzgate::http
