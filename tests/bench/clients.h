#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "tests/bench/tls_client.h"

namespace xzgate::bench {

// Clients that keep their connection and send a request each whenever one is due, however late the
// last answer was (open loop): latency counts from the due time.
struct KeptLoad {
  std::size_t connections = 8;
  double rate = 0;  // requests a second, of all together; 0: the next as soon as the last is
                    // answered (closed loop), which measures throughput and nothing else
  std::chrono::duration<double> warm_up{1};  // the connections are opened over its first half
  std::chrono::duration<double> length{5};
};
std::string RunKept(const Target& target, const std::string& request, const KeptLoad& load);

// A new client for each request: connection, full handshake and answer, from the due time.
struct FreshLoad {
  double rate = 50;
  std::chrono::duration<double> length{5};
};
std::string RunFresh(const Target& target, const std::string& request, const FreshLoad& load);

// Connections that are held and come back when they are cut: idle ones, which were answered once,
// and ones that send a byte of an endless head each second. Prints "held" when all are there, and
// ends with its standard input.
struct HeldLoad {
  std::size_t idle = 256;
  std::size_t dripping = 64;
};
std::string RunHeld(const Target& target, const std::string& request, const HeldLoad& load);

// Connections that all send the same hostile bytes at once, as fast as they are taken, until they
// are cut. `shape` is a name of HostileShapes().
struct HostileLoad {
  std::string shape;
  std::size_t connections = 64;
  std::chrono::duration<double> longest{60};
};
std::string RunHostile(const Target& target, const HostileLoad& load);
std::string HostileShapes();

// Each returns a JSON object.

}  // namespace xzgate::bench
