#include "cmd/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace xzgate::cmd {
namespace {

constexpr std::chrono::milliseconds kFirstRest{100};
constexpr std::chrono::milliseconds kLongestRest{10'000};
constexpr std::chrono::seconds kHealthyLife{
    10};  // a child that lived longer starts afresh with the first rest
constexpr std::chrono::seconds kStopPatience{10};
constexpr int kLastWordsDescriptor = 3;  // in the child: the writing end of a pipe
constexpr int kFirstPrivateDescriptor = 4;
constexpr const char* kSupervised = "XZGATE_SUPERVISED=1";  // says so to SayLastWords
constexpr std::size_t kMaxLastWords = 800;                  // a pipe takes as much without waiting

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

// What a child that ended left in its pipe; never waits.
std::string LastWords(int pipe) {
  std::array<char, kMaxLastWords> bytes;
  const ssize_t count = pipe < 0 ? 0 : ::read(pipe, bytes.data(), bytes.size());
  return count > 0 ? ": " + std::string(bytes.data(), static_cast<std::size_t>(count)) : "";
}

// A pipe for a child's last words; both -1 when there is none to be had.
struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    ::close(ends[0]);
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseWriter() {
    ::close(ends[1]);
    ends[1] = -1;
  }
  std::array<int, 2> ends = {-1, -1};
};

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

std::string Supervisor::last_end() {
  const std::lock_guard lock(mutex_);
  return last_end_;
}

// Between fork and exec only calls that are safe after a fork of a threaded process.
pid_t Supervisor::Spawn(int last_words) {
  std::vector<char*> arguments;
  for (const auto& argument : arguments_) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (char** one = ::environ; one != nullptr && *one != nullptr; ++one) variables.push_back(*one);
  variables.push_back(const_cast<char*>(kSupervised));
  variables.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // the parent died before the line above took hold
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (last_words == kLastWordsDescriptor) ::fcntl(last_words, F_SETFD, 0);
  if (last_words < 0 || ::dup2(last_words, kLastWordsDescriptor) < 0) ::close(kLastWordsDescriptor);
  ::close_range(kFirstPrivateDescriptor, ~0U, 0);
  ::execve(arguments[0], arguments.data(), variables.data());
  ::_exit(127);
}

void Supervisor::Run() {
  auto rest = kFirstRest;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto born = std::chrono::steady_clock::now();
    Pipe last_words;
    child_ = Spawn(last_words.ends[1]);
    last_words.CloseWriter();
    if (child_ < 0) {
      last_end_ = std::string("no process: ") + std::strerror(errno);
      logger_.Error("scanner process could not be started", {{"error", last_end_}});
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
      const std::string how = HowItEnded(status);
      last_end_ = how + LastWords(last_words.ends[0]);
      logger_.Error("scanner process ended, starting it again",
                    {{"how", how}, {"in_ms", static_cast<std::int64_t>(rest.count())}});
    }
    ++restarts_;
    if (std::chrono::steady_clock::now() - born > kHealthyLife) rest = kFirstRest;
    wake_.wait_for(lock, rest, [this] { return stopping_; });
    rest = std::min(rest * 2, kLongestRest);
  }
}

void SayLastWords(std::string_view words) {
  if (std::getenv("XZGATE_SUPERVISED") == nullptr) return;
  words = words.substr(0, kMaxLastWords);
  [[maybe_unused]] const auto written = ::write(kLastWordsDescriptor, words.data(), words.size());
}

}  // namespace xzgate::cmd
