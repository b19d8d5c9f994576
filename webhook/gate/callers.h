#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "webhook/gate/tag_resolver.h"

namespace xzgate::gate {

// Threads that make registry calls for requests with several tags. There is no queue: a call has a
// thread at once or is the request's own to make. So pods that name many slow registries use these
// threads up, but stop nobody. Thread-safe; owns its threads, which are made when they are first
// needed. At destruction calls that run are waited for.
class Callers {
 public:
  static constexpr std::size_t kMaxThreads = 32;  // for the whole process
  // For each call that a request has running here, this many threads must be free beside the one
  // it wants: the second to fourth call of one never take what others need for their first.
  static constexpr std::size_t kReserve = 8;

  Callers() = default;
  ~Callers();
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Takes `call` and makes it by `deadline`; false, and it is left alone, where there is no thread
  // for a request that has `held` calls running here. Never blocks.
  bool TryMake(std::size_t held, TagResolver::Call& call, Deadline deadline);

 private:
  struct Task {
    TagResolver::Call call;
    Deadline deadline;
  };

  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_. A task here has a thread that is on its way: busy_ counts those that run and
  // those here, and is never more than threads_.
  std::deque<Task> tasks_;
  std::size_t busy_ = 0;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace xzgate::gate
