#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace xzgate::gate {

// Runs tasks after the answer was sent, one by one on a thread of its own. Bounded: a task that
// finds the queue full is dropped. Thread-safe; owns its thread.
class Background {
 public:
  static constexpr std::size_t kMaxTasks = 4096;

  // What becomes of tasks still queued at destruction; the one that runs is waited for either way.
  enum class AtEnd : std::uint8_t {
    kRun,   // short ones, such as rows to write
    kDrop,  // calls to registries: thousands of them at a slow one would take hours
  };

  explicit Background(AtEnd at_end);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // False when the queue is full.
  bool Post(std::function<void()> task);

 private:
  void Run();

  const AtEnd at_end_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::thread thread_;
};

}  // namespace xzgate::gate
