#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace xzgate::server {

// What a check found: a text that people read in the body of /readyz, and whether all is well.
struct CheckResult {
  bool ok = true;
  std::string text;
};

// The named checks that decide readiness. Thread-safe; checks are run one after the other by
// whoever asks, so they must be quick, and must not throw.
class HealthRegistry {
 public:
  using Check = std::function<CheckResult()>;

  struct Report {
    bool ready = true;
    std::string body;  // one line for each check, in the order added
  };

  // A failing required check makes the whole not ready; any other is only shown. Names are unique.
  void Add(std::string name, bool required, Check check);

  // From now on not ready, whatever the checks say: the first step of shutting down.
  void BeginShutdown();

  Report Run() const;

 private:
  struct Named {
    std::string name;
    bool required = true;
    Check check;
  };

  mutable std::mutex mutex_;  // guards what follows; not held while checks run
  std::vector<Named> checks_;
  bool shutting_down_ = false;
};

}  // namespace xzgate::server
