#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "webhook/server/certificate_source.h"
#include "webhook/server/front.h"
#include "webhook/server/handler.h"
#include "webhook/server/httplib_adapter.h"
#include "webhook/server/observer.h"
#include "webhook/server/worker_pool.h"

namespace xzgate::server {

// A Handler that also chooses the answer to a request for which no worker was free in time: an HTTP
// error would be a call failure, and so the cluster's failurePolicy, never a decision
// (kubernetes.md, 1.4).
class SheddingHandler : public Handler {
 public:
  // Called on the listener's thread, or on a worker for a request that waited too long; must be
  // cheap and not throw. A 503 unless overridden; never with Retry-After, which makes the API
  // server ask again.
  virtual HttpResponse Overloaded(const HttpRequest& request);
};

struct ListenerConfig {
  FrontConfig front = {};
  WorkerLimits workers = {};
  // A request that waited longer than this for a worker is shed: its caller (10 s by default) is
  // about to give up.
  std::chrono::milliseconds max_queue_time{8'000};
};

// The TLS listener of the webhook: one thread owns all connections, deadlines and byte limits; a
// few workers run the handlers through httplib. Thread-safe.
class Listener {
 public:
  // Listens, without serving yet, and looks at the certificate files a first time; without a
  // certificate handshakes fail until there is one. A handler that is a SheddingHandler is asked
  // when there is too much to do. Borrows all references and handlers. Errors: as Front::Create and
  // WorkerPool::Create.
  static Result<std::unique_ptr<Listener>> Create(const ListenerConfig& config,
                                                  std::vector<RoutedHandler> handlers,
                                                  CertificateSource& certificates,
                                                  const Clock& clock, log::Logger& logger,
                                                  Observer& observer);

  // Cuts connections; waits for handlers that run.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<void> Start();

  std::uint16_t port() const;
  std::size_t connections() const;
  WorkerPool::Load load() const;

  // See Front::Wake; also looks at the certificate files.
  void Wake();

  // See Front::Drain. Readiness has to fail some time before, so that no new connections are sent
  // here.
  Result<void> Drain(Deadline deadline);

 private:
  class Call;
  struct Parts;
  explicit Listener(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace xzgate::server
