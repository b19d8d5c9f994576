#include "webhook/gate/callers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
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
using ::xzgate::testing::IsOk;

// Calls to a registry that does not answer until Release.
class CallersTest : public ::testing::Test {
 protected:
  CallersTest() {
    source_.OnResolve([this](const auto&, const auto&) -> std::optional<Error> {
      ++running_;
      while (!released_) std::this_thread::yield();
      return Error(ErrorCode::kUnavailable, "503");
    });
  }
  ~CallersTest() override { Release(); }

  // A call for a tag of its own, handed over by a request that has `held` calls running.
  bool TryMake(std::size_t held) {
    const auto reference = oci::Reference::Parse("reg.example/api:" + std::to_string(next_++));
    TagResolver::Seat seat = tags_.Board(*reference, false);
    last_ = seat.answer;
    return callers_->TryMake(held, *seat.call, Deadline::Never());
  }
  void AwaitRunning(std::size_t calls) {
    while (running_ < calls) std::this_thread::yield();
  }
  void Release() { released_ = true; }

  testing::FakeLogger logger_;
  testing::FakeClock clock_;
  testing::FakeImageSource source_;
  std::unique_ptr<store::SqliteStore> store_ = *store::SqliteStore::OpenInMemory(logger_);
  std::atomic<std::size_t> running_ = 0;
  std::atomic<bool> released_ = false;
  TagResolver tags_{source_, *store_, clock_, std::chrono::seconds(60), {}};
  int next_ = 0;
  std::shared_ptr<const TagAnswer> last_;
  std::optional<Callers> callers_{std::in_place};
};

TEST_F(CallersTest, EachCallRunsAtOnceUpToTheBound) {
  for (std::size_t i = 0; i < Callers::kMaxThreads; ++i) EXPECT_TRUE(TryMake(0));
  AwaitRunning(Callers::kMaxThreads);
  EXPECT_FALSE(TryMake(0));
  EXPECT_THAT(*last_->Get(), ErrorIs(ErrorCode::kInternal));  // it was left alone, and dropped
}

// The more a request has running, the more threads must be left for others.
TEST_F(CallersTest, LeavesThreadsToOthers) {
  for (std::size_t i = 0; i < Callers::kMaxThreads - Callers::kReserve; ++i)
    EXPECT_TRUE(TryMake(0));
  EXPECT_FALSE(TryMake(1));
  EXPECT_TRUE(TryMake(0));
}

TEST_F(CallersTest, TheLastThatARequestTakesIsTheOneBeforeTheReserve) {
  for (std::size_t i = 0; i + 1 < Callers::kMaxThreads - Callers::kReserve; ++i)
    EXPECT_TRUE(TryMake(0));
  EXPECT_TRUE(TryMake(1));
  EXPECT_FALSE(TryMake(1));
}

TEST_F(CallersTest, AThreadThatIsFreeAgainTakesTheNextCall) {
  Release();
  for (std::size_t i = 0; i < 4 * Callers::kMaxThreads; ++i) {
    while (!TryMake(0)) std::this_thread::yield();
  }
  while (!last_->Get()) std::this_thread::yield();
  EXPECT_THAT(*last_->Get(), ErrorIs(ErrorCode::kUnavailable));
}

TEST_F(CallersTest, AnExceptionEndsTheCallAndNotTheProcess) {
  source_.OnResolve([](const auto&, const auto&) -> std::optional<Error> {
    throw std::runtime_error("out of memory");
  });
  ASSERT_TRUE(TryMake(0));
  while (!last_->Get()) std::this_thread::yield();
  EXPECT_THAT(*last_->Get(), ErrorIs(ErrorCode::kInternal));
}

}  // namespace
}  // namespace xzgate::gate
