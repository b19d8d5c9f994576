// The small parts of the programs: query timeouts, manifests, policy files, progress, exit codes,
// supervision.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "cmd/admission_handler.h"
#include "cmd/manifest_file.h"
#include "cmd/policy_files.h"
#include "cmd/progress_bar.h"
#include "cmd/scan_session.h"
#include "cmd/supervisor.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_key.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

struct TimeoutCase {
  std::string name;
  std::string query;
  std::int64_t want_ms;
};

class TimeoutOfTest : public ::testing::TestWithParam<TimeoutCase> {};

TEST_P(TimeoutOfTest, ReadsTheApiServersParameter) {
  EXPECT_EQ(TimeoutOf(GetParam().query).count(), GetParam().want_ms);
}

INSTANTIATE_TEST_SUITE_P(All, TimeoutOfTest,
                         ::testing::Values(TimeoutCase{"Seconds", "timeout=5s", 5000},
                                           TimeoutCase{"Among", "a=b&timeout=10s", 10000},
                                           TimeoutCase{"Milliseconds", "timeout=250ms", 250},
                                           TimeoutCase{"None", "", 0},
                                           TimeoutCase{"NoUnit", "timeout=5", 0},
                                           TimeoutCase{"Negative", "timeout=-5s", 0},
                                           TimeoutCase{"Capped", "timeout=900s", 30000},
                                           TimeoutCase{"Junk", "timeout=5m3s", 0},
                                           TimeoutCase{"Huge", "timeout=99999999999999999999s", 0}),
                         [](const auto& test) { return test.param.name; });

TEST(ReadManifest, FindsPodsAndTemplates) {
  const auto manifest = ReadManifest(R"(
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop}
spec: {containers: [{name: c, image: "reg.example/a:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec: {template: {spec: {containers: [{name: c, image: b}], initContainers: [{name: i, image: i}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: j}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: e}]}}}}}
---
kind: ConfigMap
data: {image: no}
---
kind: PodTemplate
metadata: {name: t}
template: {spec: {containers: [{name: c, image: f}]}}
)",
                                     "x.yaml", "default");
  ASSERT_THAT(manifest, IsOk());
  const std::vector<ManifestObject>* objects = &manifest->objects;
  ASSERT_EQ(objects->size(), 4U);
  EXPECT_EQ(objects->at(0).request.namespace_name, "shop");
  EXPECT_EQ(objects->at(1).request.namespace_name, "default");
  EXPECT_EQ(objects->at(1).request.uses.size(), 2U);
  EXPECT_EQ(objects->at(2).request.uses.at(0).reference, "e");
  EXPECT_EQ(objects->at(3).title, "PodTemplate default/t (pod template)");
  EXPECT_EQ(objects->at(3).request.uses.at(0).reference, "f");
  EXPECT_THAT(manifest->skipped, ElementsAre("x.yaml:17:1: ConfigMap: no pod in it, skipped"));
}

TEST(ReadManifest, UnfoldsLists) {
  const auto manifest = ReadManifest(R"(
kind: List
items:
- kind: Service
  metadata: {name: s}
- kind: Pod
  metadata: {name: a}
  spec: {containers: [{name: c, image: a}]}
- kind: PodList
  items:
  - metadata: {name: b}
    spec: {containers: [{name: c, image: b}]}
)",
                                     "x.yaml", "default");
  ASSERT_THAT(manifest, IsOk());
  EXPECT_THAT(manifest->objects, ElementsAre(Field(&ManifestObject::title, "Pod default/a"),
                                             Field(&ManifestObject::title, "Pod default/b")));
  ASSERT_EQ(manifest->skipped.size(), 1U);
  EXPECT_THAT(manifest->skipped.front(), AllOf(HasSubstr("x.yaml:4:"), HasSubstr("Service \"s\"")));
}

std::string ListsInLists(int count) {
  std::string text = "{kind: Pod, spec: {containers: [{name: c, image: a}]}}";
  for (int i = 0; i < count; ++i) text = "{kind: List, items: [" + text + "]}";
  return text;
}

TEST(ReadManifest, UnfoldsNoMoreListsThanItSays) {
  EXPECT_THAT(ReadManifest(ListsInLists(kMaxListDepth), "x.yaml", "default"), IsOk());
  EXPECT_THAT(ReadManifest(ListsInLists(kMaxListDepth + 1), "x.yaml", "default"),
              ErrorIs(ErrorCode::kInvalidArgument, "lists in lists"));
}

TEST(ReadManifest, SaysWhenThereIsNothingToJudge) {
  EXPECT_THAT(ReadManifest("kind: ConfigMap\n", "x.yaml", "default"),
              ErrorIs(ErrorCode::kInvalidArgument, "no Pod"));
  EXPECT_THAT(ReadManifest("a: [", "x.yaml", "default"),
              ErrorIs(ErrorCode::kInvalidArgument, "x.yaml"));
}

class PolicyFilesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& mode) {
    std::ofstream(folder_.path() + "/" + name)
        << "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: " << name
        << "}\nspec: {mode: " << mode << "}\n";
  }
  TempFolder folder_;
};

TEST_F(PolicyFilesTest, FollowsAFolder) {
  Write("b.yaml", "warn");
  Write("a.yaml", "audit");
  std::ofstream(folder_.path() + "/notes.txt") << "not yaml";
  PolicyFiles files({folder_.path()});
  const auto first = files.Poll();
  ASSERT_TRUE(first && first->policies);
  EXPECT_THAT(first->policies->rules(), ElementsAre(Field(&policy::Rule::policy, "a.yaml"),
                                                    Field(&policy::Rule::policy, "b.yaml")));
  EXPECT_FALSE(files.Poll());
  Write("a.yaml", "enforce");
  EXPECT_TRUE(files.Poll());
}

TEST_F(PolicyFilesTest, ABadChangeIsSaidOnce) {
  Write("a.yaml", "warn");
  PolicyFiles files({folder_.path()});
  ASSERT_TRUE(files.Poll()->policies);
  Write("a.yaml", "block");
  const auto bad = files.Poll();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->policies, nullptr);
  EXPECT_THAT(bad->error, HasSubstr("block"));
  EXPECT_FALSE(files.Poll());
}

// A truncated file or an emptied folder keeps the old policies, not the built-in default.
TEST_F(PolicyFilesTest, NoPoliciesAtAllIsAnError) {
  PolicyFiles files({folder_.path()});
  auto change = files.Poll();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->policies, nullptr);
  EXPECT_THAT(change->error, HasSubstr("no *.yaml"));
  for (const std::string text : {"", "# only a comment\n", "---\n"}) {
    std::ofstream(folder_.path() + "/a.yaml") << text;
    change = files.Poll();
    ASSERT_TRUE(change) << text;
    EXPECT_EQ(change->policies, nullptr) << text;
    EXPECT_THAT(change->error, HasSubstr("a.yaml")) << text;
  }
}

TEST_F(PolicyFilesTest, AMissingFileIsNamed) {
  PolicyFiles files({folder_.path() + "/none.yaml"});
  EXPECT_THAT(files.Poll()->error, HasSubstr("none.yaml"));
}

// A key that is exchanged, damaged or missing is noticed as a changed policy is.
TEST_F(PolicyFilesTest, FollowsTheFilesThatPoliciesName) {
  const auto write_key = [this](const std::string& text) {
    std::ofstream(folder_.path() + "/a.pub") << text;
  };
  const auto key = [](std::size_t number) {
    return xzgate::testing::TestKey::Shared(xzgate::testing::KeyType::kP256, number).PublicPem();
  };
  std::ofstream(folder_.path() + "/a.yaml")
      << "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: a}\nspec:\n"
         "  authorities: [{name: k, key: {file: a.pub}}]\n"
         "  signatures: {require: [{any: [k]}]}\n";
  PolicyFiles files({folder_.path()});
  EXPECT_THAT(files.Poll()->error, HasSubstr("a.yaml:5:39: spec.authorities[0].key.file"));
  EXPECT_FALSE(files.Poll());
  write_key(key(0));
  const auto good = files.Poll();
  ASSERT_TRUE(good && good->policies) << (good ? good->error : "");
  EXPECT_FALSE(files.Poll());
  write_key(key(1));
  const auto other = files.Poll();
  ASSERT_TRUE(other && other->policies);
  EXPECT_NE(other->policies->version(), good->policies->version());
  write_key("no key");
  EXPECT_EQ(files.Poll()->policies, nullptr);
  EXPECT_FALSE(files.Poll());
  write_key(key(1));
  EXPECT_TRUE(files.Poll()->policies);
}

TEST(ProgressLine, FitsATerminal) {
  EXPECT_EQ(ProgressLine("reg.example/app:1", 512 * 1024, 1024 * 1024),
            "reg.example/app:1            [==========          ]  50% 0.5 of 1.0 MiB");
  EXPECT_LE(ProgressLine(std::string(300, 'x'), 1, 0).size(), 90U);
}

ScannedImage Scanned(rules::Verdict verdict) {
  ScannedImage image{.name = "x", .pinned = std::nullopt, .report = {}};
  image.report.verdict = verdict;
  return image;
}

TEST(ExitCodeOf, TheWorstVerdictCounts) {
  using V = rules::Verdict;
  EXPECT_EQ(ExitCodeOf({Scanned(V::kClean), Scanned(V::kFixedByDistro)}), 0);
  EXPECT_EQ(ExitCodeOf({Scanned(V::kUnknown), Scanned(V::kClean)}), 3);
  for (const V bad : {V::kAffected, V::kSuspicious, V::kAffectedVersion})
    EXPECT_EQ(ExitCodeOf({Scanned(V::kUnknown), Scanned(bad)}), 1);
}

TEST(Supervisor, StartsAChildThatEndedAgain) {
  FakeLogger logger;
  Supervisor supervisor({"/bin/false"}, logger);
  supervisor.Start();
  while (supervisor.restarts() < 2) std::this_thread::yield();
  supervisor.Stop();
  EXPECT_FALSE(supervisor.IsRunning());
  ASSERT_FALSE(logger.lines().empty());
  EXPECT_EQ(logger.lines().front().fields.at("how"), "exit code 1");
  EXPECT_EQ(supervisor.last_end(), "exit code 1");
}

TEST(Supervisor, StopsAChildThatRuns) {
  FakeLogger logger;
  Supervisor supervisor({"/bin/sleep", "1000"}, logger);
  supervisor.Start();
  while (!supervisor.IsRunning()) std::this_thread::yield();
  supervisor.Stop();
  EXPECT_FALSE(supervisor.IsRunning());
  EXPECT_TRUE(logger.lines().empty());
  EXPECT_EQ(supervisor.last_end(), "");
}

}  // namespace
}  // namespace xzgate::cmd
