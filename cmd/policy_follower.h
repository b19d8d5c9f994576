#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log/logger.h"
#include "cmd/policy_files.h"

namespace prometheus {
class Registry;
}

namespace xzgate::cmd {

// Keeps a process' policies as the files say: looks every second, hands a good change to whoever
// goes by them, and shows a bad one by log, metric and readiness text. Owns a thread; thread-safe.
class PolicyFollower {
 public:
  // Takes a new set into force. Called on one thread at a time.
  using Sink = std::function<void(std::shared_ptr<const policy::PolicySet> policies)>;

  PolicyFollower(std::vector<std::string> paths, Sink sink, log::Logger& logger,
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
  const Sink sink_;
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
