#include "scanner/store/timed_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace xzgate::store {
namespace {

TEST(TimedLock, IsWaitedForOnlySoLong) {
  TimedLock lock;
  {
    const TimedLock::Hold first(lock, std::chrono::milliseconds(0));
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(TimedLock::Hold(lock, std::chrono::milliseconds(1)).held());
  }
  EXPECT_TRUE(TimedLock::Hold(lock, std::chrono::milliseconds(0)).held());
}

TEST(TimedLock, GoesToWhoWaits) {
  TimedLock lock;
  int guarded = 0;
  const auto work = [&] {
    for (int i = 0; i < 1000; ++i) {
      const TimedLock::Hold hold(lock, std::chrono::minutes(1));
      if (hold.held()) ++guarded;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(guarded, 2000);
}

}  // namespace
}  // namespace xzgate::store
