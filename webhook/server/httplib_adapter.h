#pragma once

#include <memory>
#include <vector>

#include "base/log/logger.h"
#include "webhook/server/handler.h"
#include "webhook/server/request_head.h"

namespace xzgate::server {

// A route with who answers it. The handler outlives the server it is given to.
struct RoutedHandler {
  Route route;
  Handler* handler = nullptr;
};

// Runs complete requests through a subclass of httplib::Server over a stream in memory: httplib
// routes, calls the handler and writes the answer; the front keeps everything that touches the
// network. The one place that knows httplib. Thread-safe.
//
// httplib gets a request line written by us, never a header line or a body of the peer's: reading
// those is where most of its holes are (hardening.md, 4.4). What it answers is read back and
// checked, and framed by the front.
class HttplibAdapter final : public Handler {
 public:
  // Borrows handlers and logger.
  HttplibAdapter(const std::vector<RoutedHandler>& handlers, log::Logger& logger);
  ~HttplibAdapter() override;
  HttplibAdapter(const HttplibAdapter&) = delete;
  HttplibAdapter& operator=(const HttplibAdapter&) = delete;

  // The handler's answer. A handler that throws gives a 500 with a fixed text; what it threw goes
  // to the log only.
  HttpResponse Handle(const HttpRequest& request, Blocking& blocking) override;

 private:
  class Server;
  log::Logger& logger_;
  const std::unique_ptr<Server> server_;
};

}  // namespace xzgate::server
