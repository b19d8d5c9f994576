#include "cmd/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <thread>

namespace xzgate::cmd {
namespace {

using namespace std::chrono_literals;

// What is blocked is so for one thread: each test has one of its own.
TEST(WaitForStopSignal, EndsAtASignal) {
  std::optional<int> got;
  std::thread([&got] {
    BlockStopSignals();
    raise(SIGTERM);
    got = WaitForStopSignal(1h);
  }).join();
  EXPECT_EQ(got, SIGTERM);
}

TEST(WaitForStopSignal, EndsWithoutOne) {
  std::optional<int> got = 0;
  std::thread([&got] {
    BlockStopSignals();
    got = WaitForStopSignal(1ms);
  }).join();
  EXPECT_EQ(got, std::nullopt);
}

TEST(WaitForStopSignal, DoesNotWaitAtAll) {
  std::optional<int> got = 0;
  std::thread([&got] {
    BlockStopSignals();
    got = WaitForStopSignal(0ms);
  }).join();
  EXPECT_EQ(got, std::nullopt);
}

}  // namespace
}  // namespace xzgate::cmd
