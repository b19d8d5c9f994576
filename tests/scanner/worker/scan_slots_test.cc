#include "scanner/worker/scan_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace xzgate::worker {
namespace {

using store::Priority;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScanSlotsTest : public ::testing::Test {
 protected:
  std::unique_ptr<ScanSlots::Place> Enter(const std::string& host,
                                          Priority priority = Priority::kRepository) {
    return slots_.Enter(host, priority);
  }
  void GrowOld() { clock_.Advance(ScanSlots::kYoung); }

  xzgate::testing::FakeClock clock_;
  ScanSlots slots_{{.threads = 2, .per_host = 2}, clock_};
};

TEST_F(ScanSlotsTest, TheLastPlaceIsForAdmission) {
  const auto a = Enter("a");
  const auto b = Enter("b");
  EXPECT_EQ(slots_.FindOpening()->least_urgent, Priority::kAdmission);
  EXPECT_FALSE(Enter("c"));
  const auto c = Enter("c", Priority::kAdmission);
  EXPECT_TRUE(c);
  EXPECT_FALSE(slots_.FindOpening());
  EXPECT_FALSE(Enter("d", Priority::kAdmission));
}

TEST_F(ScanSlotsTest, APlaceIsFreeWhenItsScanEnds) {
  auto a = Enter("a");
  const auto b = Enter("b");
  a.reset();
  EXPECT_TRUE(Enter("c"));
}

TEST_F(ScanSlotsTest, AHostHasItsShare) {
  const auto first = Enter("a");
  EXPECT_THAT(slots_.FindOpening()->full_hosts, IsEmpty());
  const auto second = Enter("a");
  EXPECT_THAT(slots_.FindOpening()->full_hosts, ElementsAre("a"));
  EXPECT_FALSE(Enter("a", Priority::kAdmission));
  EXPECT_TRUE(Enter("b", Priority::kAdmission));
}

TEST_F(ScanSlotsTest, AScanThatTakesLongMakesRoom) {
  const auto a = Enter("a");
  const auto b = Enter("a");
  GrowOld();
  EXPECT_EQ(slots_.FindOpening()->least_urgent, Priority::kRescan);
  EXPECT_TRUE(Enter("a"));
}

TEST_F(ScanSlotsTest, OneHostNeverHasEveryPlace) {
  std::vector<std::unique_ptr<ScanSlots::Place>> held;
  while (auto place = Enter("slow")) {
    held.push_back(std::move(place));
    GrowOld();
  }
  EXPECT_EQ(held.size(), 4U);
  EXPECT_TRUE(Enter("healthy"));
}

class FullSlots : public ScanSlotsTest {
 protected:
  FullSlots() {
    for (int i = 0; i < ScanSlots::MaxScans({.threads = 2, .per_host = 2}); ++i) {
      held_.push_back(Enter("host" + std::to_string(i), Priority::kAdmission));
      GrowOld();
    }
  }
  std::vector<std::unique_ptr<ScanSlots::Place>> held_;
};

TEST_F(FullSlots, TheLongestGivesWayOnceItIsOverdue) {
  EXPECT_FALSE(Enter("healthy", Priority::kAdmission));
  slots_.StopOverdue();
  EXPECT_FALSE(held_.front()->give_way());
  clock_.Advance(ScanSlots::kOverdue);
  slots_.StopOverdue();
  EXPECT_TRUE(held_.front()->give_way());
  EXPECT_FALSE(held_.back()->give_way());
}

TEST_F(FullSlots, NobodyGivesWayWhereThereIsAPlace) {
  clock_.Advance(ScanSlots::kOverdue);
  held_.pop_back();
  slots_.StopOverdue();
  EXPECT_FALSE(held_.front()->give_way());
}

}  // namespace
}  // namespace xzgate::worker
