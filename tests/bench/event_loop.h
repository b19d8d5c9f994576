#pragma once

#include <chrono>
#include <functional>
#include <queue>
#include <vector>

#include "base/result.h"

namespace xzgate::bench {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

// One thread's epoll and timers, for thousands of clients. Confined to one thread; handlers and
// what the timers hold live as long as it.
class EventLoop {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void OnReady() = 0;  // has to read and write until neither goes on
  };

  static Result<EventLoop> Create();
  ~EventLoop();
  EventLoop(EventLoop&& other) noexcept;
  EventLoop& operator=(EventLoop&&) = delete;

  // Tells when `fd` turns readable or writable; ends when the descriptor is closed.
  bool Watch(int fd, Handler& handler);
  void At(Time when, std::function<void()> call);
  // Calls OnReady once more after the others had their turn.
  void Again(Handler& handler) { again_.push_back(&handler); }

  // Runs until `is_over` (asked after each turn) or `end`.
  void Run(Time end, const std::function<bool()>& is_over);

 private:
  struct Timer {
    Time when;
    std::function<void()> call;
    bool operator>(const Timer& other) const { return when > other.when; }
  };

  explicit EventLoop(int epoll) : epoll_(epoll) {}
  void RunTimers();
  void Wait(Time end);

  int epoll_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<Handler*> again_;
};

}  // namespace xzgate::bench
