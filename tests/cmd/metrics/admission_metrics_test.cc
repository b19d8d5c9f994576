#include "cmd/metrics/admission_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

#include "cmd/metrics/words.h"

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

  // Of the one series with exactly these labels; -1 when there is none.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels) const {
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        std::map<std::string, std::string> found;
        for (const auto& label : metric.label) found[label.name] = label.value;
        if (found == labels) return metric.counter.value;
      }
    }
    return -1;
  }

  prometheus::Registry registry_;
  AdmissionMetrics metrics_{registry_};
};

// Each image use counts once, by the worst of its requirements; unasked ones are shown too.
TEST_F(AdmissionMetricsTest, CountsWhatIsKnownOfSignatures) {
  policy::Decision decision;
  for (const auto outcome : {signature::Outcome::kVerified, signature::Outcome::kVerified,
                             signature::Outcome::kUnsigned, signature::Outcome::kNotRequired}) {
    policy::UseDecision use;
    use.signatures = outcome;
    decision.uses.push_back(use);
  }
  metrics_.OnDecision({}, decision, gate::CacheState::kHit, std::chrono::milliseconds(1));
  const std::string name = "xzgate_admission_signatures_total";
  EXPECT_EQ(Value(name, {{"outcome", "verified"}}), 2);
  EXPECT_EQ(Value(name, {{"outcome", "unsigned"}}), 1);
  EXPECT_EQ(Value(name, {{"outcome", "not_required"}}), 1);
  EXPECT_EQ(Value(name, {{"outcome", "wrongly_signed"}}), 0);
  EXPECT_EQ(Value(name, {{"outcome", "undecided"}}), 0);
}

// The closed set holds every word that a decision may give as its reason.
TEST(Words, HaveEveryReasonOfSignatures) {
  for (int i = 1; i <= static_cast<int>(signature::Reason::kPending); ++i) {
    const auto word = signature::ToString(static_cast<signature::Reason>(i));
    EXPECT_EQ(kReasons.at(PlaceOf(kReasons, word)), word);
  }
  for (int i = 0; i <= static_cast<int>(signature::Outcome::kUndecided); ++i)
    EXPECT_EQ(kOutcomes.at(static_cast<std::size_t>(i)),
              signature::ToString(static_cast<signature::Outcome>(i)));
}

TEST(Words, HaveTheReasonsThatAreAboutNoImage) {
  for (const std::string_view word :
       {"no_images", "being_deleted", "scaled_down", "unknown_kind", "writable_root", "privileged",
        "host_namespaces", "added_capabilities", "default_namespace", "container_socket"})
    EXPECT_EQ(kReasons.at(PlaceOf(kReasons, word)), word);
}

TEST(Words, HaveEveryWorkload) {
  for (const std::string_view word :
       {"pods", "pods/ephemeralcontainers", "deployments", "replicasets", "replicationcontrollers",
        "statefulsets", "daemonsets", "jobs", "cronjobs", "podtemplates"})
    EXPECT_EQ(kResources.at(PlaceOf(kResources, word)), word);
}

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

// What is blocked only because it was not scanned yet can be told from the rest.
TEST_F(AdmissionMetricsTest, BlockedSaysTheReasonOfTheImageThatIsDenied) {
  admission::Request request;
  request.namespace_name = "shop";
  policy::Decision decision;
  decision.would_block = true;
  decision.mode = policy::Mode::kAudit;
  decision.reason = "clean";
  for (const char* reason : {"affected_version", "pending"}) {
    policy::UseDecision use{
        .judged = {}, .policy = {}, .reason_code = {}, .reason = reason, .message_suffix = {}};
    use.action = decision.uses.empty() ? policy::Action::kWarn : policy::Action::kDeny;
    decision.uses.push_back(use);
  }
  metrics_.OnDecision(request, decision, gate::CacheState::kMiss, std::chrono::milliseconds(1));
  EXPECT_EQ(Value("xzgate_admission_blocked_total",
                  {{"namespace", "shop"}, {"blocked", "would_be"}, {"reason", "pending"}}),
            1);
}

// The first event of each is seen by increase().
TEST_F(AdmissionMetricsTest, RequestsStartAtZeroInEachMode) {
  for (const auto& [mode, decision] : std::map<std::string, std::string>{
           {"enforce", "deny"}, {"warn", "warn"}, {"audit", "allow"}}) {
    EXPECT_EQ(Value("xzgate_admission_requests_total", {{"operation", "CREATE"},
                                                        {"resource", "pods"},
                                                        {"decision", decision},
                                                        {"mode", mode},
                                                        {"reason", "affected"}}),
              0)
        << mode;
  }
}

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
