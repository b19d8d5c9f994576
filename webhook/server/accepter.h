#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "webhook/server/unique_fd.h"

namespace xzgate::server {

// Connections that the kernel keeps for us while we are busy (cpp-httplib's 5 loses them:
// hardening.md, 2.4).
inline constexpr int kBacklog = 1024;

// Listens on a numeric address ("0.0.0.0", "::", "127.0.0.1"); "::" takes IPv4 too. Port 0 lets the
// kernel choose. Errors, all naming address and port: kInvalidArgument for no numeric address,
// kPermissionDenied, kUnavailable (in use).
Result<UniqueFd> ListenOn(const std::string& address, std::uint16_t port);

// The port that a listening descriptor is bound to; 0 when it is not.
std::uint16_t BoundPort(int fd);

// Takes connections off a listening socket and survives every way in which accept fails. Keeps a
// descriptor in reserve: without one, a process at its limit could not even refuse a connection,
// and would spin. Confined to one thread.
class Accepter {
 public:
  enum class Outcome : std::uint8_t {
    kAccepted,   // `socket` is non-blocking, close-on-exec and without delay
    kEmpty,      // none waits
    kRetry,      // this one is gone already; call again
    kExhausted,  // out of descriptors: free one and call again, or call RefuseOne
    kPause,      // out of memory or worse: call again a little later
  };
  struct Accepted {
    Outcome outcome = Outcome::kEmpty;
    UniqueFd socket;
    std::string peer;  // numeric address without port
    int error = 0;     // errno of the last three outcomes
  };
  using AcceptCall = std::function<int(int listening, void* address, unsigned* address_size)>;

  explicit Accepter(UniqueFd listening);
  // With another accept, for tests of its failures.
  Accepter(UniqueFd listening, AcceptCall accept);

  Accepted Next();

  // Gives up the reserve to accept one connection and close it. False when there was no reserve.
  bool RefuseOne();

  int fd() const { return listening_.get(); }
  void Close() { listening_.Reset(); }

 private:
  UniqueFd listening_;
  AcceptCall accept_;
  UniqueFd reserve_;
};

}  // namespace xzgate::server
