#include "cmd/metrics/admission_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

namespace xzgate::cmd {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class AdmissionMetricsTest : public ::testing::Test {
 protected:
  void Deny(const std::string& namespace_name) {
    admission::Request request;
    request.namespace_name = namespace_name;
    policy::Decision decision;
    decision.action = policy::Action::kDeny;
    metrics_.OnDecision(request, decision, gate::CacheState::kHit, std::chrono::milliseconds(1));
  }

  // Denials by the label that they are counted under.
  std::map<std::string, double> Blocked() const {
    std::map<std::string, double> blocked;
    for (const auto& family : registry_.Collect()) {
      if (family.name != "xzgate_admission_blocked_total") continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.name == "namespace") blocked[label.value] += metric.counter.value;
        }
      }
    }
    return blocked;
  }

  prometheus::Registry registry_;
  AdmissionMetrics metrics_{registry_};
};

struct NamespaceCase {
  std::string name;
  std::string namespace_name;
};

class NamespacesWithALabel : public AdmissionMetricsTest,
                             public ::testing::WithParamInterface<NamespaceCase> {};

TEST_P(NamespacesWithALabel, AreCountedByName) {
  Deny(GetParam().namespace_name);
  EXPECT_THAT(Blocked(), ElementsAre(Pair(GetParam().namespace_name, 1)));
}

INSTANTIATE_TEST_SUITE_P(All, NamespacesWithALabel,
                         ::testing::Values(NamespaceCase{"Plain", "shop"},
                                           NamespaceCase{"OneByte", "a"},
                                           NamespaceCase{"Digits", "0"},
                                           NamespaceCase{"Dashes", "shop--eu-1"},
                                           NamespaceCase{"Longest", std::string(63, 'a')}),
                         [](const auto& tested) { return tested.param.name; });

class NamespacesWithoutALabel : public AdmissionMetricsTest,
                                public ::testing::WithParamInterface<NamespaceCase> {};

TEST_P(NamespacesWithoutALabel, AreCountedTogether) {
  Deny(GetParam().namespace_name);
  EXPECT_THAT(Blocked(), ElementsAre(Pair("other", 1)));
}

INSTANTIATE_TEST_SUITE_P(All, NamespacesWithoutALabel,
                         ::testing::Values(NamespaceCase{"ClusterScoped", ""},
                                           NamespaceCase{"OneByteTooLong", std::string(64, 'a')},
                                           NamespaceCase{"Huge", std::string(6000, 'a')},
                                           NamespaceCase{"UpperCase", "Shop"},
                                           NamespaceCase{"DashInFront", "-shop"},
                                           NamespaceCase{"DashAtTheEnd", "shop-"},
                                           NamespaceCase{"Dot", "shop.eu"},
                                           NamespaceCase{"LineBreak", "shop\n"},
                                           NamespaceCase{"NotAscii", "sh\xc3\xb6p"}),
                         [](const auto& tested) { return tested.param.name; });

// Nor does a refused name take the place of a good one.
TEST_F(AdmissionMetricsTest, HasAsManyNamespacesAsTheLimitAndNoMore) {
  for (std::size_t i = 0; i < 300; ++i) Deny("Bad" + std::to_string(i));
  for (std::size_t i = 0; i < 201; ++i) Deny("tenant-" + std::to_string(i));
  Deny("tenant-199");
  const auto blocked = Blocked();
  EXPECT_EQ(blocked.size(), 201u);
  EXPECT_EQ(blocked.at("tenant-199"), 2);
  EXPECT_EQ(blocked.count("tenant-200"), 0u);
  EXPECT_EQ(blocked.at("other"), 301);
}

}  // namespace
}  // namespace xzgate::cmd
