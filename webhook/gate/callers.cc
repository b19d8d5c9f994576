#include "webhook/gate/callers.h"

#include <exception>
#include <system_error>
#include <utility>

namespace xzgate::gate {

Callers::~Callers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Callers::TryMake(std::size_t held, TagResolver::Call& call, Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || busy_ + held * kReserve >= kMaxThreads) return false;
    if (busy_ == threads_.size()) {
      try {
        threads_.emplace_back([this] { Run(); });
      } catch (const std::system_error&) {
        return false;  // the machine has no more threads
      }
    }
    tasks_.push_back({.call = std::move(call), .deadline = deadline});
    ++busy_;
  }
  wake_.notify_one();
  return true;
}

void Callers::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      try {
        task.call.Make(task.deadline);
      } catch (const std::exception&) {
        // Memory ran out: the call lands as given up, and who waits for it is told.
      }
    }
    lock.lock();
    --busy_;
  }
}

}  // namespace xzgate::gate
