#include "webhook/gate/change_watch.h"

#include <gtest/gtest.h>

#include <thread>

#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"

namespace xzgate::gate {
namespace {

class ChangeWatchTest : public ::testing::Test {
 protected:
  testing::FakeLogger logger_;
  std::unique_ptr<store::SqliteStore> store_ = *store::SqliteStore::OpenInMemory(logger_);
  ChangeWatch watch_{*store_};
};

TEST_F(ChangeWatchTest, ACallThatLandsEndsTheWait) {
  const auto landings = watch_.seen().landings;
  std::thread caller([this] { watch_.Landed(); });
  auto seen = watch_.seen();
  for (; seen.landings == landings; seen = watch_.seen())
    EXPECT_TRUE(watch_.Wait(seen, Deadline::Never()));
  caller.join();
}

TEST_F(ChangeWatchTest, WhatHappenedBetweenTheLookAndTheWaitIsNotMissed) {
  const auto seen = watch_.seen();
  watch_.Landed();
  EXPECT_TRUE(watch_.Wait(seen, Deadline::Never()));
}

TEST_F(ChangeWatchTest, AWriteToTheStoreEndsTheWait) {
  const auto seen = watch_.seen();
  const auto image = oci::PinnedReference::Parse("reg.example/a@sha256:" + std::string(64, 'a'));
  ASSERT_THAT(store_->Enqueue(*image, store::Priority::kWatched, WallTime{}), testing::IsOk());
  EXPECT_TRUE(watch_.Wait(seen, Deadline::Never()));
  EXPECT_GT(watch_.seen().changes, seen.changes);
}

TEST_F(ChangeWatchTest, TheDeadlineEndsTheWait) {
  while (watch_.Wait(watch_.seen(),
                     Deadline::After(SystemClock().Now(), std::chrono::milliseconds(20)))) {
  }
}

}  // namespace
}  // namespace xzgate::gate
