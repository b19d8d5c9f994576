#pragma once

#include <cstdint>
#include <string_view>

namespace xzgate::registry {

enum class HostClass : std::uint8_t { kDockerHub, kConfigured, kOther };

// "docker_hub", "configured", "other": a closed set, for labels.
std::string_view ToString(HostClass host_class);

// Is told of each request to a registry or, for its sake, to a token server. Implementations are
// thread-safe and return at once.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // `status` is the answer's, 0 when there was none.
  virtual void OnRequest(HostClass host_class, int status) = 0;
};

}  // namespace xzgate::registry
