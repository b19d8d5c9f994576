#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "webhook/server/accepter.h"
#include "webhook/server/channel.h"
#include "webhook/server/connection.h"
#include "webhook/server/framing.h"
#include "webhook/server/handler.h"
#include "webhook/server/observer.h"

namespace xzgate::server {

// Where to listen and how much to take (hardening.md, 4.5).
struct FrontConfig {
  std::string address = "0.0.0.0";  // numeric; "::" takes IPv4 too
  std::uint16_t port = 0;           // 0: the kernel chooses
  std::size_t max_connections = 2048;
  std::size_t max_per_peer = 0;  // 0: as max_connections, since the API server is one peer
  std::size_t max_bodies_bytes = 256 * 1024 * 1024;  // of all requests in flight together
  FramingLimits limits = {};
  PhaseTimeouts timeouts = {};
  // While draining, an idle connection is kept this long for a request that may be on its way.
  std::chrono::milliseconds drain_idle{1'000};
};

// Owns a listening socket, its connections and the one thread that serves them all; hands out
// complete requests and sends the answers. What lies under the bytes (TLS or nothing) and who
// answers come in as functions. Thread-safe.
class Front {
 public:
  using ConnectionId = std::uint64_t;

  // How a front is used. All are called on its thread and must be quick and not throw.
  struct Hooks {
    std::function<std::unique_ptr<Channel>(int fd)> open;
    // A complete request; leads to one call of Answer with this id, at once or later, from any
    // thread.
    std::function<void(ConnectionId id, FramedRequest request)> dispatch;
    // Called about once a second; may be empty.
    std::function<void()> tick;
  };

  // Listens; nothing is served before Start. Borrows clock, logger and observer. Errors: as
  // ListenOn; kInternal without an event loop.
  static Result<std::unique_ptr<Front>> Create(const FrontConfig& config, std::vector<Route> routes,
                                               Hooks hooks, const Clock& clock, log::Logger& logger,
                                               Observer& observer);

  // Closes everything at once; Drain comes before it when answers matter.
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Starts the thread. Errors: kResourceExhausted. Call once.
  Result<void> Start();

  // Ends the thread: no hook runs afterwards, and Answer does nothing. The destructor does it too.
  void Stop();

  std::uint16_t port() const;
  std::size_t connections() const;

  void Answer(ConnectionId id, HttpResponse response);

  // Looks at deadlines and calls the tick now, instead of when the timer says: for tests that move
  // a clock. Returns when it has. Call between Start and Stop.
  void Wake();

  // Takes what waits in the backlog, stops listening, answers everything that comes on open
  // connections with `Connection: close`, closes idle ones, and returns when none is left. Error:
  // kDeadlineExceeded when some had to be cut at the deadline. Blocks. Call once, between Start and
  // Stop.
  Result<void> Drain(Deadline deadline);

 private:
  class Loop;
  explicit Front(std::unique_ptr<Loop> loop);
  const std::unique_ptr<Loop> loop_;
};

}  // namespace xzgate::server
