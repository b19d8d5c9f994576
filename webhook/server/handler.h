#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace xzgate::server {

// A complete request, within the listener's limits. Borrowed for the call.
struct HttpRequest {
  std::string_view method;        // "GET", "POST"
  std::string_view path;          // without query
  std::string_view query;         // after '?', "" if none
  std::string_view content_type;  // "" if none
  std::string_view body;
  SteadyTime arrived;  // when the last byte of it was read: deadlines count from here
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

// Marks the calling worker as waiting while alive, so that the pool may run another request in its
// place. Given to handlers.
class Blocking {
 public:
  virtual ~Blocking() = default;
  // True when this worker may wait; false when too many wait already (the handler then answers
  // without waiting).
  virtual bool Begin() = 0;
  virtual void End() = 0;
};

// Answers requests. Called from many worker threads at once; must not throw.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual HttpResponse Handle(const HttpRequest& request, Blocking& blocking) = 0;
};

}  // namespace xzgate::server
