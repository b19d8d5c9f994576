#include "webhook/kube/status.h"

#include "tests/support/result_matchers.h"

namespace xzgate::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A Status as the API server writes it.
std::string StatusText(int code, const std::string& reason, const std::string& name,
                       const std::string& message = "in its own words") {
  const std::string details = name.empty() ? "{}" : R"({"name":")" + name + R"("})";
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
         message + R"(","reason":")" + reason + R"(","details":)" + details + R"(,"code":)" +
         std::to_string(code) + "}";
}

const Call kGetPull{.verb = "get", .resource = Secrets(), .ns = "shop", .name = "pull"};
const Call kPatchHook{.verb = "patch",
                      .resource = ValidatingWebhookConfigurations(),
                      .name = "xzgate",
                      .has_tests = true};

struct MapCase {
  const char* name;
  int status;
  std::string body;
  ErrorCode code;
  ErrorKind kind = ErrorKind::kOther;
};

class StatusMapping : public ::testing::TestWithParam<MapCase> {};
TEST_P(StatusMapping, GivesTheCode) {
  const auto& [name, status, body, code, kind] = GetParam();
  const Call call{.verb = "get", .resource = ConfigMaps(), .ns = "shop", .name = "rules"};
  const Error error = ToError(status, ParseStatus(body), call);
  EXPECT_EQ(error.code(), code) << error.ToString();
  EXPECT_EQ(error.kind(), kind);
  EXPECT_THAT(error.message(), HasSubstr("get configmaps \"rules\" in namespace \"shop\": status " +
                                         std::to_string(status)));
}

const MapCase kMapped[] = {
    {"BadRequest", 400, StatusText(400, "BadRequest", "rules"), ErrorCode::kInvalidArgument},
    {"Unauthorized", 401, StatusText(401, "Unauthorized", ""), ErrorCode::kUnauthenticated},
    {"Forbidden", 403, StatusText(403, "Forbidden", "rules"), ErrorCode::kPermissionDenied},
    {"NoSuchObject", 404, StatusText(404, "NotFound", "rules"), ErrorCode::kNotFound},
    {"NoSuchApi", 404, StatusText(404, "NotFound", ""), ErrorCode::kUnsupported},
    {"NoSuchPath", 404, "404 page not found\n", ErrorCode::kUnsupported},
    {"MethodNotAllowed", 405, StatusText(405, "MethodNotAllowed", ""), ErrorCode::kUnsupported},
    {"NotAcceptable", 406, "", ErrorCode::kUnsupported},
    {"AlreadyExists", 409, StatusText(409, "AlreadyExists", "rules"), ErrorCode::kAlreadyExists},
    {"Conflict", 409, StatusText(409, "Conflict", "rules"), ErrorCode::kConflict},
    {"ConflictOfAnEmptyBody", 409, "", ErrorCode::kConflict},
    {"Gone", 410, StatusText(410, "Expired", ""), ErrorCode::kUnavailable, ErrorKind::kExpired},
    {"TooLarge", 413, StatusText(413, "RequestEntityTooLarge", ""), ErrorCode::kResourceExhausted},
    {"MediaType", 415, StatusText(415, "UnsupportedMediaType", ""), ErrorCode::kUnsupported},
    {"Invalid", 422, StatusText(422, "Invalid", "rules"), ErrorCode::kInvalidArgument},
    {"TooMany", 429, StatusText(429, "TooManyRequests", ""), ErrorCode::kResourceExhausted,
     ErrorKind::kRateLimited},
    {"Internal", 500, StatusText(500, "InternalError", ""), ErrorCode::kUnavailable},
    {"NotReady", 503, "<html>", ErrorCode::kUnavailable},
    {"Timeout", 504, StatusText(504, "Timeout", ""), ErrorCode::kUnavailable},
    {"Redirect", 302, "", ErrorCode::kUnsupported},
    {"NothingKnown", 699, "", ErrorCode::kUnavailable},
};
INSTANTIATE_TEST_SUITE_P(Codes, StatusMapping, ::testing::ValuesIn(kMapped),
                         [](const auto& tested) { return tested.param.name; });

TEST(StatusTest, AForbiddenCallNamesItsRule) {
  const Error error = ToError(403, ParseStatus(StatusText(403, "Forbidden", "pull")), kGetPull);
  EXPECT_THAT(error.message(),
              HasSubstr("needs an RBAC rule with verb \"get\" on resource \"secrets\" of API group "
                        "\"\" in namespace \"shop\": in its own words"));
  EXPECT_THAT(ToError(403, {}, kPatchHook).message(),
              HasSubstr("verb \"patch\" on resource \"validatingwebhookconfigurations\" of API "
                        "group \"admissionregistration.k8s.io\" of the whole cluster"));
}

TEST(StatusTest, AMissingApiIsNamed) {
  EXPECT_THAT(ToError(404, {}, kPatchHook).message(),
              HasSubstr("does not serve \"admissionregistration.k8s.io/v1\" "
                        "\"validatingwebhookconfigurations\""));
}

TEST(StatusTest, AFailedTestOfAPatchIsAConflict) {
  EXPECT_EQ(ToError(422, ParseStatus(StatusText(422, "Invalid", "")), kPatchHook).code(),
            ErrorCode::kConflict);
  EXPECT_EQ(ToError(422, ParseStatus(StatusText(422, "Invalid", "xzgate")), kPatchHook).code(),
            ErrorCode::kInvalidArgument);
}

TEST(StatusTest, ARefusedPatchWithCausesIsNoFailedTest) {
  const std::string body =
      R"({"kind":"Status","reason":"Invalid","details":{"causes":[{"field":"patch"}]},"code":422})";
  EXPECT_EQ(ToError(422, ParseStatus(body), kPatchHook).code(), ErrorCode::kInvalidArgument);
}

TEST(StatusTest, ARefusedValueOfASecretIsNotQuoted) {
  const std::string body = StatusText(422, "Invalid", "pull", "Invalid value: hunter2");
  EXPECT_THAT(ToError(422, ParseStatus(body), kGetPull).message(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(ToError(422, ParseStatus(body), kPatchHook).message(), HasSubstr("hunter2"));
}

TEST(StatusTest, WordsAreBoundedAndHarmless) {
  const std::string body = StatusText(500, "InternalError", "", std::string(5'000, 'w'));
  EXPECT_LT(ToError(500, ParseStatus(body), kGetPull).message().size(), kMaxQuotedStatus + 200);
  const Error strange = ToError(500, ParseStatus("\x1b[31mred"), kGetPull);
  EXPECT_THAT(strange.message(), HasSubstr("\\x1b[31mred"));
}

TEST(StatusTest, ReadsWhenToComeBack) {
  const auto status = ParseStatus(
      R"({"kind":"Status","reason":"TooManyRequests","details":{"retryAfterSeconds":7},"code":429})");
  EXPECT_EQ(status.retry_after, std::chrono::seconds(7));
  for (const char* wrong : {"-1", "0", "1e3", "\"7\"", "86401", "[]"}) {
    const auto other = ParseStatus(
        std::string(R"({"kind":"Status","details":{"retryAfterSeconds":)") + wrong + "}}");
    EXPECT_FALSE(other.retry_after) << wrong;
    EXPECT_TRUE(other.has_status) << wrong;
  }
}

TEST(StatusTest, WhatIsNoStatusIsAMessage) {
  for (const char* text :
       {"not json", "[]", "{}", "{\"kind\":\"Pod\"}", "{\"kind\":\"Status\"", "{\"kind\":5}"}) {
    const Status status = ParseStatus(text);
    EXPECT_FALSE(status.has_status);
    EXPECT_EQ(status.message, text);
  }
  EXPECT_EQ(ParseStatus(R"({"kind":"Status","code":99999999999999})").code, 0);
}

}  // namespace
}  // namespace xzgate::kube
