#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json/reader.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_sleeper.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"
#include "webhook/kube/api_client.h"

namespace xzgate::kube {

// An ApiClient of "https://api.example:6443/base/" with a token from a file, without a network.
class ApiFixture : public ::testing::Test {
 protected:
  ApiFixture() {
    folder_.Write("token", "one");
    tokens_ = *TokenSource::FromFile(folder_.path() + "/token", clock_);
    client_ = std::make_unique<ApiClient>(net_, *http::Url::Parse(kServer), tokens_.get(), clock_,
                                          sleeper_, [] { return 0.5; });
  }

  static std::string UrlOf(const std::string& path) {
    return "https://api.example:6443/base" + path;
  }
  // Queues an answer for a path below the server's.
  void Script(http::Method method, const std::string& path, testing::FakeAnswer answer) {
    net_.On(method, UrlOf(path), std::move(answer));
  }
  void ScriptGet(const std::string& path, testing::FakeAnswer answer) {
    Script(http::Method::kGet, path, std::move(answer));
  }
  static testing::FakeAnswer Status(int code, const std::string& reason,
                                    http::Headers headers = {}) {
    return {.status = code,
            .headers = std::move(headers),
            .body = R"({"kind":"Status","reason":")" + reason +
                    R"(","message":"said so","details":{"name":"x"},"code":)" +
                    std::to_string(code) + "}"};
  }
  static json::Value Json(const std::string& text) { return *json::Parse(text, {}, "test"); }
  std::vector<std::string> SentTokens() const {
    std::vector<std::string> sent;
    for (const auto& request : net_.requests()) {
      sent.emplace_back(request.headers.Find("Authorization").value_or("none"));
    }
    return sent;
  }

  static constexpr char kServer[] = "https://api.example:6443/base/";
  testing::TempFolder folder_;
  testing::FakeClock clock_;
  testing::FakeSleeper sleeper_{clock_};
  testing::FakeTransport net_;
  std::unique_ptr<TokenSource> tokens_;
  std::unique_ptr<ApiClient> client_;
};

}  // namespace xzgate::kube
