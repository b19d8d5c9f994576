#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_client.h"
#include "tests/webhook/server/temp_directory.h"
#include "webhook/server/listener.h"

namespace xzgate::server {

using testing::HttpClient;
using testing::IsOk;
using testing::RunUntil;
using testing::TestCertificate;

// Counts what the listener tells. Thread-safe.
class CountingObserver final : public Observer {
 public:
  void OnConnectionOpened() override { ++opened; }
  void OnConnectionClosed(CloseReason reason) override {
    ++closed[static_cast<std::size_t>(reason)];
  }
  void OnHandshakeDone() override { ++handshakes; }
  void OnRequest() override { ++requests; }
  void OnShed(ShedReason) override { ++shed; }
  void OnAcceptError(int) override { ++accept_errors; }

  int Closed(CloseReason reason) const { return closed[static_cast<std::size_t>(reason)]; }

  std::atomic<int> opened = 0, handshakes = 0, requests = 0, shed = 0, accept_errors = 0;
  std::atomic<int> closed[7] = {};
};

// Answers with the body, or with what a test puts in.
class EchoHandler final : public SheddingHandler {
 public:
  using Behaviour = std::function<HttpResponse(const HttpRequest&, Blocking&)>;
  HttpResponse Handle(const HttpRequest& request, Blocking& blocking) override {
    if (behaviour) return behaviour(request, blocking);
    return {.status = 200, .content_type = "application/json", .body = std::string(request.body)};
  }
  HttpResponse Overloaded(const HttpRequest& request) override {
    return {.status = 200,
            .content_type = "application/json",
            .body = "shed " + std::string(request.body)};
  }
  Behaviour behaviour;
};

// A listener on loopback with a certificate made for the test, and clients for it.
class ListenerFixture : public ::testing::Test {
 protected:
  ListenerFixture() { config_.front.address = "127.0.0.1"; }

  void Start() {
    auto made =
        Listener::Create(config_, {{{"POST", "/validate"}, &echo_}, {{"GET", "/ping"}, &ping_}},
                         certificates_, clock_, logger_, observer_);
    ASSERT_THAT(made, IsOk());
    listener_ = std::move(*made);
    ASSERT_THAT(listener_->Start(), IsOk());
  }
  void StartWithCertificate() {
    WritePair(TestCertificate::SelfSigned({.common_name = "first"}));
    Start();
  }
  void WritePair(const TestCertificate& pair) {
    directory_.Write("tls.crt", pair.CertificatePem());
    directory_.Write("tls.key", pair.KeyPem());
  }

  HttpClient& Connect(const testing::ClientOptions& options = {}) {
    return clients_.emplace_back(listener_->port(), options);
  }
  // Until each client has its handshake or failed.
  bool AllReady(const std::vector<HttpClient*>& clients) {
    return RunUntil(clients, [&] {
      return std::all_of(clients.begin(), clients.end(),
                         [](auto* each) { return each->ready() || each->IsOver(); });
    });
  }
  bool Answered(HttpClient& client, std::size_t answers) {
    return RunUntil({&client}, [&] { return client.answers().size() >= answers; });
  }
  bool Over(HttpClient& client) {
    return RunUntil({&client}, [&] { return client.IsOver(); });
  }

  static std::string Post(const std::string& body) {
    return "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  TempDirectory directory_;
  testing::FakeClock clock_;
  testing::FakeLogger logger_;
  CountingObserver observer_;
  EchoHandler echo_;
  EchoHandler ping_;
  ListenerConfig config_;
  CertificateSource certificates_{
      {.certificate = directory_.File("tls.crt"), .key = directory_.File("tls.key")},
      clock_,
      logger_};
  std::unique_ptr<Listener> listener_;
  std::deque<HttpClient> clients_;
};

}  // namespace xzgate::server
