#include "webhook/gate/tag_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_image_source.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"

namespace xzgate::gate {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeImageSource;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;

constexpr std::chrono::seconds kLife{60};
// Joiners wait by the machine's clock: late enough for any test.
const Deadline kLate = Deadline::After(SystemClock().Now(), std::chrono::hours(1));

class TagResolverTest : public ::testing::Test {
 protected:
  TagResolverTest() { source_.Tag("reg.example/api:1", digest_); }

  // The next call of the registry stands still until Release, and then answers `error`, if any.
  void HoldOneCall(std::optional<Error> error = std::nullopt) {
    source_.OnResolve([this, error](const auto&, const auto&) -> std::optional<Error> {
      if (calls_++ > 0) return std::nullopt;
      while (!released_) std::this_thread::yield();
      return error;
    });
  }
  void AwaitCall() {
    while (calls_ == 0) std::this_thread::yield();
  }
  void Release() { released_ = true; }
  bool IsStored() { return store_->FindTag(reference_, clock_.WallNow())->has_value(); }

  FakeLogger logger_;
  FakeClock clock_;
  FakeImageSource source_;
  std::unique_ptr<store::SqliteStore> store_ = *store::SqliteStore::OpenInMemory(logger_);
  const oci::Digest digest_ = *oci::Digest::Parse("sha256:" + std::string(64, 'a'));
  const oci::Reference reference_ = *oci::Reference::Parse("reg.example/api:1");
  std::atomic<int> calls_ = 0;
  std::atomic<bool> released_ = false;
  std::atomic<int> landings_ = 0;
  TagResolver tags_{source_, *store_, clock_, kLife, [this] { ++landings_; }};
};

TEST_F(TagResolverTest, AsksOnceInATagsLife) {
  EXPECT_FALSE(tags_.FindKnown(reference_));
  EXPECT_EQ(*tags_.Resolve(reference_, kLate, true), digest_);
  EXPECT_EQ(*tags_.Resolve(reference_, kLate, true), digest_);
  clock_.Advance(kLife - std::chrono::milliseconds(1));
  EXPECT_EQ(tags_.FindKnown(reference_), digest_);
  EXPECT_EQ(source_.resolves(), 1);
  EXPECT_EQ(landings_, 1);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(tags_.FindKnown(reference_));
}

TEST_F(TagResolverTest, KnowsWhatTheStoreKnows) {
  ASSERT_THAT(store_->PutTag(reference_, digest_, clock_.WallNow() + kLife), IsOk());
  EXPECT_EQ(tags_.FindKnown(reference_), digest_);
}

TEST_F(TagResolverTest, AFailureIsNotRemembered) {
  source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  EXPECT_THAT(tags_.Resolve(reference_, kLate, true), ErrorIs(ErrorCode::kUnavailable, "503"));
  source_.FailWith(std::nullopt);
  EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk());
}

TEST_F(TagResolverTest, JoinsACallThatIsUnderWayAndNoOther) {
  HoldOneCall();
  EXPECT_EQ(tags_.Join(reference_, true), nullptr);
  std::thread asker([this] { EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk()); });
  AwaitCall();
  const auto joined = tags_.Join(reference_, true);
  ASSERT_NE(joined, nullptr);
  EXPECT_FALSE(joined->Get());
  const TagResolver::Seat seat = tags_.Board(reference_, true);
  EXPECT_EQ(seat.answer, joined);
  EXPECT_FALSE(seat.call);
  Release();
  asker.join();
  EXPECT_THAT(*joined->Get(), IsOk());
  EXPECT_EQ(tags_.Join(reference_, true), nullptr);
  EXPECT_EQ(source_.resolves(), 1);
}

TEST_F(TagResolverTest, ATagThatIsKnownNeedsNoCall) {
  ASSERT_THAT(tags_.Resolve(reference_, kLate, true), IsOk());
  const TagResolver::Seat seat = tags_.Board(reference_, true);
  EXPECT_FALSE(seat.call);
  EXPECT_THAT(*seat.answer->Get(), IsOk());
}

TEST_F(TagResolverTest, AnExceptionLeavesNoTagFlying) {
  source_.OnResolve([this](const auto&, const auto&) -> std::optional<Error> {
    if (calls_++ > 0) return std::nullopt;
    while (!released_) std::this_thread::yield();
    throw std::runtime_error("out of memory");
  });
  std::thread asker(
      [this] { EXPECT_THROW((void)tags_.Resolve(reference_, kLate, true), std::runtime_error); });
  AwaitCall();
  const auto joined = tags_.Join(reference_, true);
  Release();
  asker.join();
  ASSERT_TRUE(joined->Get());
  EXPECT_THAT(*joined->Get(), ErrorIs(ErrorCode::kInternal, "reg.example/api:1"));
  EXPECT_EQ(landings_, 1);
  EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk());
}

TEST_F(TagResolverTest, ACallThatIsNeverMadeLandsAsGivenUp) {
  std::shared_ptr<const TagAnswer> answer;
  {
    TagResolver::Seat seat = tags_.Board(reference_, true);
    ASSERT_TRUE(seat.call);
    answer = seat.answer;
    const TagResolver::Call moved = std::move(*seat.call);
    seat.call.reset();
    EXPECT_FALSE(answer->Get());
  }
  EXPECT_THAT(*answer->Get(), ErrorIs(ErrorCode::kInternal));
  EXPECT_EQ(tags_.Join(reference_, true), nullptr);
}

// The asker's time ran out; who joined with more of it asks for itself.
TEST_F(TagResolverTest, AJoinerWithMoreTimeTakesOver) {
  HoldOneCall(Error(ErrorCode::kDeadlineExceeded, "out of time"));
  std::thread asker([this] {
    EXPECT_THAT(tags_.Resolve(reference_, kLate, true), ErrorIs(ErrorCode::kDeadlineExceeded));
  });
  AwaitCall();
  const auto watched = tags_.Join(reference_, true);
  const long before = watched.use_count();
  std::thread joiner([this] { EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk()); });
  while (watched.use_count() == before) std::this_thread::yield();  // it has joined
  Release();
  asker.join();
  joiner.join();
  EXPECT_EQ(source_.resolves(), 2);
}

TEST_F(TagResolverTest, AsksAnewOnlyAfterAnothersDeadlineAndWithTimeLeft) {
  const Error late(ErrorCode::kDeadlineExceeded, "out of time");
  const auto in = [this](std::chrono::milliseconds span) {
    return Deadline::After(clock_.Now(), span);
  };
  EXPECT_TRUE(tags_.IsWorthAsking(late, Deadline::Never()));
  EXPECT_TRUE(
      tags_.IsWorthAsking(late, in(TagResolver::kLeastCall + std::chrono::milliseconds(1))));
  EXPECT_FALSE(tags_.IsWorthAsking(late, in(TagResolver::kLeastCall)));
  EXPECT_FALSE(
      tags_.IsWorthAsking(Error(ErrorCode::kUnavailable, "503"), in(std::chrono::hours(1))));
}

TEST_F(TagResolverTest, AJoinerWaitsNoLongerThanItsDeadline) {
  HoldOneCall();
  std::thread asker([this] { EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk()); });
  AwaitCall();
  EXPECT_THAT(tags_.Resolve(reference_, Deadline::At(SteadyTime{}), true),
              ErrorIs(ErrorCode::kDeadlineExceeded, "reg.example/api:1"));
  Release();
  asker.join();
}

TEST_F(TagResolverTest, ADryRunAloneLeavesNoTrace) {
  ASSERT_THAT(tags_.Resolve(reference_, kLate, false), IsOk());
  EXPECT_FALSE(IsStored());
}

TEST_F(TagResolverTest, WhoJoinsADryRunLeavesItsTrace) {
  HoldOneCall();
  std::thread asker([this] { EXPECT_THAT(tags_.Resolve(reference_, kLate, false), IsOk()); });
  AwaitCall();
  ASSERT_NE(tags_.Join(reference_, true), nullptr);
  Release();
  asker.join();
  EXPECT_TRUE(IsStored());
}

TEST_F(TagResolverTest, ADryRunThatJoinsDoesNotLoseTheTrace) {
  HoldOneCall();
  std::thread asker([this] { EXPECT_THAT(tags_.Resolve(reference_, kLate, true), IsOk()); });
  AwaitCall();
  ASSERT_NE(tags_.Join(reference_, false), nullptr);
  ASSERT_FALSE(tags_.Board(reference_, false).call);
  Release();
  asker.join();
  EXPECT_TRUE(IsStored());
}

}  // namespace
}  // namespace xzgate::gate
