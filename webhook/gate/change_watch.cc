#include "webhook/gate/change_watch.h"

namespace xzgate::gate {

ChangeWatch::ChangeWatch(store::Store& store) : store_(store), thread_([this] { Run(); }) {}

ChangeWatch::~ChangeWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  changed_.notify_all();
  thread_.join();
}

ChangeWatch::Seen ChangeWatch::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

bool ChangeWatch::Wait(const Seen& seen, Deadline deadline) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  wanted_.notify_all();
  const auto is_news = [&] { return seen_ != seen || stopping_; };
  const bool news = deadline.IsNever() ? (changed_.wait(lock, is_news), true)
                                       : changed_.wait_until(lock, deadline.when(), is_news);
  --waiting_;
  return news;
}

void ChangeWatch::Landed() {
  {
    const std::lock_guard lock(mutex_);
    ++seen_.landings;
  }
  changed_.notify_all();
}

void ChangeWatch::Run() {
  std::uint64_t counter = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wanted_.wait(lock, [this] { return waiting_ > 0 || stopping_; });
    lock.unlock();
    const auto now = store_.ChangeCounter();
    lock.lock();
    if (!now || *now != counter) {
      counter = now.value_or(counter);
      ++seen_.changes;
      changed_.notify_all();
    }
    wanted_.wait_for(lock, kPoll, [this] { return stopping_; });
  }
}

}  // namespace xzgate::gate
