#include "webhook/server/health_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tls_client.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using testing::ClientAnswer;
using testing::HttpClient;
using testing::IsOk;
using testing::RunUntil;

class HealthServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = HealthServer::Create(
        {.address = "127.0.0.1"}, health_, [this] { return Metrics(); }, clock_, logger_);
    ASSERT_THAT(made, IsOk());
    server_ = std::move(*made);
    ASSERT_THAT(server_->Start(), IsOk());
  }

  ClientAnswer Ask(const std::string& request) {
    HttpClient client(server_->port(), {.plain = true});
    client.Send(request + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(RunUntil({&client}, [&] { return client.answers().size() == 1; }));
    return client.answers().empty() ? ClientAnswer() : client.answers()[0];
  }

  std::string Metrics() {
    ++collected_;
    return std::string(metrics_bytes_, '#');
  }

  testing::FakeClock clock_;
  testing::FakeLogger logger_;
  HealthRegistry health_;
  std::size_t metrics_bytes_ = 10;
  int collected_ = 0;
  std::unique_ptr<HealthServer> server_;
};

TEST_F(HealthServerTest, IsAliveWhateverTheChecksSay) {
  health_.Add("store", true, [] { return CheckResult{.ok = false, .text = "gone"}; });
  EXPECT_EQ(Ask("GET /healthz").status, 200);
}

TEST_F(HealthServerTest, TellsWhyItIsNotReady) {
  health_.Add("store", true, [] { return CheckResult{.ok = false, .text = "gone"}; });
  const ClientAnswer answer = Ask("GET /readyz?verbose");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "[-] store: gone\nnot ready\n");
}

TEST_F(HealthServerTest, IsReady) {
  EXPECT_EQ(Ask("GET /readyz").status, 200);
}

TEST_F(HealthServerTest, ServesMetricsInTheTextFormat) {
  const ClientAnswer answer = Ask("GET /metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "##########");
  EXPECT_NE(answer.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
            std::string::npos);
}

TEST_F(HealthServerTest, CollectsAtMostOnceASecond) {
  Ask("GET /metrics");
  clock_.Advance(999ms);
  Ask("GET /metrics");
  EXPECT_EQ(collected_, 1);
  clock_.Advance(1ms);
  Ask("GET /metrics");
  EXPECT_EQ(collected_, 2);
}

TEST_F(HealthServerTest, BoundsTheMetrics) {
  metrics_bytes_ = 1024 * 1024;
  EXPECT_EQ(Ask("GET /metrics").status, 200);
  metrics_bytes_ = 1024 * 1024 + 1;
  clock_.Advance(1s);
  EXPECT_EQ(Ask("GET /metrics").status, 500);
}

TEST_F(HealthServerTest, RefusesEverythingElse) {
  EXPECT_EQ(Ask("GET /").status, 404);
  EXPECT_EQ(Ask("DELETE /metrics").status, 405);
}

}  // namespace
}  // namespace xzgate::server
