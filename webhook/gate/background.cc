#include "webhook/gate/background.h"

#include <algorithm>
#include <exception>

namespace xzgate::gate {

Background::Background() {
  for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool Background::Post(const std::string& host, Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= kMaxTasks) return false;
    tasks_.push_back({.host = host, .task = std::move(task)});
  }
  wake_.notify_one();
  return true;
}

std::deque<Background::Queued>::iterator Background::FindReady() {
  return std::find_if(tasks_.begin(), tasks_.end(),
                      [this](const Queued& queued) { return !running_.contains(queued.host); });
}

void Background::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || FindReady() != tasks_.end(); });
    if (stopping_) return;
    const auto ready = FindReady();
    const Queued taken = std::move(*ready);
    tasks_.erase(ready);
    running_.insert(taken.host);
    lock.unlock();
    bool answered = true;
    try {
      answered = taken.task();
    } catch (const std::exception&) {
      // Memory ran out, which is not the host's doing. Nobody waits for the task.
    }
    lock.lock();
    running_.erase(taken.host);
    if (!answered) {
      std::erase_if(tasks_, [&taken](const Queued& other) { return other.host == taken.host; });
    }
    wake_.notify_one();  // its next one may be ready
  }
}

}  // namespace xzgate::gate
