#include "webhook/admission/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json/reader.h"

namespace xzgate::admission {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A review as the API server writes it, with the given spec of a Pod and further members of the
// request.
std::string Review(const std::string& spec, const std::string& more = "",
                   const std::string& operation = "CREATE") {
  return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
         R"("kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},)"
         R"("name":"api","namespace":"shop","operation":")" +
         operation +
         R"(","userInfo":{"username":"alice","groups":["dev"]},"object":{"metadata":{"name":"api","labels":{"a":"b"}},"spec":)" +
         spec + "}" + more + "}}";
}

Request Parsed(const std::string& body) {
  auto request = ParseReview(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().error.ToString());
  return request.value_or(Request{});
}

TEST(ParseReview, ReadsWhatARequestNeeds) {
  const Request request = Parsed(Review(
      R"({"containers":[{"name":"api","image":"reg.example/api:1","imagePullPolicy":"Always"}]})"));
  EXPECT_EQ(request.uid, "u-1");
  EXPECT_EQ(request.resource, "pods");
  EXPECT_EQ(request.namespace_name, "shop");
  EXPECT_EQ(request.user, "alice");
  EXPECT_EQ(request.operation, Operation::kCreate);
  EXPECT_FALSE(request.dry_run);
  EXPECT_EQ(request.Workload(), "pods/shop/api");
  const ImageUse want{.kind = UseKind::kContainer,
                      .name = "api",
                      .field = "spec.containers[0].image",
                      .reference = "reg.example/api:1",
                      .pull_policy = "Always",
                      .unchanged = false};
  EXPECT_THAT(request.uses, ElementsAre(want));
}

// Each place of the table of image paths, with its field path: a walker that lacks one is a bypass
// (kyverno#16275, sigstore/policy-controller#1974).
TEST(ParseReview, FindsEveryPlaceThatNamesAnImage) {
  const Request request = Parsed(Review(R"({
    "volumes":[{"name":"cfg","configMap":{"name":"x"}},{"name":"model","image":{"reference":"v:1","pullPolicy":"Never"}}],
    "initContainers":[{"name":"i","image":"i:1"},{"name":"sidecar","restartPolicy":"Always","image":"s:1"}],
    "containers":[{"image":"c:1","name":"c"}],
    "ephemeralContainers":[{"name":"e","image":"e:1","targetContainerName":"c"}]})"));
  EXPECT_THAT(request.uses,
              ElementsAre(Field(&ImageUse::field, "spec.volumes[1].image.reference"),
                          Field(&ImageUse::field, "spec.initContainers[0].image"),
                          Field(&ImageUse::field, "spec.initContainers[1].image"),
                          Field(&ImageUse::field, "spec.containers[0].image"),
                          Field(&ImageUse::field, "spec.ephemeralContainers[0].image")));
  EXPECT_EQ(request.uses[0].kind, UseKind::kImageVolume);
  EXPECT_EQ(request.uses[0].name, "model");
  EXPECT_EQ(request.uses[0].pull_policy, "Never");
  EXPECT_EQ(request.uses[2].kind, UseKind::kInitContainer);
  EXPECT_EQ(request.uses[4].kind, UseKind::kEphemeralContainer);
}

TEST(ParseReview, IgnoresLookalikesElsewhere) {
  const Request request = Parsed(Review(
      R"({"containers":[{"name":"c","image":"c:1","env":[{"name":"containers","value":"x"}],"nested":{"image":"evil"}}],"other":{"containers":[{"image":"no"}]}})"));
  EXPECT_THAT(request.uses, ElementsAre(Field(&ImageUse::reference, "c:1")));
}

struct UpdateCase {
  std::string name;
  std::string old_container;
  bool unchanged;
};

class UpdateReview : public ::testing::TestWithParam<UpdateCase> {};

TEST_P(UpdateReview, ComparesWithTheOldObject) {
  const std::string old =
      R"(,"oldObject":{"spec":{"containers":[)" + GetParam().old_container + "]}}";
  const Request request = Parsed(
      Review(R"({"containers":[{"name":"c","image":"c:1","imagePullPolicy":"IfNotPresent"}]})", old,
             "UPDATE"));
  ASSERT_THAT(request.uses, SizeIs(1));
  EXPECT_EQ(request.uses[0].unchanged, GetParam().unchanged);
}

INSTANTIATE_TEST_SUITE_P(
    All, UpdateReview,
    ::testing::Values(
        UpdateCase{"Same", R"({"name":"c","image":"c:1","imagePullPolicy":"IfNotPresent"})", true},
        UpdateCase{"OtherImage", R"({"name":"c","image":"c:2","imagePullPolicy":"IfNotPresent"})",
                   false},
        UpdateCase{"OtherPullPolicy", R"({"name":"c","image":"c:1","imagePullPolicy":"Always"})",
                   false},
        UpdateCase{"OtherName", R"({"name":"d","image":"c:1","imagePullPolicy":"IfNotPresent"})",
                   false}),
    [](const auto& test) { return test.param.name; });

// The same image moved to another kind of container is new: it runs with other rights, at another
// time.
TEST(ParseReview, AnotherKindOfContainerIsNew) {
  const Request request = Parsed(
      Review(R"({"containers":[{"name":"c","image":"c:1"}]})",
             R"(,"oldObject":{"spec":{"initContainers":[{"name":"c","image":"c:1"}]}})", "UPDATE"));
  ASSERT_THAT(request.uses, SizeIs(1));
  EXPECT_FALSE(request.uses[0].unchanged);
}

TEST(ParseReview, ReadsTheFlagsOfAnObject) {
  const std::string body =
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"UPDATE","dryRun":true,)"
      R"("kind":{"kind":"Pod"},"resource":{"resource":"pods"},"subResource":"ephemeralcontainers","object":{"metadata":{"generateName":"api-",)"
      R"("deletionTimestamp":"2026-01-01T00:00:00Z","annotations":{"kubernetes.io/config.mirror":"x"}}}}})";
  const Request request = Parsed(body);
  EXPECT_TRUE(request.dry_run);
  EXPECT_TRUE(request.being_deleted);
  EXPECT_TRUE(request.is_mirror_pod);
  EXPECT_EQ(request.subresource, "ephemeralcontainers");
  EXPECT_EQ(request.Workload(), "pods//api-*");
  EXPECT_THAT(request.uses, IsEmpty());
  // What does not exist yet cannot be on its way out, whatever its author wrote.
  std::string create = body;
  create.replace(create.find("UPDATE"), 6, "CREATE");
  EXPECT_FALSE(Parsed(create).being_deleted);
}

struct BadCase {
  std::string name;
  std::string body;
  bool has_uid;
  std::string message;
};

class BadReview : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadReview, IsRefusedWithItsReason) {
  const auto request = ParseReview(GetParam().body);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().uid.has_value(), GetParam().has_uid);
  EXPECT_THAT(request.error().error.message(), HasSubstr(GetParam().message));
}

// A review whose deepest value is at `levels`; the document itself is the first.
std::string DeepReview(std::size_t levels) {
  const std::size_t arrays = levels - 2;
  return Review("{}", R"(,"x":)" + std::string(arrays, '[') + std::string(arrays, ']'));
}

// A request to delete, of which nothing but the uid is looked at.
std::string ReviewWithUid(std::size_t bytes) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":")" +
         std::string(bytes, 'u') + R"(","operation":"DELETE","resource":{"resource":"pods"}}})";
}

INSTANTIATE_TEST_SUITE_P(
    All, BadReview,
    ::testing::Values(
        BadCase{"Empty", "", false, "no JSON"}, BadCase{"NoJson", "hello", false, "no JSON"},
        BadCase{"Array", "[]", false, "want object, found array"},
        BadCase{"Null", "null", false, "kind"},
        BadCase{"NoRequest", R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})",
                false, "request: missing"},
        BadCase{"RequestIsText",
                R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":"x"})",
                false, "want object"},
        BadCase{
            "NoUid",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"operation":"CREATE"}})",
            false, "uid: missing"},
        BadCase{
            "EmptyUid",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"","operation":"CREATE"}})",
            false, "uid: missing"},
        BadCase{
            "UidIsNumber",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":5}})",
            false, "request.uid"},
        BadCase{"LongUid", ReviewWithUid(129), false, "request.uid: longer than 128 bytes"},
        BadCase{
            "OtherVersion",
            R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}})",
            true, "apiVersion"},
        BadCase{"OtherKind",
                R"({"apiVersion":"admission.k8s.io/v1","kind":"Pod","request":{"uid":"u"}})", true,
                "kind"},
        BadCase{
            "UnknownOperation",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"PATCH"}})",
            true, "PATCH"},
        BadCase{
            "NoResource",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE"}})",
            true, "resource: missing"},
        BadCase{
            "NoObject",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","resource":{"resource":"pods"}}})",
            true, "object: missing"},
        BadCase{
            "NoKind",
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","resource":{"resource":"pods"},"object":{"spec":{"containers":[]}}}})",
            true, "request.kind.kind: missing"},
        BadCase{"HostNetworkIsText", Review(R"({"hostNetwork":"true"})"), true,
                "$.request.object.spec.hostNetwork"},
        BadCase{"PrivilegedIsNumber",
                Review(R"({"containers":[{"name":"c","securityContext":{"privileged":1}}]})"), true,
                "want bool, found number"},
        BadCase{"CapabilityIsObject",
                Review(R"({"containers":[{"securityContext":{"capabilities":{"add":[{}]}}}]})"),
                true, "want string, found object"},
        BadCase{"ContainersIsObject", Review(R"({"containers":{"name":"c","image":"c"}})"), true,
                "want array, found object"},
        BadCase{"ContainerIsText", Review(R"({"containers":["c:1"]})"), true,
                "want object, found string"},
        BadCase{"ContainerIsNull", Review(R"({"containers":[null]})"), true, "found null"},
        BadCase{"ImageIsNumber", Review(R"({"containers":[{"name":"c","image":5}]})"), true,
                "want string, found number"},
        BadCase{"DryRunIsText", Review("{}", R"(,"dryRun":"yes")"), true, "want bool"},
        BadCase{"DuplicateKey",
                Review(R"({"containers":[{"name":"c","image":"good","image":"bad"}]})"), true,
                "image"},
        BadCase{"TwoObjects", Review("{}", R"(,"object":{"spec":{}})"), true, "object"},
        BadCase{"Truncated", Review("{}").substr(0, 200), true,
                "$.request.name: parse error at line 1, column 201: "},
        BadCase{"TrailingBytes", Review("{}") + "{}", true,
                "$: parse error at line 1, column 359: "},
        BadCase{"TooDeep", DeepReview(65), true, "[0][0]: more than 64 levels deep"},
        BadCase{"InvalidUtf8", Review("{\"a\":\"\xff\"}"), true, "no valid UTF-8"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseReview, TakesTheDeepestReview) {
  EXPECT_EQ(Parsed(DeepReview(64)).uid, "u-1");
}

TEST(ParseReview, TakesTheLongestUid) {
  EXPECT_EQ(Parsed(ReviewWithUid(128)).uid, std::string(128, 'u'));
}

// Values of a document, as the reader counts them against a limit.
std::size_t CountValues(const std::string& body) {
  json::Limits limits;
  for (limits.max_values = 1; !json::Parse(body, limits, "x"); ++limits.max_values) {
  }
  return limits.max_values;
}

TEST(ParseReview, TakesAsManyValuesAsTheLimitAndNoMore) {
  const std::size_t room = 1'000'000 - CountValues(Review(R"({"x":[]})"));
  const auto with = [](std::size_t count) {
    std::string list = "0";
    for (std::size_t i = 1; i < count; ++i) list += ",0";
    return ParseReview(Review(R"({"x":[)" + list + "]}"));
  };
  EXPECT_TRUE(with(room));
  const auto over = with(room + 1);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().uid, "u-1");
  EXPECT_THAT(over.error().error.message(), HasSubstr("more than 1000000 values"));
}

TEST(ParseReview, TakesAsManyImagesAsTheLimitAndNoMore) {
  const auto pod = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
      list += (i > 0 ? "," : "") + std::string(R"({"name":"c","image":"x"})");
    return Review(R"({"containers":[)" + list + "]}");
  };
  EXPECT_THAT(Parsed(pod(kMaxImageUses)).uses, SizeIs(kMaxImageUses));
  const auto over = ParseReview(pod(kMaxImageUses + 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().uid, "u-1");
}

TEST(ParseReview, RefusesMoreThanSevenMebibytes) {
  const std::string review = Review("{}");
  EXPECT_TRUE(ParseReview(review + std::string(kMaxReviewBytes - review.size(), ' ')));
  EXPECT_FALSE(ParseReview(review + std::string(kMaxReviewBytes - review.size() + 1, ' ')));
}

json::Value Encoded(const Response& response) {
  auto value = json::Parse(EncodeResponse(response), json::Limits{}, "response");
  EXPECT_TRUE(value);
  return value.value_or(json::Value());
}

TEST(EncodeResponse, EchoesUidAndVersion) {
  const json::Value answer = Encoded(
      {.uid = "u-1", .allowed = true, .message = "", .warnings = {}, .audit_annotations = {}});
  EXPECT_EQ(*answer.Find("apiVersion")->AsString(), "admission.k8s.io/v1");
  EXPECT_EQ(*answer.Find("kind")->AsString(), "AdmissionReview");
  EXPECT_EQ(*answer.Find("response")->Find("uid")->AsString(), "u-1");
  EXPECT_TRUE(*answer.Find("response")->Find("allowed")->AsBool());
  EXPECT_EQ(answer.Find("response")->Find("status"), nullptr);
  EXPECT_EQ(answer.Find("response")->Find("patch"), nullptr);
}

TEST(EncodeResponse, DeniesWithStatusAndCutsTheMessage) {
  const json::Value answer = Encoded({.uid = "u",
                                      .allowed = false,
                                      .message = std::string(2000, 'x'),
                                      .warnings = {},
                                      .audit_annotations = {}});
  const json::Value* status = answer.Find("response")->Find("status");
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(*status->Find("status")->AsString(), "Failure");
  EXPECT_EQ(status->Find("code")->AsInt(), 403);
  EXPECT_LE(status->Find("message")->AsString()->size(), 1000U);
}

TEST(EncodeResponse, KeepsWarningsWithinTheLimitsOfTheApiServer) {
  Response response{
      .uid = "u", .allowed = true, .message = "", .warnings = {}, .audit_annotations = {}};
  for (int i = 0; i < 40; ++i)
    response.warnings.push_back(std::to_string(i) + std::string(300, 'w'));
  const json::Value answer = Encoded(response);
  std::size_t total = 0;
  for (const auto& warning : *answer.Find("response")->Find("warnings")->AsArray()) {
    EXPECT_LE(warning.AsString()->size(), 256U);
    total += warning.AsString()->size();
  }
  EXPECT_LE(total, 4096U);
  EXPECT_GT(total, 3000U);
}

TEST(EncodeResponse, CutsAuditAnnotationsAtTheirLimit) {
  const json::Value answer = Encoded(
      {.uid = "u",
       .allowed = true,
       .message = "",
       .warnings = {},
       .audit_annotations = {{"fits", std::string(1024, 'a')}, {"cut", std::string(1025, 'a')}}});
  const json::Value* annotations = answer.Find("response")->Find("auditAnnotations");
  ASSERT_NE(annotations, nullptr);
  EXPECT_EQ(*annotations->Find("fits")->AsString(), std::string(1024, 'a'));
  EXPECT_EQ(*annotations->Find("cut")->AsString(), std::string(1021, 'a') + "…");
}

}  // namespace
}  // namespace xzgate::admission
