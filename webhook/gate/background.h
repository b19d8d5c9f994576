#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace xzgate::gate {

// Runs small tasks after the answer was sent: sightings, and tags that warn and audit do not wait
// for. Bounded: a task that finds the queue full is dropped. Thread-safe; owns its thread; tasks
// still queued at destruction are dropped: thousands of tags at a slow registry would take hours.
class Background {
 public:
  static constexpr std::size_t kMaxTasks = 4096;

  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // False when the queue is full.
  bool Post(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::thread thread_;
};

}  // namespace xzgate::gate
