// Every kind that makes pods, at its own paths, and what its updates leave as it was.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "webhook/admission/review.h"
#include "webhook/admission/review_map.h"

namespace xzgate::admission {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string ReviewOf(const std::string& group, const std::string& kind, const std::string& object,
                     const std::string& old_object = "null", const std::string& more = "") {
  return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
         R"("kind":{"group":")" +
         group + R"(","version":"v1","kind":")" + kind + R"("},"resource":{"group":")" + group +
         R"(","version":"v1","resource":"things"},"name":"api",)"
         R"("namespace":"shop","operation":")" +
         std::string(old_object == "null" ? "CREATE" : "UPDATE") + R"(","object":)" + object +
         R"(,"oldObject":)" + old_object + more + "}}";
}

Request Parsed(const std::string& body, const KindTable& kinds = KindTable::BuiltIn()) {
  auto request = ParseReview(body, kinds);
  EXPECT_TRUE(request) << (request ? "" : request.error().error.ToString());
  return request.value_or(Request{});
}

// `value` below keys with dots between them.
std::string Below(const std::string& path, const std::string& value) {
  std::string text = value;
  std::string rest = path;
  while (!rest.empty()) {
    const auto dot = rest.rfind('.');
    text = "{\"" + rest.substr(dot == std::string::npos ? 0 : dot + 1) + "\":" + text + "}";
    rest = dot == std::string::npos ? "" : rest.substr(0, dot);
  }
  return text;
}

const std::string kFourUses = R"({
    "volumes":[{"name":"v","image":{"reference":"v:1"}}],
    "initContainers":[{"name":"i","image":"i:1"}],
    "containers":[{"name":"c","image":"c:1"}],
    "ephemeralContainers":[{"name":"e","image":"e:1"}]})";

struct KindCase {
  std::string name, group, kind, spec;
};

class KnownKind : public ::testing::TestWithParam<KindCase> {};

TEST_P(KnownKind, HasAllFourUsesAtItsPath) {
  const KindCase& c = GetParam();
  const Request request = Parsed(ReviewOf(c.group, c.kind, Below(c.spec, kFourUses)));
  EXPECT_THAT(request.uses,
              ElementsAre(Field(&ImageUse::field, c.spec + ".volumes[0].image.reference"),
                          Field(&ImageUse::field, c.spec + ".initContainers[0].image"),
                          Field(&ImageUse::field, c.spec + ".containers[0].image"),
                          Field(&ImageUse::field, c.spec + ".ephemeralContainers[0].image")));
  EXPECT_TRUE(request.is_known_kind);
  EXPECT_EQ(request.is_template, c.kind != "Pod");
  EXPECT_THAT(request.pods, ElementsAre(Field(&PodFacts::field, c.spec)));
}

TEST_P(KnownKind, JudgesOnlyWhatIsNew) {
  const KindCase& c = GetParam();
  const std::string with = R"({"containers":[{"name":"c","image":"c:)";
  const std::string old = Below(c.spec, with + R"(1"},{"name":"d","image":"d:1"}]})");
  const std::string now = Below(c.spec, with + R"(2"},{"name":"d","image":"d:1"}]})");
  const Request request = Parsed(ReviewOf(c.group, c.kind, now, old));
  EXPECT_THAT(request.uses,
              ElementsAre(Field(&ImageUse::unchanged, false), Field(&ImageUse::unchanged, true)));
}

// A pod spec stands at one place of a kind; the same keys elsewhere run nothing.
TEST_P(KnownKind, LooksNowhereElse) {
  const KindCase& c = GetParam();
  for (const std::string place : {"spec", "template.spec", "spec.template.spec",
                                  "spec.jobTemplate.spec.template.spec", "status.spec"}) {
    if (place == c.spec) continue;
    EXPECT_THAT(Parsed(ReviewOf(c.group, c.kind,
                                Below(place, R"({"containers":[{"name":"x","image":"x"}]})")))
                    .uses,
                IsEmpty())
        << place;
  }
}

TEST_P(KnownKind, RefusesAmbiguousAndWrongShapes) {
  const KindCase& c = GetParam();
  for (const std::string spec :
       {R"({"containers":[{"name":"c","image":"good","image":"bad"}]})",
        R"({"containers":{"name":"c"}})", R"({"containers":[{"image":7}]})", R"("text")", R"([])",
        R"({"containers":[],"containers":[]})"})
    EXPECT_FALSE(ParseReview(ReviewOf(c.group, c.kind, Below(c.spec, spec)))) << spec;
}

INSTANTIATE_TEST_SUITE_P(
    All, KnownKind,
    ::testing::Values(
        KindCase{"Pod", "", "Pod", "spec"},
        KindCase{"PodTemplate", "", "PodTemplate", "template.spec"},
        KindCase{"ReplicationController", "", "ReplicationController", "spec.template.spec"},
        KindCase{"Deployment", "apps", "Deployment", "spec.template.spec"},
        KindCase{"ReplicaSet", "apps", "ReplicaSet", "spec.template.spec"},
        KindCase{"StatefulSet", "apps", "StatefulSet", "spec.template.spec"},
        KindCase{"DaemonSet", "apps", "DaemonSet", "spec.template.spec"},
        KindCase{"Job", "batch", "Job", "spec.template.spec"},
        KindCase{"CronJob", "batch", "CronJob", "spec.jobTemplate.spec.template.spec"}),
    [](const auto& test) { return test.param.name; });

TEST(KnownKinds, AreAllTriedHere) {
  EXPECT_THAT(BuiltInKinds(), SizeIs(9));
}

// A key that differs in case is another key: the API server reads them so too.
TEST(ParseKinds, KeysOfAnotherCaseAreOthers) {
  const Request request = Parsed(ReviewOf(
      "apps", "Deployment",
      R"({"spec":{"Template":{"spec":{"containers":[{"name":"x","image":"x"}]}},"template":{"spec":{"containers":[{"name":"c","image":"c","Image":"d"}]}}}})"));
  EXPECT_THAT(request.uses, ElementsAre(Field(&ImageUse::reference, "c")));
}

TEST(ParseKinds, TheGroupCounts) {
  const std::string object = Below("spec.template.spec", kFourUses);
  const Request request = Parsed(ReviewOf("example.com", "Deployment", object));
  EXPECT_FALSE(request.is_known_kind);
  EXPECT_THAT(request.uses, IsEmpty());
}

// Whoever writes the object before its kind is read twice.
TEST(ParseKinds, TheKindMayComeLast) {
  const std::string body =
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"UPDATE",)"
      R"("resource":{"resource":"deployments"},"oldObject":)" +
      Below("spec.template.spec", kFourUses) + R"(,"object":)" +
      Below("spec.template.spec", kFourUses) + R"(,"kind":{"kind":"Deployment","group":"apps"}}})";
  const Request request = Parsed(body);
  EXPECT_THAT(request.uses, SizeIs(4));
  EXPECT_TRUE(request.uses[0].unchanged);
  EXPECT_TRUE(request.is_template);
}

TEST(ParseKinds, OwnersAreNotRead) {
  const Request request = Parsed(ReviewOf(
      "", "Pod",
      R"({"metadata":{"ownerReferences":[{"kind":"ReplicaSet","name":"approved","controller":true}]},"spec":{"containers":[{"name":"c","image":"c"}]}})"));
  EXPECT_THAT(request.uses, ElementsAre(Field(&ImageUse::unchanged, false)));
}

struct ScaleCase {
  std::string name, old_object, object;
  bool is_scale_down;
};

class Scale : public ::testing::TestWithParam<ScaleCase> {};

TEST_P(Scale, IsSeen) {
  EXPECT_EQ(Parsed(ReviewOf("apps", "Deployment", GetParam().object, GetParam().old_object))
                .is_scale_down,
            GetParam().is_scale_down);
}

std::string Replicas(const std::string& count, const std::string& image = "c:1") {
  return R"({"spec":{"replicas":)" + count +
         R"(,"template":{"spec":{"containers":[{"name":"c","image":")" + image + R"("}]}}}})";
}

INSTANTIATE_TEST_SUITE_P(
    All, Scale,
    ::testing::Values(
        ScaleCase{"Down", Replicas("3"), Replicas("2"), true},
        ScaleCase{"ToZero", Replicas("1"), Replicas("0"), true},
        ScaleCase{"Same", Replicas("3"), Replicas("3"), false},
        ScaleCase{"Up", Replicas("2"), Replicas("3"), false},
        // A new image is judged, however few replicas run it.
        ScaleCase{"DownWithANewImage", Replicas("3"), Replicas("1", "c:2"), false},
        ScaleCase{
            "DownAndOnToTheHost", Replicas("3"),
            R"({"spec":{"replicas":1,"template":{"spec":{"hostPID":true,"containers":[{"name":"c","image":"c:1"}]}}}})",
            false},
        ScaleCase{"Unknown", Replicas("null"), Replicas("1"), false},
        ScaleCase{"NoNumber", Replicas("\"3\""), Replicas("1"), false}),
    [](const auto& test) { return test.param.name; });

TEST(ParseFacts, OfAPod) {
  const Request request = Parsed(ReviewOf("", "Pod", R"({"spec":{
    "serviceAccountName":"robot","imagePullSecrets":[{"name":"a"},{"name":"b"},{"name":"a"}],
    "hostNetwork":true,"hostPID":false,"hostIPC":true,
    "volumes":[{"hostPath":{"path":"/run/docker.sock","type":"Socket"},"name":"sock"},{"name":"e","emptyDir":{}}],
    "initContainers":[{"name":"i","image":"i","securityContext":{"readOnlyRootFilesystem":true}}],
    "containers":[{"securityContext":{"privileged":true,"capabilities":{"add":["NET_ADMIN","ALL"],"drop":["KILL"]}},"name":"c"}]}})"));
  ASSERT_THAT(request.pods, SizeIs(1));
  const ContainerFacts init{.kind = UseKind::kInitContainer,
                            .name = "i",
                            .read_only_root = true,
                            .added_capabilities = {}};
  const ContainerFacts container{.kind = UseKind::kContainer,
                                 .name = "c",
                                 .privileged = true,
                                 .added_capabilities = {"NET_ADMIN", "ALL"}};
  const PodFacts want{.field = "spec",
                      .service_account = "robot",
                      .pull_secrets = {"a", "b"},
                      .host_network = true,
                      .host_pid = false,
                      .host_ipc = true,
                      .containers = {init, container},
                      .host_paths = {{"sock", "/run/docker.sock"}}};
  EXPECT_EQ(request.pods[0], want);
  EXPECT_THAT(request.uses, SizeIs(1));
}

std::string Deployment(const std::string& container) {
  return Below("spec.template.spec.containers", "[" + container + "]");
}

TEST(ParseFacts, OfBothObjects) {
  const Request request = Parsed(ReviewOf(
      "apps", "Deployment", Deployment(R"({"name":"c","securityContext":{"privileged":true}})"),
      Deployment(R"({"name":"c"})")));
  EXPECT_TRUE(request.pods.at(0).containers.at(0).privileged);
  EXPECT_FALSE(request.old_pods.at(0).containers.at(0).privileged);
}

TEST(ParseFacts, AsManyCapabilitiesAsTheLimitAndNoMore) {
  const auto with = [](std::size_t count) {
    std::string list = "\"A\"";
    for (std::size_t i = 1; i < count; ++i) list += ",\"A\"";
    return ParseReview(
        ReviewOf("apps", "Deployment",
                 Deployment(R"({"securityContext":{"capabilities":{"add":[)" + list + "]}}}")));
  };
  EXPECT_TRUE(with(kMaxCapabilities));
  const auto over = with(kMaxCapabilities + 1);
  ASSERT_FALSE(over);
  EXPECT_THAT(over.error().error.message(), HasSubstr("more than 64 added capabilities"));
}

TEST(ParseFacts, AsManyContainersAsTheLimitAndNoMore) {
  const auto with = [](std::size_t count) {
    std::string list = "{}";
    for (std::size_t i = 1; i < count; ++i) list += ",{}";
    return ParseReview(ReviewOf("apps", "Deployment", Deployment(list)));
  };
  EXPECT_TRUE(with(kMaxImageUses));
  EXPECT_FALSE(with(kMaxImageUses + 1));
}

KindTable Extra(const std::vector<ExtraKind>& extra) {
  auto table = KindTable::Create(extra);
  EXPECT_TRUE(table) << (table ? "" : table.error().message());
  return table.value_or(KindTable());
}

TEST(ExtraKinds, AreReadAtTheirPaths) {
  const KindTable kinds =
      Extra({{"argoproj.io", "Rollout", "spec.template"},
             {"serving.knative.dev", "Service", "spec.template"},
             {"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[*].template.spec.template"},
             {"ray.io", "RayCluster", "spec.headGroupSpec.template"},
             {"ray.io", "RayCluster", "spec.workerGroupSpecs[*].template"}});
  const std::string pod = R"({"spec":{"containers":[{"name":"c","image":"x"}]}})";
  const Request rollout =
      Parsed(ReviewOf("argoproj.io", "Rollout", Below("spec.template", pod)), kinds);
  EXPECT_THAT(rollout.uses,
              ElementsAre(Field(&ImageUse::field, "spec.template.spec.containers[0].image")));
  EXPECT_TRUE(rollout.is_template);
  const std::string jobs =
      Below("spec.replicatedJobs", "[" + Below("template.spec.template", pod) + ",{}," +
                                       Below("template.spec.template", pod) + "]");
  EXPECT_THAT(
      Parsed(ReviewOf("jobset.x-k8s.io", "JobSet", jobs), kinds).uses,
      ElementsAre(Field(&ImageUse::field,
                        "spec.replicatedJobs[0].template.spec.template.spec.containers[0].image"),
                  Field(&ImageUse::field,
                        "spec.replicatedJobs[2].template.spec.template.spec.containers[0].image")));
  const std::string ray = R"({"spec":{"headGroupSpec":{"template":)" + pod +
                          R"(},"workerGroupSpecs":[{"template":)" + pod + R"(},{"template":)" +
                          pod + "}]}}";
  const Request cluster = Parsed(ReviewOf("ray.io", "RayCluster", ray), kinds);
  EXPECT_THAT(
      cluster.uses,
      ElementsAre(
          Field(&ImageUse::field, "spec.headGroupSpec.template.spec.containers[0].image"),
          Field(&ImageUse::field, "spec.workerGroupSpecs[0].template.spec.containers[0].image"),
          Field(&ImageUse::field, "spec.workerGroupSpecs[1].template.spec.containers[0].image")));
  EXPECT_THAT(cluster.pods, SizeIs(3));
  // Those of Kubernetes are there still.
  EXPECT_THAT(Parsed(ReviewOf("apps", "Deployment", Below("spec.template", pod)), kinds).uses,
              SizeIs(1));
}

TEST(ExtraKinds, ScaleDownToo) {
  const KindTable kinds = Extra({{"argoproj.io", "Rollout", "spec.template"}});
  EXPECT_TRUE(Parsed(ReviewOf("argoproj.io", "Rollout", Replicas("1"), Replicas("2")), kinds)
                  .is_scale_down);
}

TEST(ExtraKinds, AListIsWanted) {
  const KindTable kinds = Extra({{"x", "X", "spec.jobs[*].template"}});
  EXPECT_FALSE(ParseReview(ReviewOf("x", "X", R"({"spec":{"jobs":{"template":{}}}})"), kinds));
  EXPECT_FALSE(ParseReview(ReviewOf("x", "X", R"({"spec":{"jobs":[[]]}})"), kinds));
  EXPECT_TRUE(ParseReview(ReviewOf("x", "X", R"({"spec":{"jobs":[]}})"), kinds));
}

TEST(ExtraKinds, AsManyTemplatesAsTheLimitAndNoMore) {
  const KindTable kinds = Extra({{"x", "X", "spec.jobs[*].template"}});
  const auto with = [&kinds](std::size_t count) {
    const std::string job = R"({"template":{"spec":{}}})";
    std::string list = job;
    for (std::size_t i = 1; i < count; ++i) list += "," + job;
    return ParseReview(ReviewOf("x", "X", R"({"spec":{"jobs":[)" + list + "]}}"), kinds);
  };
  EXPECT_TRUE(with(kMaxPodTemplates));
  EXPECT_FALSE(with(kMaxPodTemplates + 1));
}

struct BadKind {
  std::string name;
  std::vector<ExtraKind> extra;
  std::string message;
};

class BadKinds : public ::testing::TestWithParam<BadKind> {};

TEST_P(BadKinds, AreRefused) {
  const auto table = KindTable::Create(GetParam().extra);
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error().message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadKinds,
    ::testing::Values(
        BadKind{"NoKind", {{"x", "", "spec"}}, "a kind without a name"},
        BadKind{"BuiltIn", {{"apps", "Deployment", "spec.other"}}, "known without being named"},
        BadKind{"NoPath", {{"x", "X", ""}}, "want keys"},
        BadKind{"EmptyKey", {{"x", "X", "spec..template"}}, "want keys"},
        BadKind{"JsonPath", {{"x", "X", "$.spec.template"}}, "want keys"},
        BadKind{"Index", {{"x", "X", "spec.jobs[0].template"}}, "want keys"},
        BadKind{"Twice", {{"x", "X", "spec.template"}, {"x", "X", "spec.template"}}, "given twice"},
        BadKind{"Below", {{"x", "X", "spec"}, {"x", "X", "spec.template"}}, "leads into another"},
        BadKind{
            "Above", {{"x", "X", "spec.template"}, {"x", "X", "spec"}}, "another leads through it"},
        BadKind{"ListAndNot",
                {{"x", "X", "spec.a[*].b"}, {"x", "X", "spec.a.c"}},
                "is a list in another path"},
        BadKind{"LongPath", {{"x", "X", std::string(257, 'a')}}, "longer than 256 bytes"},
        BadKind{"DeepPath", {{"x", "X", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"}}, "more than 16 keys"},
        BadKind{"Many", std::vector<ExtraKind>(65, ExtraKind{"x", "X", "spec"}),
                "more than 64 kinds"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::admission
