#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "webhook/server/handler.h"

namespace xzgate::server {

struct WorkerLimits {
  std::size_t threads = 4;        // that run at the same time
  std::size_t max_waiting = 256;  // that wait beside them (Blocking): each is one thread more
  std::size_t max_queue = 1024;   // jobs without a thread yet
};

// Runs jobs on a few threads. A job that waits for something (Blocking) does not count as running:
// another thread takes its place, so that waiting requests do not stop the others. Thread-safe.
class WorkerPool {
 public:
  class Job {
   public:
    virtual ~Job() = default;
    virtual void Run(Blocking& blocking) = 0;  // must not throw
  };

  // Errors: kResourceExhausted when the threads cannot be made.
  static Result<std::unique_ptr<WorkerPool>> Create(const WorkerLimits& limits);

  // Runs what is queued to its end, then stops.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Takes `job`; false, and `job` is left alone, when the queue is full. Never blocks.
  bool TrySubmit(std::unique_ptr<Job>& job);

  struct Load {
    std::size_t threads = 0, running = 0, waiting = 0, queued = 0;
  };
  Load load() const;

 private:
  class State;
  explicit WorkerPool(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace xzgate::server
