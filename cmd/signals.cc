#include "cmd/signals.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace xzgate::cmd {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file at its limit is an error of the write, as a full disk is
}

int WaitForStopSignal() {
  const sigset_t set = StopSignals();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  return number;
}

std::optional<int> WaitForStopSignal(std::chrono::milliseconds at_most) {
  const sigset_t set = StopSignals();
  const auto end = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const auto left = std::max(end - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec patience{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    const int number = sigtimedwait(&set, nullptr, &patience);
    if (number > 0) return number;
    if (errno != EINTR) return std::nullopt;  // EINTR: another signal, one that has a handler
  }
}

}  // namespace xzgate::cmd
