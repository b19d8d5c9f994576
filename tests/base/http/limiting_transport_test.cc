#include "base/http/limiting_transport.h"

#include <future>

#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using namespace std::chrono_literals;
using testing::ErrorIs;
using testing::FakeTransport;
using testing::IsOk;

class LimitingTransportTest : public ::testing::Test {
 protected:
  LimitingTransportTest() {
    net_.Handle(
        [this](const Request& request) { return net_.MakeResponse(request, {.body = "x"}); });
  }
  Result<Response> Send(bool urgent = false, Deadline deadline = Deadline::Never(),
                        const std::string& url = "https://reg.example/") {
    return transport_.Send({.url = *Url::Parse(url), .deadline = deadline, .urgent = urgent});
  }
  Deadline Passed() const { return Deadline::At(clock_.Now()); }
  // Takes slots until none is left for its kind.
  std::vector<Response> Fill(bool urgent) {
    std::vector<Response> open;
    while (auto response = Send(urgent, Passed())) open.push_back(std::move(*response));
    return open;
  }

  FakeTransport net_;
  SystemClock clock_;
  LimitingTransport transport_{net_, clock_};
};

TEST_F(LimitingTransportTest, GivesOrdinaryRequestsThreeOfFourSlots) {
  EXPECT_EQ(Fill(false).size(), 3u);
  EXPECT_EQ(Fill(true).size(), 4u);
}

TEST_F(LimitingTransportTest, KeepsASlotForUrgentRequests) {
  const auto open = Fill(false);
  EXPECT_THAT(Send(false, Passed()), ErrorIs(ErrorCode::kDeadlineExceeded, "waiting"));
  const auto urgent = Send(true, Passed());
  EXPECT_THAT(urgent, IsOk());
  EXPECT_THAT(Send(true, Passed()), ErrorIs(ErrorCode::kDeadlineExceeded));
}

TEST_F(LimitingTransportTest, CountsEachOriginForItself) {
  const auto open = Fill(false);
  EXPECT_THAT(Send(false, Passed(), "https://other.example/"), IsOk());
  EXPECT_THAT(Send(false, Passed(), "https://reg.example:5000/"), IsOk());
}

TEST_F(LimitingTransportTest, WaitsUntilABodyIsDestroyed) {
  auto open = Fill(false);
  auto waiting = std::async(std::launch::async, [&] { return Send().has_value(); });
  open.pop_back();
  EXPECT_TRUE(waiting.get());
}

TEST_F(LimitingTransportTest, ClosesTheBodyBeforeItGivesTheSlotBack) {
  {
    auto open = Fill(false);
  }
  EXPECT_EQ(net_.open_bodies(), 0);
  EXPECT_EQ(Fill(false).size(), 3u);
}

TEST_F(LimitingTransportTest, GivesTheSlotBackAfterAnError) {
  net_.Handle([](const Request&) -> Result<Response> { return Unavailable("down"); });
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Send(false, Deadline::Never()), ErrorIs(ErrorCode::kUnavailable));
  }
}

TEST_F(LimitingTransportTest, LetsABodyOutliveIt) {
  auto transport = std::make_unique<LimitingTransport>(net_, clock_);
  auto response = transport->Send({.url = *Url::Parse("https://h/")});
  transport.reset();
  EXPECT_EQ(*ReadBody(*response, 10), "x");
}

}  // namespace
}  // namespace xzgate::http
