#include "webhook/gate/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace xzgate::gate {
namespace {

// Holds its host until it is let go.
struct Stuck {
  Background::Task Task(bool answer = true) {
    return [this, answer] {
      stands = true;
      while (!goes_on) std::this_thread::yield();
      return answer;
    };
  }
  void Await() const {
    while (!stands) std::this_thread::yield();
  }
  std::atomic<bool> stands = false;
  std::atomic<bool> goes_on = false;
};

TEST(Background, RunsTheTasksOfAHostInTurn) {
  std::atomic<int> ran = 0;
  Background background;
  EXPECT_TRUE(background.Post("a", [&ran] { return (ran = 1) == 1; }));
  EXPECT_TRUE(background.Post("a", [&ran] { return (ran = ran * 2) == 2; }));
  while (ran != 2) std::this_thread::yield();
}

TEST(Background, AHostThatDoesNotAnswerHoldsUpNoOther) {
  Stuck stuck;
  std::atomic<bool> ran = false;
  Background background;
  ASSERT_TRUE(background.Post("silent", stuck.Task()));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(background.Post("silent", [] { return true; }));
  stuck.Await();
  EXPECT_TRUE(background.Post("healthy", [&ran] { return ran = true; }));
  while (!ran) std::this_thread::yield();
  stuck.goes_on = true;
}

TEST(Background, AFailureTakesTheRestOfItsHostWithIt) {
  Stuck stuck;
  std::atomic<bool> ran = false;
  std::atomic<bool> dropped_ran = false;
  Background background;
  ASSERT_TRUE(background.Post("silent", stuck.Task(false)));
  stuck.Await();
  EXPECT_TRUE(background.Post("silent", [&dropped_ran] { return dropped_ran = true; }));
  Stuck next;
  EXPECT_TRUE(background.Post("other", next.Task()));
  next.Await();
  stuck.goes_on = true;
  // Only once the failure was seen can the host's next task run.
  while (!ran) {
    background.Post("silent", [&ran] { return ran = true; });
    std::this_thread::yield();
  }
  EXPECT_FALSE(dropped_ran);
  next.goes_on = true;
}

TEST(Background, ATaskThatFailsDoesNotStopTheNext) {
  std::atomic<bool> ran = false;
  Background background;
  EXPECT_TRUE(background.Post("a", []() -> bool { throw std::runtime_error("out of memory"); }));
  EXPECT_TRUE(background.Post("a", [&ran] { return ran = true; }));
  while (!ran) std::this_thread::yield();
}

TEST(Background, IsBounded) {
  Stuck stuck;
  Background background;
  ASSERT_TRUE(background.Post("a", stuck.Task()));
  stuck.Await();
  const auto nothing = [] { return true; };
  for (std::size_t i = 0; i < Background::kMaxTasks; ++i)
    EXPECT_TRUE(background.Post("a", nothing));
  EXPECT_FALSE(background.Post("a", nothing));
  stuck.goes_on = true;
}

}  // namespace
}  // namespace xzgate::gate
