#include "cmd/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace xzgate::cmd {
namespace {

constexpr std::chrono::milliseconds kFirstRest{100};
constexpr std::chrono::milliseconds kLongestRest{10'000};
constexpr std::chrono::seconds kHealthyLife{
    10};  // a child that lived longer starts afresh with the first rest
constexpr std::chrono::seconds kStopPatience{10};
constexpr int kFirstPrivateDescriptor = 3;

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(std::vector<std::string> arguments, log::Logger& logger)
    : arguments_(std::move(arguments)), logger_(logger) {}

Supervisor::~Supervisor() {
  Stop();
}

void Supervisor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Supervisor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (child_ > 0) ::kill(child_, SIGTERM);
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Supervisor::IsRunning() {
  const std::lock_guard lock(mutex_);
  return child_ > 0;
}

std::uint64_t Supervisor::restarts() {
  const std::lock_guard lock(mutex_);
  return restarts_;
}

// Between fork and exec only calls that are safe after a fork of a threaded process.
pid_t Supervisor::Spawn() {
  std::vector<char*> arguments;
  for (const auto& argument : arguments_) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // the parent died before the line above took hold
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::close_range(kFirstPrivateDescriptor, ~0U, 0);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void Supervisor::Run() {
  auto rest = kFirstRest;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto born = std::chrono::steady_clock::now();
    child_ = Spawn();
    if (child_ < 0) {
      logger_.Error("scanner process could not be started", {{"error", std::strerror(errno)}});
    } else {
      const pid_t child = child_;
      int status = 0;
      auto killed_at = std::chrono::steady_clock::time_point::max();
      while (true) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) break;
        const auto now = std::chrono::steady_clock::now();
        if (stopping_ && killed_at == std::chrono::steady_clock::time_point::max())
          killed_at = now + kStopPatience;
        if (now >= killed_at) ::kill(child, SIGKILL);
        wake_.wait_for(lock, std::chrono::milliseconds(20));
      }
      child_ = -1;
      if (stopping_) return;
      logger_.Error(
          "scanner process ended, starting it again",
          {{"how", HowItEnded(status)}, {"in_ms", static_cast<std::int64_t>(rest.count())}});
    }
    ++restarts_;
    if (std::chrono::steady_clock::now() - born > kHealthyLife) rest = kFirstRest;
    wake_.wait_for(lock, rest, [this] { return stopping_; });
    rest = std::min(rest * 2, kLongestRest);
  }
}

}  // namespace xzgate::cmd
