#include "scanner/registry/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::seconds;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const TokenKey kKey{.realm = "https://auth.example/token",
                    .service = "s",
                    .scope = "repository:a:pull",
                    .identity = ""};
const SteadyTime kStart = SteadyTime(std::chrono::hours(1));

class TokenCacheTest : public ::testing::Test {
 protected:
  // The token for `key` at `now`; each fetch brings "t1", "t2" and so on.
  std::string Ask(SteadyTime now, seconds lifetime = seconds(300), const TokenKey& key = kKey) {
    const auto token =
        cache_.Get(key, now, Deadline::Never(), [this, lifetime]() -> Result<FreshToken> {
          return FreshToken{.token = SecretString("t" + std::to_string(++fetches_)),
                            .lifetime = lifetime};
        });
    return token ? std::string(token->token.Reveal()) : token.error().ToString();
  }

  TokenCache cache_;
  int fetches_ = 0;
};

TEST_F(TokenCacheTest, KeepsATokenUntilShortlyBeforeItExpires) {
  EXPECT_EQ(Ask(kStart, seconds(300)), "t1");
  EXPECT_EQ(Ask(kStart + seconds(290) - std::chrono::milliseconds(1)), "t1");
  EXPECT_EQ(Ask(kStart + seconds(290)), "t2");
}

TEST_F(TokenCacheTest, NoTokenLivesLessThanAMinute) {
  EXPECT_EQ(Ask(kStart, seconds(0)), "t1");
  EXPECT_EQ(Ask(kStart + seconds(49)), "t1");
  EXPECT_EQ(Ask(kStart + seconds(50)), "t2");
}

TEST_F(TokenCacheTest, NoTokenIsBelievedForEver) {
  EXPECT_EQ(Ask(kStart, std::chrono::hours(10'000)), "t1");
  EXPECT_EQ(Ask(kStart + TokenCache::kMaxLifetime), "t2");
}

TEST_F(TokenCacheTest, EveryPartOfTheKeyCounts) {
  EXPECT_EQ(Ask(kStart), "t1");
  for (auto member :
       {&TokenKey::realm, &TokenKey::service, &TokenKey::scope, &TokenKey::identity}) {
    TokenKey key = kKey;
    key.*member = "other";
    Ask(kStart, seconds(300), key);
  }
  EXPECT_EQ(fetches_, 5);
  EXPECT_EQ(Ask(kStart), "t1");
}

TEST_F(TokenCacheTest, DropsOnlyTheTokenThatWasRefused) {
  EXPECT_EQ(Ask(kStart), "t1");
  cache_.Drop(kKey, "t0");
  EXPECT_EQ(Ask(kStart), "t1");
  cache_.Drop(kKey, "t1");
  EXPECT_EQ(Ask(kStart), "t2");
}

TEST_F(TokenCacheTest, DoesNotKeepErrors) {
  const auto failed = cache_.Get(kKey, kStart, Deadline::Never(),
                                 [] { return Result<FreshToken>(Unavailable("down")); });
  EXPECT_THAT(failed, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(Ask(kStart), "t1");
}

TEST_F(TokenCacheTest, IsBounded) {
  for (std::size_t i = 0; i <= TokenCache::kMaxTokens; ++i) {
    TokenKey key = kKey;
    key.scope = std::to_string(i);
    Ask(kStart + std::chrono::milliseconds(i), seconds(300), key);
  }
  TokenKey first = kKey;
  first.scope = "0";
  EXPECT_EQ(Ask(kStart, seconds(300), first), "t" + std::to_string(TokenCache::kMaxTokens + 2));
}

TEST_F(TokenCacheTest, OneFetchServesEveryoneWhoWaits) {
  std::promise<void> fetching;
  std::promise<void> go_on;
  std::thread leader([this, &fetching, &go_on] {
    const auto token =
        cache_.Get(kKey, kStart, Deadline::Never(), [&fetching, &go_on]() -> Result<FreshToken> {
          fetching.set_value();
          go_on.get_future().wait();
          return FreshToken{.token = SecretString("shared"), .lifetime = seconds(300)};
        });
    EXPECT_TRUE(token && token->is_fresh);
  });
  fetching.get_future().wait();
  std::vector<std::thread> others;
  for (int i = 0; i < 4; ++i) others.emplace_back([this] { EXPECT_EQ(Ask(kStart), "shared"); });
  go_on.set_value();
  leader.join();
  for (std::thread& other : others) other.join();
  EXPECT_EQ(fetches_, 0);
}

TEST_F(TokenCacheTest, WaitsNoLongerThanItsDeadline) {
  std::promise<void> fetching;
  std::promise<void> go_on;
  std::thread leader([this, &fetching, &go_on] {
    (void)cache_.Get(kKey, kStart, Deadline::Never(), [&fetching, &go_on]() -> Result<FreshToken> {
      fetching.set_value();
      go_on.get_future().wait();
      return Unavailable("down");
    });
  });
  fetching.get_future().wait();
  const auto token = cache_.Get(kKey, kStart, Deadline::After(kStart, std::chrono::milliseconds(1)),
                                [] { return Result<FreshToken>(Internal("not asked for")); });
  EXPECT_THAT(token, ErrorIs(ErrorCode::kDeadlineExceeded));
  go_on.set_value();
  leader.join();
}

}  // namespace
}  // namespace xzgate::registry
