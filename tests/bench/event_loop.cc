#include "tests/bench/event_loop.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace xzgate::bench {

Result<EventLoop> EventLoop::Create() {
  // Timers to the microsecond: latency counts from the time that a request was due.
  prctl(PR_SET_TIMERSLACK, 1UL);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return Internal("epoll: cannot be had");
  return EventLoop(epoll);
}

EventLoop::EventLoop(EventLoop&& other) noexcept
    : epoll_(std::exchange(other.epoll_, -1)),
      timers_(std::move(other.timers_)),
      again_(std::move(other.again_)) {}

EventLoop::~EventLoop() {
  if (epoll_ >= 0) close(epoll_);
}

bool EventLoop::Watch(int fd, Handler& handler) {
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::At(Time when, std::function<void()> call) {
  timers_.push({when, std::move(call)});
}

void EventLoop::Run(Time end, const std::function<bool()>& is_over) {
  while (!is_over() && Clock::now() < end) {
    RunTimers();
    for (Handler* const handler : std::exchange(again_, {})) handler->OnReady();
    Wait(end);
  }
}

void EventLoop::RunTimers() {
  while (!timers_.empty() && timers_.top().when <= Clock::now()) {
    const std::function<void()> call = timers_.top().call;
    timers_.pop();
    call();
  }
}

void EventLoop::Wait(Time end) {
  if (!timers_.empty()) end = std::min(end, timers_.top().when);
  auto left = std::max(std::chrono::nanoseconds(end - Clock::now()), std::chrono::nanoseconds(0));
  if (!again_.empty()) left = {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout = {seconds.count(), (left - seconds).count()};
  std::array<epoll_event, 256> events;
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    static_cast<Handler*>(events[static_cast<std::size_t>(i)].data.ptr)->OnReady();
  }
}

}  // namespace xzgate::bench
