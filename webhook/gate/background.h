#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace xzgate::gate {

// Runs tasks after the answer was sent, on a few threads, one at a time for each registry host: one
// that does not answer holds up nobody else's. A task that fails takes the others of its host with
// it; they are made up for when they are asked for again. Bounded: a task that finds the queue full
// is dropped, and so are those still queued at destruction. Thread-safe; owns its threads.
class Background {
 public:
  static constexpr std::size_t kMaxTasks = 4096;
  static constexpr std::size_t kThreads = 4;

  // Whether the host answered.
  using Task = std::function<bool()>;

  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // False when the queue is full.
  bool Post(const std::string& host, Task task);

 private:
  struct Queued {
    std::string host;
    Task task;
  };

  void Run();
  std::deque<Queued>::iterator FindReady();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> tasks_;       // guarded by mutex_, as are the next two
  std::set<std::string> running_;  // hosts
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace xzgate::gate
