#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log/logger.h"
#include "cmd/policy_files.h"
#include "webhook/gate/gate.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Keeps the gate's policies as the files say: looks every second, hands a good change to the gate,
// and shows a bad one by log, metric and readiness text. Owns a thread; thread-safe.
class PolicyFollower {
 public:
  PolicyFollower(std::vector<std::string> paths, gate::Gate& gate, log::Logger& logger,
                 prometheus::Registry& metrics);
  ~PolicyFollower();

  void Start();
  void Stop();

  // Whether some policies are in force (the built-in default counts when no path is configured),
  // and what is wrong with the files now.
  bool IsLoaded();
  std::string LastError();

 private:
  void Run();
  void Look();

  PolicyFiles files_;
  gate::Gate& gate_;
  log::Logger& logger_;
  struct Metrics;
  std::unique_ptr<Metrics> metrics_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_, as are the next two
  bool loaded_ = false;
  std::string last_error_;
  std::thread thread_;
};

}  // namespace xzgate::cmd
