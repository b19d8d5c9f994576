#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/http/transport.h"

namespace xzgate::testing {

// One scripted answer. `error` set: Send fails with it and the rest is not used.
struct FakeAnswer {
  int status = 200;
  http::Headers headers = {};
  std::string body = {};
  std::optional<Error> error = {};
  std::size_t chunk = SIZE_MAX;          // bytes served by one Read at most
  std::optional<Error> body_error = {};  // what Read returns after `body` instead of the end
  std::function<void()> on_send =
      {};  // runs before the answer is given, e.g. to move a clock or to block
};

// A Transport with answers from a script; link xzgate::http. Thread-safe.
//
//   FakeTransport net;
//   net.On(Method::kGet, "https://reg.example/v2/", {.status = 401, .headers =
//   {{"WWW-Authenticate", "..."}}}); net.On(Method::kGet, "https://reg.example/v2/", {.status =
//   200});   // the second call gets this, and each one after it net.Handle([](const Request&
//   request) -> Result<Response> {...});   // for every URL without a script
//   EXPECT_EQ(net.Count(Method::kGet, "https://reg.example/v2/"), 2u);
//   EXPECT_EQ(net.requests()[1].headers.Find("Authorization"), "Bearer ...");
//
// A request without script and handler fails the test and returns kInternal. An answer to HEAD
// never has a body.
class FakeTransport final : public http::Transport {
 public:
  using Handler = std::function<Result<http::Response>(const http::Request&)>;

  // Queues an answer for method and URL (exact text of Url::ToString()). The last of a queue stays
  // for ever.
  FakeTransport& On(http::Method method, const std::string& url, FakeAnswer answer = {}) {
    const std::lock_guard lock(mutex_);
    script_[{method, url}].push_back(std::move(answer));
    return *this;
  }

  // Serves whatever On() does not name. Called without a lock held.
  void Handle(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }

  Result<http::Response> Send(const http::Request& request) override {
    std::unique_lock lock(mutex_);
    requests_.push_back(request);
    const auto found = script_.find({request.method, request.url.ToString()});
    if (found == script_.end()) {
      const Handler handler = handler_;
      lock.unlock();
      if (handler) return handler(request);
      ADD_FAILURE() << "no answer scripted for " << Name(request.method) << " "
                    << request.url.ToString();
      return Internal("fake transport: no answer for " + request.url.ToString());
    }
    FakeAnswer answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    lock.unlock();
    return MakeResponse(request, std::move(answer));
  }

  // The Response of an answer, for handlers.
  Result<http::Response> MakeResponse(const http::Request& request, FakeAnswer answer) {
    if (answer.on_send) answer.on_send();
    if (answer.error) return std::unexpected(*answer.error);
    if (request.method == http::Method::kHead) answer.body.clear();
    return http::Response{
        .status = answer.status,
        .headers = std::move(answer.headers),
        .url = request.url,
        .body = std::make_unique<Body>(std::move(answer.body), answer.chunk,
                                       std::move(answer.body_error), open_bodies_)};
  }

  // Every request so far, in order; call it while no Send runs. References to its items stay good.
  const std::deque<http::Request>& requests() const { return requests_; }

  std::size_t Count(http::Method method, const std::string& url) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(requests_.begin(), requests_.end(), [&](const auto& request) {
          return request.method == method && request.url.ToString() == url;
        }));
  }

  // Bodies that were given out and are not destroyed yet.
  int open_bodies() const { return *open_bodies_; }

 private:
  static std::string Name(http::Method method) { return std::string(http::ToString(method)); }

  class Body final : public ByteSource {
   public:
    Body(std::string bytes, std::size_t chunk, std::optional<Error> at_end,
         std::shared_ptr<std::atomic<int>> open)
        : bytes_(std::move(bytes), chunk), at_end_(std::move(at_end)), open_(std::move(open)) {
      ++*open_;
    }
    ~Body() override { --*open_; }
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    Result<std::size_t> Read(std::span<std::uint8_t> into) override {
      auto count = bytes_.Read(into);
      if (count && *count == 0 && at_end_) return std::unexpected(*at_end_);
      return count;
    }

   private:
    MemorySource bytes_;
    std::optional<Error> at_end_;
    std::shared_ptr<std::atomic<int>> open_;  // shared: a body may outlive its transport
  };

  mutable std::mutex mutex_;
  std::map<std::pair<http::Method, std::string>, std::deque<FakeAnswer>> script_;
  Handler handler_;
  std::deque<http::Request> requests_;
  std::shared_ptr<std::atomic<int>> open_bodies_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace xzgate::testing
