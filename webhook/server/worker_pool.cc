#include "webhook/server/worker_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "webhook/server/thread_signals.h"

namespace xzgate::server {
namespace {

// A spare thread without work goes away after this long; making one costs about 30 us.
constexpr std::chrono::seconds kSpareLife{10};

}  // namespace

// Each thread is parked, running or waiting. A job starts only while running_ < limits_.threads; a
// thread that comes back from waiting goes on at once, so that running_ may exceed the limit for
// the rest of its job.
class WorkerPool::State {
 public:
  explicit State(const WorkerLimits& limits) : limits_(limits) {}
  ~State();

  Result<void> Start();
  bool TrySubmit(std::unique_ptr<Job>& job);
  Load load() const;

 private:
  class Turn;
  using Threads = std::list<std::thread>;

  void Run(Threads::iterator self);
  bool CanStart() const { return !queue_.empty() && (running_ < limits_.threads || stopping_); }
  bool Spawn();
  void Compensate();
  bool BeginWait();
  void EndWait();

  const WorkerLimits limits_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::condition_variable gone_;  // for the destructor
  std::deque<std::unique_ptr<Job>> queue_;
  Threads threads_;
  Threads ended_;  // to be joined
  std::size_t parked_ = 0;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
  bool stopping_ = false;
};

// The Blocking of one job; ends a wait that the job forgot to end.
class WorkerPool::State::Turn final : public Blocking {
 public:
  explicit Turn(State& state) : state_(state) {}
  ~Turn() override { End(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool Begin() override {
    if (!waits_) waits_ = state_.BeginWait();
    return waits_;
  }
  void End() override {
    if (std::exchange(waits_, false)) state_.EndWait();
  }

 private:
  State& state_;
  bool waits_ = false;
};

WorkerPool::State::~State() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  work_.notify_all();
  while (!threads_.empty() || !ended_.empty()) {
    // Threads move themselves from threads_ to ended_ as their last act.
    gone_.wait(lock, [this] { return !ended_.empty(); });
    Threads ended = std::exchange(ended_, {});
    lock.unlock();
    for (std::thread& thread : ended) thread.join();
    lock.lock();
  }
}

Result<void> WorkerPool::State::Start() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < limits_.threads; ++i) {
    if (!Spawn())
      return ResourceExhausted("cannot start worker threads: want " +
                               std::to_string(limits_.threads));
  }
  return {};
}

// With mutex_ held; ended threads no longer need it, so joining them does not wait.
bool WorkerPool::State::Spawn() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
  const auto self = threads_.emplace(threads_.end());
  try {
    *self = std::thread([this, self] { Run(self); });
  } catch (const std::system_error&) {
    threads_.erase(self);
    return false;
  }
  return true;
}

bool WorkerPool::State::TrySubmit(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limits_.max_queue) return false;
    queue_.push_back(std::move(job));
    Compensate();
  }
  work_.notify_one();
  return true;
}

// With mutex_ held: makes a thread if a job could start and nobody is there to take it.
void WorkerPool::State::Compensate() {
  if (CanStart() && parked_ == 0 && threads_.size() < limits_.threads + limits_.max_waiting)
    Spawn();
}

void WorkerPool::State::Run(Threads::iterator self) {
  BlockSignalsHere();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++parked_;
    const bool can_start =
        work_.wait_for(lock, kSpareLife, [this] { return CanStart() || stopping_; });
    --parked_;
    if (!CanStart()) {
      const bool is_spare = !can_start && parked_ >= limits_.threads;
      if (stopping_ || is_spare) break;
      continue;
    }
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    Compensate();  // jobs that came before this thread woke up
    lock.unlock();
    {
      Turn turn(*this);
      job->Run(turn);
    }
    job.reset();  // what it owns goes before the next begins
    lock.lock();
    --running_;
  }
  ended_.splice(ended_.end(), threads_, self);
  gone_.notify_one();
}

bool WorkerPool::State::BeginWait() {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ >= limits_.max_waiting) return false;
    ++waiting_;
    --running_;
    Compensate();
  }
  work_.notify_one();
  return true;
}

void WorkerPool::State::EndWait() {
  const std::lock_guard lock(mutex_);
  --waiting_;
  ++running_;
}

WorkerPool::Load WorkerPool::State::load() const {
  const std::lock_guard lock(mutex_);
  return {.threads = threads_.size(),
          .running = running_,
          .waiting = waiting_,
          .queued = queue_.size()};
}

Result<std::unique_ptr<WorkerPool>> WorkerPool::Create(const WorkerLimits& limits) {
  auto state = std::make_unique<State>(limits);
  XZGATE_RETURN_IF_ERROR(state->Start());
  return std::unique_ptr<WorkerPool>(new WorkerPool(std::move(state)));
}

WorkerPool::WorkerPool(std::unique_ptr<State> state) : state_(std::move(state)) {}
WorkerPool::~WorkerPool() = default;

bool WorkerPool::TrySubmit(std::unique_ptr<Job>& job) {
  return state_->TrySubmit(job);
}
WorkerPool::Load WorkerPool::load() const {
  return state_->load();
}

}  // namespace xzgate::server
