#include "webhook/server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <utility>

namespace xzgate::server {
namespace {

class FunctionJob final : public WorkerPool::Job {
 public:
  explicit FunctionJob(std::function<void(Blocking&)> run) : run_(std::move(run)) {}
  void Run(Blocking& blocking) override { run_(blocking); }

 private:
  std::function<void(Blocking&)> run_;
};

bool Submit(WorkerPool& pool, std::function<void(Blocking&)> run) {
  std::unique_ptr<WorkerPool::Job> job = std::make_unique<FunctionJob>(std::move(run));
  return pool.TrySubmit(job);
}

std::unique_ptr<WorkerPool> MakePool(const WorkerLimits& limits) {
  auto pool = WorkerPool::Create(limits);
  EXPECT_TRUE(pool.has_value());
  return std::move(*pool);
}

TEST(WorkerPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  const auto pool = MakePool({.threads = 3});
  std::latch all_there(3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Submit(*pool, [&](Blocking&) { all_there.arrive_and_wait(); }));
  }
  all_there.wait();
}

TEST(WorkerPool, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> ran = 0;
  {
    const auto pool = MakePool({.threads = 2});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(Submit(*pool, [&](Blocking&) { ++ran; }));
  }
  EXPECT_EQ(ran, 100);
}

// One thread, ten jobs that wait: the eleventh still runs, and it is the one that lets them go.
TEST(WorkerPool, WaitingJobsDoNotStopTheOthers) {
  const auto pool = MakePool({.threads = 1, .max_waiting = 10});
  std::latch go(1);
  std::latch done(10);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Submit(*pool, [&](Blocking& blocking) {
      ASSERT_TRUE(blocking.Begin());
      go.wait();
      blocking.End();
      done.count_down();
    }));
  }
  ASSERT_TRUE(Submit(*pool, [&](Blocking&) { go.count_down(); }));
  done.wait();
}

TEST(WorkerPool, LetsOnlySoManyWait) {
  const auto pool = MakePool({.threads = 1, .max_waiting = 2});
  std::latch waiting(2);
  std::latch go(1);
  std::latch done(3);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Submit(*pool, [&](Blocking& blocking) {
      EXPECT_TRUE(blocking.Begin());
      waiting.count_down();
      go.wait();
      done.count_down();
    }));
  }
  waiting.wait();
  ASSERT_TRUE(Submit(*pool, [&](Blocking& blocking) {
    EXPECT_FALSE(blocking.Begin());
    go.count_down();
    done.count_down();
  }));
  done.wait();
}

TEST(WorkerPool, EndsAWaitThatAJobForgot) {
  const auto pool = MakePool({.threads = 1, .max_waiting = 1});
  for (int i = 0; i < 5; ++i) {
    std::latch done(1);
    ASSERT_TRUE(Submit(*pool, [&](Blocking& blocking) {
      EXPECT_TRUE(blocking.Begin());
      EXPECT_TRUE(blocking.Begin());
      done.count_down();
    }));
    done.wait();
    while (pool->load().waiting > 0) std::this_thread::yield();
  }
}

TEST(WorkerPool, RefusesWhenTheQueueIsFull) {
  const auto pool = MakePool({.threads = 1, .max_waiting = 0, .max_queue = 2});
  std::latch started(1);
  std::latch go(1);
  ASSERT_TRUE(Submit(*pool, [&](Blocking&) {
    started.count_down();
    go.wait();
  }));
  started.wait();
  EXPECT_TRUE(Submit(*pool, [](Blocking&) {}));
  EXPECT_TRUE(Submit(*pool, [](Blocking&) {}));
  std::unique_ptr<WorkerPool::Job> refused = std::make_unique<FunctionJob>([](Blocking&) {});
  EXPECT_FALSE(pool->TrySubmit(refused));
  EXPECT_NE(refused, nullptr);
  go.count_down();
}

}  // namespace
}  // namespace xzgate::server
