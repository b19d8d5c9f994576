#include "scanner/registry/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/fake_clock.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::milliseconds;
using ::std::chrono::seconds;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::IsOk;

const TokenKey kKey{.realm = "https://auth.example/token",
                    .service = "s",
                    .scope = "repository:a:pull",
                    .identity = ""};
// Counts who asks, so that a test knows when a thread came to wait.
class CountingClock final : public Clock {
 public:
  SteadyTime Now() const override {
    ++asked_;
    return clock_.Now();
  }
  WallTime WallNow() const override { return clock_.WallNow(); }
  void Advance(std::chrono::milliseconds span) { clock_.Advance(span); }
  int asked() const { return asked_; }

 private:
  FakeClock clock_;
  mutable std::atomic<int> asked_ = 0;
};

class TokenCacheTest : public ::testing::Test {
 protected:
  // The token for `key`; each fetch brings "t1", "t2" and so on.
  std::string Ask(seconds lifetime = seconds(300), const TokenKey& key = kKey) {
    const auto token = cache_.Get(key, Deadline::Never(), [this, lifetime]() -> Result<FreshToken> {
      return FreshToken{.token = SecretString("t" + std::to_string(++fetches_)),
                        .lifetime = lifetime};
    });
    return token ? std::string(token->token.Reveal()) : token.error().ToString();
  }

  FakeClock clock_;
  TokenCache cache_{clock_};
  int fetches_ = 0;
};

TEST_F(TokenCacheTest, KeepsATokenUntilShortlyBeforeItExpires) {
  EXPECT_EQ(Ask(seconds(300)), "t1");
  clock_.Advance(seconds(290) - milliseconds(1));
  EXPECT_EQ(Ask(), "t1");
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Ask(), "t2");
}

// The server's clock started before the answer was here.
TEST_F(TokenCacheTest, CountsTheLifeOfATokenFromTheRequest) {
  const auto slow = cache_.Get(kKey, Deadline::Never(), [this]() -> Result<FreshToken> {
    clock_.Advance(seconds(100));
    return FreshToken{.token = SecretString("slow"), .lifetime = seconds(300)};
  });
  ASSERT_THAT(slow, IsOk());
  clock_.Advance(seconds(190) - milliseconds(1));
  EXPECT_EQ(Ask(), "slow");
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Ask(), "t1");
}

TEST_F(TokenCacheTest, NoTokenLivesLessThanAMinute) {
  EXPECT_EQ(Ask(seconds(0)), "t1");
  clock_.Advance(seconds(49));
  EXPECT_EQ(Ask(), "t1");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Ask(), "t2");
}

TEST_F(TokenCacheTest, NoTokenIsBelievedForEver) {
  EXPECT_EQ(Ask(std::chrono::hours(10'000)), "t1");
  clock_.Advance(TokenCache::kMaxLifetime);
  EXPECT_EQ(Ask(), "t2");
}

TEST_F(TokenCacheTest, EveryPartOfTheKeyCounts) {
  EXPECT_EQ(Ask(), "t1");
  for (auto member :
       {&TokenKey::realm, &TokenKey::service, &TokenKey::scope, &TokenKey::identity}) {
    TokenKey key = kKey;
    key.*member = "other";
    Ask(seconds(300), key);
  }
  EXPECT_EQ(fetches_, 5);
  EXPECT_EQ(Ask(), "t1");
}

TEST_F(TokenCacheTest, DropsOnlyTheTokenThatWasRefused) {
  EXPECT_EQ(Ask(), "t1");
  cache_.Drop(kKey, "t0");
  EXPECT_EQ(Ask(), "t1");
  cache_.Drop(kKey, "t1");
  EXPECT_EQ(Ask(), "t2");
}

TEST_F(TokenCacheTest, DoesNotKeepErrors) {
  const auto failed =
      cache_.Get(kKey, Deadline::Never(), [] { return Result<FreshToken>(Unavailable("down")); });
  EXPECT_THAT(failed, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(Ask(), "t1");
}

TEST_F(TokenCacheTest, IsBounded) {
  for (std::size_t i = 0; i <= TokenCache::kMaxTokens; ++i) {
    TokenKey key = kKey;
    key.scope = std::to_string(i);
    Ask(seconds(300), key);
    clock_.Advance(milliseconds(1));
  }
  TokenKey first = kKey;
  first.scope = "0";
  EXPECT_EQ(Ask(seconds(300), first), "t" + std::to_string(TokenCache::kMaxTokens + 2));
}

TEST_F(TokenCacheTest, OneFetchServesEveryoneWhoWaits) {
  std::promise<void> fetching;
  std::promise<void> go_on;
  std::thread leader([this, &fetching, &go_on] {
    const auto token =
        cache_.Get(kKey, Deadline::Never(), [&fetching, &go_on]() -> Result<FreshToken> {
          fetching.set_value();
          go_on.get_future().wait();
          return FreshToken{.token = SecretString("shared"), .lifetime = seconds(300)};
        });
    EXPECT_TRUE(token && token->is_fresh);
  });
  fetching.get_future().wait();
  std::vector<std::thread> others;
  for (int i = 0; i < 4; ++i) others.emplace_back([this] { EXPECT_EQ(Ask(), "shared"); });
  go_on.set_value();
  leader.join();
  for (std::thread& other : others) other.join();
  EXPECT_EQ(fetches_, 0);
}

TEST_F(TokenCacheTest, WaitsNoLongerThanItsDeadline) {
  const SystemClock clock;
  TokenCache cache(clock);
  std::promise<void> fetching;
  std::promise<void> go_on;
  std::thread leader([&cache, &fetching, &go_on] {
    (void)cache.Get(kKey, Deadline::Never(), [&fetching, &go_on]() -> Result<FreshToken> {
      fetching.set_value();
      go_on.get_future().wait();
      return Unavailable("down");
    });
  });
  fetching.get_future().wait();
  const auto token = cache.Get(kKey, Deadline::After(clock.Now(), milliseconds(1)),
                               [] { return Result<FreshToken>(Internal("not asked for")); });
  EXPECT_THAT(token, ErrorIs(ErrorCode::kDeadlineExceeded));
  go_on.set_value();
  leader.join();
}

// One of two waiters takes over when the first caller's time runs out; then its own runs out as
// well. The other one has waited its whole span by then, so no third fetch begins.
TEST_F(TokenCacheTest, WaitsOnceForAllFlights) {
  CountingClock clock;
  TokenCache cache(clock);
  std::atomic<int> fetches = 0;
  // A fetch that lasts until the clock was asked that often: then everyone else waits, since a
  // waiter asks with the cache locked.
  const auto out_of_time = [&clock, &fetches](int asked, seconds span) -> Result<FreshToken> {
    ++fetches;
    while (clock.asked() < asked) std::this_thread::yield();
    clock.Advance(span);
    return DeadlineExceeded("slow server");
  };
  std::promise<void> fetching;
  std::thread leader([&cache, &fetching, &out_of_time] {
    (void)cache.Get(kKey, Deadline::Never(), [&fetching, &out_of_time] {
      fetching.set_value();
      return out_of_time(1 + 2, seconds(6));  // the leader once, two waiters once
    });
  });
  fetching.get_future().wait();
  const auto wait = [&cache, &out_of_time] {
    // Both once when they wake, one as it takes over, the other as it waits again.
    return cache.Get(kKey, Deadline::At(FakeClock().Now() + seconds(10)),
                     [&out_of_time] { return out_of_time(3 + 4, seconds(5)); });
  };
  auto one = std::async(std::launch::async, wait);
  auto two = std::async(std::launch::async, wait);
  EXPECT_THAT(one.get(), ErrorIs(ErrorCode::kDeadlineExceeded));
  EXPECT_THAT(two.get(), ErrorIs(ErrorCode::kDeadlineExceeded));
  leader.join();
  EXPECT_EQ(fetches, 2);
}

}  // namespace
}  // namespace xzgate::registry
