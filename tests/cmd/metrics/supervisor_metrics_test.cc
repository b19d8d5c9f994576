#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "cmd/metrics/supervisor_metrics.h"

namespace xzgate::cmd {
namespace {

TEST(SupervisorMetrics, ShowsRestartsFromZero) {
  prometheus::Registry registry;
  SupervisorMetrics metrics(registry);
  const auto restarts = [&registry] {
    const auto families = registry.Collect();
    EXPECT_EQ(families.at(0).name, "xzgate_scanner_restarts_total");
    return families.at(0).metric.at(0).counter.value;
  };
  EXPECT_EQ(restarts(), 0);
  metrics.Show(2);
  metrics.Show(2);
  EXPECT_EQ(restarts(), 2);
  metrics.Show(3);
  EXPECT_EQ(restarts(), 3);
}

}  // namespace
}  // namespace xzgate::cmd
