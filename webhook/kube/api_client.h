#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/http/sleeper.h"
#include "base/http/transport.h"
#include "webhook/kube/cluster.h"
#include "webhook/kube/retry.h"
#include "webhook/kube/server_clock.h"
#include "webhook/kube/status.h"
#include "webhook/kube/token_source.h"

namespace xzgate::kube {

// One page of a list. Pages that are larger are asked for again with fewer objects.
inline constexpr std::size_t kMaxPageBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kPageObjects = 250;

struct ApiOptions {
  RetryOptions retry = {};
  // The longest that one exchange takes, however far the caller's deadline is.
  std::chrono::milliseconds call_timeout{30'000};
  // How much longer than the stream of a watch its connection may live.
  std::chrono::milliseconds watch_grace{30'000};
};

// Cluster over a Transport that leads to one API server and nowhere else: no redirects, no retries
// of its own. What only asks is tried again after kUnavailable and 5xx, everything after 429, and
// once after a 401 that another token may mend. Thread-safe if its parts are; they must outlive it.
class ApiClient final : public Cluster {
 public:
  // `tokens` may be null (a client certificate). `random` gives 0 to below 1, from any thread.
  ApiClient(http::Transport& transport, http::Url server, TokenSource* tokens, const Clock& clock,
            http::Sleeper& sleeper, std::function<double()> random, ApiOptions options = {});

  Result<json::Value> Get(const Resource& resource, const ObjectName& name,
                          Deadline deadline) override;
  Result<json::Value> Create(const Resource& resource, const json::Value& object,
                             Deadline deadline) override;
  Result<json::Value> Update(const Resource& resource, const json::Value& object,
                             Deadline deadline) override;
  Result<json::Value> Apply(const Resource& resource, const json::Value& object, Force force,
                            Deadline deadline) override;
  Result<json::Value> Patch(const Resource& resource, const ObjectName& name,
                            const JsonPatch& patch, Deadline deadline) override;
  Result<void> Delete(const Resource& resource, const ObjectName& name,
                      const std::string& resource_version, Deadline deadline) override;
  Result<ListEnd> List(const Listable& resource, const Selection& selection, ListReader& reader,
                       Deadline deadline) override;
  Result<std::unique_ptr<ChangeStream>> Watch(const Listable& resource, const Selection& selection,
                                              const WatchOptions& options) override;

  // The API server's time, by its answers so far.
  WallTime ServerTime() const { return server_clock_.Now(); }

 private:
  // What goes to the API server.
  struct Message {
    http::Method method = http::Method::kGet;
    std::string path = {};   // as ObjectPath has it
    std::string query = {};  // with its '?', or ""
    std::string_view content_type = {};
    std::string body = {};
    std::shared_ptr<const std::atomic<bool>> cancelled = {};
  };
  // An answer that is no success, with what it says about coming back.
  struct Refusal {
    Error error;
    int status = 0;  // 0: no answer
    std::optional<std::chrono::milliseconds> retry_after = {};
  };
  struct Page;

  // Attempts until one succeeds or no other makes sense.
  Result<json::Value> CallFor(const Call& call, const Message& message, Deadline deadline);
  Result<std::string> CallForText(const Call& call, const Message& message, std::size_t max_bytes,
                                  Deadline deadline);
  // One attempt; 2xx is success.
  std::expected<http::Response, Refusal> Send(const Call& call, const Message& message,
                                              const SecretString& token, Deadline deadline);
  Refusal Refused(const Call& call, http::Response& response) const;
  Result<Page> GetPage(const Listable& resource, const Selection& selection, std::size_t limit,
                       const std::string& next, Deadline deadline);
  static Result<Page> ToPage(const Call& call, json::Value& list);
  SecretString Token() const { return tokens_ == nullptr ? SecretString() : tokens_->Get(); }

  http::Transport& transport_;
  const http::Url server_;
  TokenSource* const tokens_;
  const Clock& clock_;
  http::Sleeper& sleeper_;
  const std::function<double()> random_;
  const ApiOptions options_;
  ServerClock server_clock_;
};

}  // namespace xzgate::kube
