#include "base/http/limiting_transport.h"

#include <atomic>
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

// Asks for the time only when there is no slot, and before it gives its lock up: then it waits.
TEST_F(LimitingTransportTest, WaitsUntilABodyIsDestroyed) {
  class AskedClock final : public Clock {
   public:
    SteadyTime Now() const override {
      if (!asked_.exchange(true)) first_.set_value();
      return SteadyTime();
    }
    WallTime WallNow() const override { return {}; }
    void AwaitQuestion() { first_.get_future().wait(); }

   private:
    mutable std::atomic<bool> asked_ = false;
    mutable std::promise<void> first_;
  } clock;
  LimitingTransport transport(net_, clock, {.per_origin = 1, .reserve = 0});
  const Request request{.url = *Url::Parse("https://h/")};
  auto open = transport.Send(request);
  ASSERT_THAT(open, IsOk());
  auto waiting =
      std::async(std::launch::async, [&] { return transport.Send(request).has_value(); });
  clock.AwaitQuestion();
  EXPECT_EQ(net_.requests().size(), 1u);
  open->body.reset();
  EXPECT_TRUE(waiting.get());
}

#ifndef NDEBUG
TEST(LimitingTransportDeathTest, KeepsASlotForOrdinaryRequests) {
  FakeTransport net;
  const SystemClock clock;
  for (const LimitOptions options :
       {LimitOptions{.per_origin = 1, .reserve = 1}, LimitOptions{.per_origin = 2, .reserve = 3},
        LimitOptions{.per_origin = 0, .reserve = 0},
        LimitOptions{.per_origin = 1, .reserve = -1}}) {
    EXPECT_DEATH(LimitingTransport(net, clock, options), "reserve");
  }
  const LimitingTransport one(net, clock, {.per_origin = 1, .reserve = 0});
}
#endif

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
