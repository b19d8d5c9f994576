#include "webhook/gate/report_cache.h"

#include <gtest/gtest.h>

namespace xzgate::gate {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(1)};

std::shared_ptr<const rules::Report> ReportOf(const std::string& digest, rules::Verdict verdict) {
  rules::Report report = rules::UnknownReport(digest, rules::Cause::kUnreadable, "", "rules");
  report.verdict = verdict;
  return std::make_shared<const rules::Report>(report);
}

TEST(ReportCache, KeepsAVerdictForAsLongAsItsRules) {
  ReportCache cache(2);
  cache.Put(ReportOf("a", rules::Verdict::kClean), kStart);
  ASSERT_NE(cache.Find("a", kStart + std::chrono::years(1)), nullptr);
  EXPECT_EQ(cache.Find("b", kStart), nullptr);
}

TEST(ReportCache, ForgetsUnknownAfterItsLife) {
  ReportCache cache(2);
  cache.Put(ReportOf("a", rules::Verdict::kUnknown), kStart);
  const SteadyTime end = kStart + ReportCache::kUnknownLife;
  EXPECT_NE(cache.Find("a", end - std::chrono::nanoseconds(1)), nullptr);
  EXPECT_EQ(cache.Find("a", end), nullptr);
}

// Asking for it does not make it live longer.
TEST(ReportCache, CountsTheLifeOfUnknownFromTheStoresAnswer) {
  ReportCache cache(2);
  cache.Put(ReportOf("a", rules::Verdict::kUnknown), kStart);
  for (int second = 0; second < 30; ++second)
    EXPECT_NE(cache.Find("a", kStart + std::chrono::seconds(second)), nullptr);
  EXPECT_EQ(cache.Find("a", kStart + std::chrono::seconds(30)), nullptr);
}

TEST(ReportCache, TakesTheNewerAnswer) {
  ReportCache cache(2);
  cache.Put(ReportOf("a", rules::Verdict::kUnknown), kStart);
  cache.Put(ReportOf("a", rules::Verdict::kAffected), kStart);
  EXPECT_EQ(cache.Find("a", kStart + std::chrono::hours(1))->verdict, rules::Verdict::kAffected);
  cache.Put(ReportOf("a", rules::Verdict::kUnknown), kStart);
  EXPECT_EQ(cache.Find("a", kStart + std::chrono::hours(1)), nullptr);
}

TEST(ReportCache, DropsTheLeastRecentlyUsedBeyondItsCapacity) {
  ReportCache cache(2);
  cache.Put(ReportOf("a", rules::Verdict::kClean), kStart);
  cache.Put(ReportOf("b", rules::Verdict::kClean), kStart);
  EXPECT_NE(cache.Find("a", kStart), nullptr);
  cache.Put(ReportOf("c", rules::Verdict::kClean), kStart);
  EXPECT_NE(cache.Find("a", kStart), nullptr);
  EXPECT_EQ(cache.Find("b", kStart), nullptr);
  EXPECT_NE(cache.Find("c", kStart), nullptr);
}

}  // namespace
}  // namespace xzgate::gate
