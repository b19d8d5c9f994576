#include "base/http/retrying_transport.h"

#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ErrorIs;
using testing::FakeAnswer;
using testing::FakeClock;
using testing::FakeTransport;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kUrl[] = "https://reg.example/v2/";

// Moves the clock instead of waiting.
class FakeSleeper final : public Sleeper {
 public:
  explicit FakeSleeper(FakeClock& clock) : clock_(clock) {}
  bool Sleep(std::chrono::milliseconds time) override {
    slept.push_back(time);
    if (during) during();
    clock_.Advance(time);
    return !stopped;
  }
  std::vector<std::chrono::milliseconds> slept;
  std::function<void()> during;
  bool stopped = false;

 private:
  FakeClock& clock_;
};

class RetryingTransportTest : public ::testing::Test {
 protected:
  void Script(FakeAnswer answer, Method method = Method::kGet) {
    net_.On(method, kUrl, std::move(answer));
  }
  Result<Response> Send(Deadline deadline = Deadline::Never(), Method method = Method::kGet) {
    return transport_.Send({.method = method, .url = *Url::Parse(kUrl), .deadline = deadline});
  }

  FakeTransport net_;
  FakeClock clock_;
  FakeSleeper sleeper_{clock_};
  double random_ = 0.5;
  RetryingTransport transport_{net_, clock_, sleeper_, [this] { return random_; }};
};

TEST_F(RetryingTransportTest, RepeatsWhatMaySucceedLater) {
  Script({.error = Error(ErrorCode::kUnavailable, "down")});
  Script({.status = 503});
  Script({.status = 200, .body = "fine"});
  auto response = Send();
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(*ReadBody(*response, 10), "fine");
  EXPECT_THAT(sleeper_.slept, ElementsAre(100ms, 200ms));
}

TEST_F(RetryingTransportTest, KnowsWhichStatusToRepeat) {
  for (const int status : {429, 500, 502, 503, 504, 200, 301, 400, 401, 403, 404, 501, 505}) {
    FakeTransport net;
    net.On(Method::kHead, kUrl, {.status = status});
    net.On(Method::kHead, kUrl, {.status = 200});
    RetryingTransport transport(net, clock_, sleeper_, [] { return 0.0; });
    ASSERT_THAT(transport.Send({.method = Method::kHead, .url = *Url::Parse(kUrl)}), IsOk());
    const bool repeats = status == 429 || (status >= 500 && status != 501 && status != 505);
    EXPECT_EQ(net.requests().size(), repeats ? 2u : 1u) << status;
  }
}

TEST_F(RetryingTransportTest, NeverRepeatsWhatWrites) {
  const Method writing[] = {Method::kPost, Method::kPut, Method::kPatch, Method::kDelete};
  for (const Method method : writing) {
    Script({.status = 503}, method);
    EXPECT_EQ(Send(Deadline::Never(), method)->status, 503);
  }
  EXPECT_EQ(net_.requests().size(), std::size(writing));
}

TEST_F(RetryingTransportTest, NeverRepeatsOtherErrors) {
  Script({.error = Error(ErrorCode::kPermissionDenied, "guard")});
  EXPECT_THAT(Send(), ErrorIs(ErrorCode::kPermissionDenied));
  EXPECT_EQ(net_.requests().size(), 1u);
}

TEST_F(RetryingTransportTest, NeverRepeatsATlsFailure) {
  Script({.error = Error(ErrorCode::kUnavailable, "expired").WithKind(ErrorKind::kTls)});
  EXPECT_THAT(Send(), ErrorIs(ErrorCode::kUnavailable, "expired"));
  EXPECT_EQ(net_.requests().size(), 1u);
  EXPECT_THAT(sleeper_.slept, IsEmpty());
}

TEST_F(RetryingTransportTest, GivesTheLastAnswerAfterFourAttempts) {
  Script({.status = 500, .body = "oops"});
  auto response = Send();
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(ReadErrorBody(*response), "oops");
  EXPECT_EQ(net_.requests().size(), 4u);
}

TEST_F(RetryingTransportTest, CapsTheBackoff) {
  RetryingTransport transport(net_, clock_, sleeper_, [] { return 0.999; },
                              {.max_attempts = 6, .first_backoff = 4s, .max_backoff = 10s});
  Script({.status = 500});
  ASSERT_THAT(transport.Send({.url = *Url::Parse(kUrl)}), IsOk());
  EXPECT_THAT(sleeper_.slept, ElementsAre(3996ms, 7992ms, 9990ms, 9990ms, 9990ms));
}

TEST_F(RetryingTransportTest, WaitsAsRetryAfterSays) {
  Script({.status = 429, .headers = {{"Retry-After", "60"}}});
  Script({.status = 503, .headers = {{"Retry-After", "Thu, 01 Jan 2026 00:01:30 GMT"}}});
  Script({.status = 200});
  EXPECT_EQ(Send()->status, 200);
  EXPECT_THAT(sleeper_.slept, ElementsAre(60s, 30s));
}

TEST_F(RetryingTransportTest, LeavesALongerRetryAfterToTheCaller) {
  Script({.status = 429, .headers = {{"Retry-After", "61"}}, .body = "slow down"});
  auto response = Send();
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->headers.Find("Retry-After"), "61");
  EXPECT_EQ(ReadErrorBody(*response), "slow down");
  EXPECT_THAT(sleeper_.slept, IsEmpty());
}

TEST_F(RetryingTransportTest, BacksOffInSpiteOfAMeaninglessRetryAfter) {
  for (const char* value : {"-5", "0", "junk"})
    Script({.status = 429, .headers = {{"Retry-After", value}}});
  Script({.status = 200});
  EXPECT_EQ(Send()->status, 200);
  EXPECT_THAT(sleeper_.slept, ElementsAre(100ms, 200ms, 400ms));
}

TEST_F(RetryingTransportTest, NeverSleepsPastTheDeadline) {
  Script({.status = 503, .headers = {{"Retry-After", "10"}}});
  EXPECT_EQ(Send(Deadline::After(clock_.Now(), 10s))->status, 503);
  EXPECT_THAT(sleeper_.slept, IsEmpty());
  EXPECT_EQ(net_.requests().size(), 1u);
}

TEST_F(RetryingTransportTest, HoldsNoConnectionWhileItWaits) {
  Script({.status = 503, .body = "busy"});
  Script({.status = 200});
  int open = -1;
  sleeper_.during = [&] { open = net_.open_bodies(); };
  ASSERT_THAT(Send(), IsOk());
  EXPECT_EQ(open, 0);
}

TEST_F(RetryingTransportTest, GivesUpWhenTheProgramStops) {
  Script({.status = 503});
  sleeper_.stopped = true;
  EXPECT_EQ(Send()->status, 503);
  EXPECT_EQ(net_.requests().size(), 1u);
}

TEST(ThreadSleeperTest, StopsAtOnce) {
  ThreadSleeper sleeper;
  EXPECT_TRUE(sleeper.Sleep(1ms));
  sleeper.Stop();
  EXPECT_FALSE(sleeper.Sleep(1h));
}

}  // namespace
}  // namespace xzgate::http
