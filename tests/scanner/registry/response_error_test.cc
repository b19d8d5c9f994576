#include "scanner/registry/response_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

http::Response Answer(int status, std::string body = "") {
  return {.status = status,
          .headers = {},
          .url = *http::Url::Parse("https://reg.example/v2/"),
          .body = std::make_unique<MemorySource>(std::move(body))};
}

struct StatusCase {
  int status;
  ErrorCode registry;
  ErrorCode token_server;
};

class StatusTable : public ::testing::TestWithParam<StatusCase> {};

TEST_P(StatusTable, MapsToACode) {
  auto one = Answer(GetParam().status);
  EXPECT_EQ(RegistryError(one, "x").error().code(), GetParam().registry);
  auto two = Answer(GetParam().status);
  EXPECT_EQ(TokenError(two, "x").error().code(), GetParam().token_server);
}

using enum ErrorCode;
INSTANTIATE_TEST_SUITE_P(
    Table, StatusTable,
    ::testing::Values(
        StatusCase{204, kUnavailable, kUnavailable}, StatusCase{302, kUnavailable, kUnavailable},
        StatusCase{400, kInvalidArgument, kUnauthenticated},
        StatusCase{401, kUnauthenticated, kUnauthenticated},
        StatusCase{403, kPermissionDenied, kPermissionDenied},
        StatusCase{404, kNotFound, kUnavailable}, StatusCase{406, kUnsupported, kUnsupported},
        StatusCase{408, kUnavailable, kUnavailable}, StatusCase{410, kNotFound, kUnavailable},
        StatusCase{415, kUnsupported, kUnsupported},
        StatusCase{418, kInvalidArgument, kUnauthenticated},
        StatusCase{429, kUnavailable, kUnavailable}, StatusCase{500, kUnavailable, kUnavailable},
        StatusCase{503, kUnavailable, kUnavailable}, StatusCase{599, kUnavailable, kUnavailable}),
    [](const auto& param) { return "Status" + std::to_string(param.param.status); });

TEST(RegistryError, NamesWhatWasAskedForAndWhatCame) {
  auto response = Answer(
      404,
      R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]})");
  EXPECT_EQ(RegistryError(response, "repository \"a\"").error().message(),
            "repository \"a\": want status 200, found 404 (MANIFEST_UNKNOWN: manifest unknown)");
}

TEST(RegistryError, ReadsNoMoreThanALittle) {
  auto response = Answer(500, "{\"errors\":[" + std::string(10'000'000, ' ') + "]}");
  EXPECT_EQ(RegistryError(response, "x").error().message(), "x: want status 200, found 500");
}

TEST(DescribeErrorBody, IsSafeToPrint) {
  EXPECT_EQ(
      DescribeErrorBody(
          R"({"errors":[{"code":"A","message":"\u001b[31m\n"},{"code":"B"},{"message":"c"},{"code":"D"}]})"),
      R"(A: \x1b[31m\x0a; B; c)");
  EXPECT_LE(
      DescribeErrorBody(R"({"errors":[{"message":")" + std::string(3000, 'x') + R"("}]})").size(),
      300U);
}

TEST(DescribeErrorBody, ReadsTokenServersToo) {
  EXPECT_EQ(DescribeErrorBody(R"({"error":"invalid_grant","error_description":"expired"})"),
            "invalid_grant; expired");
  EXPECT_EQ(DescribeErrorBody(R"({"details":"incorrect username or password"})"),
            "incorrect username or password");
}

TEST(DescribeErrorBody, SaysNothingAboutAnythingElse) {
  for (const std::string body : {"", "<html>", "[]", "{}", R"({"errors":{}})",
                                 R"({"errors":[1,null,{}]})", R"({"errors":[{"code":1}]})"}) {
    EXPECT_EQ(DescribeErrorBody(body), "") << body;
  }
}

}  // namespace
}  // namespace xzgate::registry
