#include "webhook/server/deadline_queue.h"

#include <gtest/gtest.h>

#include <chrono>

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{1h};
Deadline In(std::chrono::milliseconds span) {
  return Deadline::After(kStart, span);
}

TEST(DeadlineQueue, GivesWhatIsDueEarliestFirst) {
  DeadlineQueue queue;
  EXPECT_TRUE(queue.Note(1, In(20ms)));
  EXPECT_TRUE(queue.Note(2, In(10ms)));
  EXPECT_FALSE(queue.Note(3, In(30ms)));
  EXPECT_EQ(queue.Next(), In(10ms));
  EXPECT_EQ(queue.PopDue(kStart + 9ms), std::nullopt);
  EXPECT_EQ(queue.PopDue(kStart + 20ms), 2u);
  EXPECT_EQ(queue.PopDue(kStart + 20ms), 1u);
  EXPECT_EQ(queue.PopDue(kStart + 20ms), std::nullopt);
  EXPECT_EQ(queue.Next(), In(30ms));
}

TEST(DeadlineQueue, MovesOnlyEarlier) {
  DeadlineQueue queue;
  queue.Note(1, In(20ms));
  EXPECT_FALSE(queue.Note(1, In(30ms)));
  EXPECT_EQ(queue.Next(), In(20ms));
  EXPECT_TRUE(queue.Note(1, In(10ms)));
  EXPECT_EQ(queue.Next(), In(10ms));
}

TEST(DeadlineQueue, IgnoresNever) {
  DeadlineQueue queue;
  EXPECT_FALSE(queue.Note(1, Deadline::Never()));
  EXPECT_TRUE(queue.Next().IsNever());
}

TEST(DeadlineQueue, ForgetsWhatIsRemoved) {
  DeadlineQueue queue;
  queue.Note(1, In(10ms));
  queue.Remove(1);
  queue.Remove(2);
  EXPECT_EQ(queue.PopDue(kStart + 1h), std::nullopt);
}

}  // namespace
}  // namespace xzgate::server
