#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log/logger.h"

namespace xzgate::cmd {

// Keeps a child process alive: `xzgate scanner` under `xzgate serve`. A child that ends is started
// again, after a rest that doubles from 0.1 s to 10 s while it keeps dying young. The child dies
// with its parent, and gets neither its descriptors nor its serving key. Owns a thread;
// thread-safe.
class Supervisor {
 public:
  // `arguments` start with the program's path.
  Supervisor(std::vector<std::string> arguments, log::Logger& logger);
  ~Supervisor();  // as Stop
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void Start();
  // SIGTERM, then SIGKILL after 10 s.
  void Stop();

  bool IsRunning();
  // How often the child had to be started again.
  std::uint64_t restarts();
  // How it last ended by itself, and what it left of SayLastWords: "exit code 2: address in use",
  // "signal 9"; "" while it never did.
  std::string last_end();

 private:
  void Run();
  pid_t Spawn(int last_words);

  const std::vector<std::string> arguments_;
  log::Logger& logger_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_, as are the next three
  pid_t child_ = -1;
  std::uint64_t restarts_ = 0;
  std::string last_end_;
  std::thread thread_;
};

// Tells the supervisor of this process, if it has one, why it ends; once, before the end.
void SayLastWords(std::string_view words);

}  // namespace xzgate::cmd
