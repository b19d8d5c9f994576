#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http/transport.h"
#include "base/result.h"

namespace xzgate::registry {

// Remembers which hosts asked to be left alone, and until when. Thread-safe; `clock` must outlive
// it.
class HostWindows {
 public:
  static constexpr std::chrono::hours kMaxWindow{
      1};  // a longer Retry-After is not believed (hardening.md 8.3)
  static constexpr std::chrono::seconds kBareWindow{
      10};  // for a 429 that does not say how long: Docker Hub's abuse limit
  static constexpr std::size_t kMaxHosts = 4096;

  explicit HostWindows(const Clock& clock) : clock_(clock) {}

  // Takes note of a 429, or of a 503 with Retry-After; other answers change nothing.
  void Note(const std::string& host, const http::Response& response);

  // What is left of the host's window; zero when it has none.
  std::chrono::milliseconds BusyFor(const std::string& host) const;

  // Every host that has a window now.
  std::vector<std::string> BusyHosts() const;

  // kUnavailable saying until when, while the host has a window.
  Result<void> Check(const std::string& host) const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards until_
  std::map<std::string, SteadyTime> until_;
};

}  // namespace xzgate::registry
