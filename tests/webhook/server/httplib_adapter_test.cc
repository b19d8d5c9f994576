#include "webhook/server/httplib_adapter.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/support/fake_logger.h"

namespace xzgate::server {
namespace {

class NoBlocking final : public Blocking {
 public:
  bool Begin() override { return true; }
  void End() override {}
};

class ScriptedHandler final : public Handler {
 public:
  HttpResponse Handle(const HttpRequest& request, Blocking&) override {
    seen_body = std::string(request.body);
    seen_query = std::string(request.query);
    if (throws) throw std::runtime_error("secret detail");
    return answer;
  }
  HttpResponse answer;
  bool throws = false;
  std::string seen_body;
  std::string seen_query;
};

class HttplibAdapterTest : public ::testing::Test {
 protected:
  HttpResponse Ask(const std::string& method, const std::string& path,
                   const std::string& body = "") {
    return adapter_.Handle({.method = method,
                            .path = path,
                            .query = "timeout=%0d%0aX:",
                            .content_type = "multipart/form-data; boundary=\r\nX: y",
                            .body = body,
                            .arrived = SteadyTime{}},
                           blocking_);
  }

  testing::FakeLogger logger_;
  NoBlocking blocking_;
  ScriptedHandler validate_;
  ScriptedHandler dotted_;
  HttplibAdapter adapter_{{{{"POST", "/validate"}, &validate_}, {{"GET", "/a.b"}, &dotted_}},
                          logger_};
};

TEST_F(HttplibAdapterTest, GivesTheAnswerOfTheHandler) {
  validate_.answer = {.status = 200, .content_type = "application/json", .body = "{\"a\":1}"};
  const HttpResponse answer = Ask("POST", "/validate", "body");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, "{\"a\":1}");
  EXPECT_EQ(validate_.seen_body, "body");
  EXPECT_EQ(validate_.seen_query, "timeout=%0d%0aX:");
}

TEST_F(HttplibAdapterTest, CarriesABodyOfSevenMebibytes) {
  const std::string large(7 * 1024 * 1024, 'x');
  validate_.answer.body = large;
  EXPECT_EQ(Ask("POST", "/validate", large).body.size(), large.size());
  EXPECT_EQ(validate_.seen_body.size(), large.size());
}

TEST_F(HttplibAdapterTest, CarriesEmptyBodies) {
  const HttpResponse answer = Ask("POST", "/validate");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttplibAdapterTest, CarriesAnyBytes) {
  const std::string bytes("\0\r\n\r\n\xff", 6);
  validate_.answer.body = bytes;
  EXPECT_EQ(Ask("POST", "/validate", bytes).body, bytes);
  EXPECT_EQ(validate_.seen_body, bytes);
}

TEST_F(HttplibAdapterTest, CarriesErrorStatuses) {
  validate_.answer = {.status = 400, .content_type = "text/plain", .body = "no uid"};
  const HttpResponse answer = Ask("POST", "/validate", "x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "no uid");
}

TEST_F(HttplibAdapterTest, TakesPathsLiterally) {
  dotted_.answer.body = "dotted";
  EXPECT_EQ(Ask("GET", "/a.b").body, "dotted");
  EXPECT_EQ(Ask("GET", "/axb").status, 404);
}

// CVE-2026-28434: httplib puts the text of an exception into a header.
TEST_F(HttplibAdapterTest, TellsNothingOfAnException) {
  validate_.throws = true;
  const HttpResponse answer = Ask("POST", "/validate", "x");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "internal error\n");
  ASSERT_EQ(logger_.Find("handler threw").size(), 1u);
  EXPECT_EQ(logger_.Find("handler threw")[0].fields.at("what"), "secret detail");
}

}  // namespace
}  // namespace xzgate::server
