#pragma once

#include <cstddef>
#include <cstdint>

namespace xzgate::server {

// Why a connection ended.
enum class CloseReason : std::uint8_t {
  kDone,       // the peer closed, or we did after an answer that said so
  kHandshake,  // the TLS handshake failed or there is no certificate
  kTimeout,    // a deadline of its phase passed
  kCap,        // made room for another under the connection caps
  kRefused,    // what came is not a request that we take
  kFailed,     // the connection broke
  kDrain,      // idle, or over the deadline, while shutting down
};

// Why a request was answered without its handler.
enum class ShedReason : std::uint8_t {
  kQueueFull,   // more requests wait for a worker than may
  kQueueTime,   // waited for a worker longer than may be
  kBodyBudget,  // the bodies in flight use up their memory
};

// Hears what a listener does, for metrics. Called on the listener's own thread (OnShed also on
// workers); must be quick and not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnConnectionOpened() {}
  virtual void OnConnectionClosed(CloseReason) {}
  virtual void OnHandshakeDone() {}
  virtual void OnRequest() {}
  virtual void OnResponse(int /*status*/) {}  // also of refusals
  virtual void OnShed(ShedReason) {}
  virtual void OnBytes(std::size_t /*received*/, std::size_t /*sent*/) {}  // above TLS
  virtual void OnAcceptError(int /*error*/) {}                             // errno
};

}  // namespace xzgate::server
