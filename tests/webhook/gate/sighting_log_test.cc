#include "webhook/gate/sighting_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "tests/support/fake_logger.h"

namespace xzgate::gate {
namespace {

using ::xzgate::testing::FakeLogger;

constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::hours kOnlyAtTheEnd{1};

store::Sighting SightingOf(const std::string& image, const std::string& workload, int second = 0) {
  return {.image = image,
          .reference = "r",
          .workload = workload,
          .namespace_name = "shop",
          .when = WallTime(std::chrono::seconds(second))};
}

// Stands for the store: keeps what is written, or refuses it. Thread-safe.
class Written {
 public:
  SightingLog::Write ToWrite() {
    return [this](std::span<const store::Sighting> batch) { return Take(batch); };
  }
  void Fail(bool fails) {
    const std::lock_guard lock(mutex_);
    fails_ = fails;
  }
  // Block until there were so many tries, or so many sightings written, in all.
  void AwaitTries(int tries) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tries_ >= tries; });
  }
  void AwaitSightings(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sightings_.size() >= count; });
  }
  int tries() {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  std::vector<store::Sighting> sightings() {
    const std::lock_guard lock(mutex_);
    return sightings_;
  }

 private:
  Result<void> Take(std::span<const store::Sighting> batch) {
    const std::lock_guard lock(mutex_);
    ++tries_;
    if (!fails_) sightings_.insert(sightings_.end(), batch.begin(), batch.end());
    changed_.notify_all();
    if (fails_) return Unavailable("store is locked");
    return {};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<store::Sighting> sightings_;
  int tries_ = 0;
  bool fails_ = false;
};

class SightingLogTest : public ::testing::Test {
 protected:
  void Make(std::chrono::milliseconds period) { log_.emplace(written_.ToWrite(), logger_, period); }

  FakeLogger logger_;
  Written written_;
  std::optional<SightingLog> log_;
};

TEST_F(SightingLogTest, WritesAfterAMoment) {
  Make(kAtOnce);
  log_->Add({SightingOf("a", "pods/shop/x")});
  written_.AwaitSightings(1);
  log_->Add({SightingOf("b", "pods/shop/x")});
  written_.AwaitSightings(2);
  EXPECT_TRUE(logger_.lines().empty());
}

TEST_F(SightingLogTest, MergesByImageAndWorkload) {
  Make(kOnlyAtTheEnd);
  log_->Add({SightingOf("a", "x", 1), SightingOf("a", "y", 1), SightingOf("b", "x", 1)});
  log_->Add({SightingOf("a", "x", 2)});
  log_.reset();
  ASSERT_EQ(written_.sightings().size(), 3U);
  EXPECT_EQ(written_.sightings().front().when, WallTime(std::chrono::seconds(2)));
  EXPECT_EQ(written_.tries(), 1);
}

TEST_F(SightingLogTest, WritesWhatIsPendingAtTheEnd) {
  Make(kOnlyAtTheEnd);
  log_->Add({SightingOf("a", "x")});
  log_.reset();
  EXPECT_EQ(written_.sightings().size(), 1U);
}

std::vector<store::Sighting> Many(std::size_t count) {
  std::vector<store::Sighting> many;
  for (std::size_t i = 0; i < count; ++i) many.push_back(SightingOf(std::to_string(i), "x"));
  return many;
}

TEST_F(SightingLogTest, KeepsAsManyAsItsBound) {
  Make(kOnlyAtTheEnd);
  log_->Add(Many(SightingLog::kMaxPending));
  log_->Add({SightingOf("0", "x")});  // is there already
  log_.reset();
  EXPECT_EQ(written_.sightings().size(), SightingLog::kMaxPending);
  EXPECT_TRUE(logger_.lines().empty());
}

TEST_F(SightingLogTest, DropsAndCountsWhatIsBeyondItsBound) {
  Make(kOnlyAtTheEnd);
  log_->Add(Many(SightingLog::kMaxPending + 1));
  log_.reset();
  EXPECT_EQ(written_.sightings().size(), SightingLog::kMaxPending);
  const auto lines = logger_.Find("sightings dropped");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().level, log::Level::kWarning);
  EXPECT_EQ(lines.front().fields.at("count"), "1");
}

// Ten failures are one line; what could not be written is written when the store is back.
TEST_F(SightingLogTest, TellsOfAFailureOnceAndKeepsWhatItHolds) {
  Make(kAtOnce);
  written_.Fail(true);
  log_->Add({SightingOf("a", "x")});
  written_.AwaitTries(10);
  written_.Fail(false);
  written_.AwaitSightings(1);
  log_->Add({SightingOf("b", "x")});
  log_.reset();
  EXPECT_EQ(written_.sightings().size(), 2U);
  const auto failures = logger_.Find("sightings cannot be written");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures.front().level, log::Level::kWarning);
  EXPECT_EQ(failures.front().fields.at("error"), "store is locked");
  EXPECT_EQ(logger_.Find("sightings are written again").size(), 1U);
}

TEST_F(SightingLogTest, TriesOnceAtTheEndAndSaysWhatIsLost) {
  Make(kOnlyAtTheEnd);
  written_.Fail(true);
  log_->Add({SightingOf("a", "x"), SightingOf("b", "x")});
  log_.reset();
  EXPECT_EQ(written_.tries(), 1);
  const auto lines = logger_.Find("sightings lost at the end");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().fields.at("count"), "2");
}

}  // namespace
}  // namespace xzgate::gate
