#include "scanner/worker/service.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "scanner/worker/job_runner.h"
#include "scanner/worker/signature_watcher.h"
#include "scanner/worker/tag_watcher.h"

namespace xzgate::worker {
namespace {

// A store that fails is asked again after this long: a full disk does not become a busy loop.
constexpr std::chrono::milliseconds kStoreRest{1'000};
// How often the store forgets what is out of use.
constexpr std::chrono::hours kExpiryPeriod{1};

}  // namespace

struct Service::State {
  State(ImageScanner& scanner, registry::ImageSource& source, store::Store& the_store,
        RequirementSource& requirements, const Clock& the_clock, log::Logger& the_logger,
        ScanObserver& observer, ServiceOptions the_options)
      : options(std::move(the_options)),
        store(the_store),
        clock(the_clock),
        logger(the_logger),
        signatures(source, store, requirements, clock, logger, observer),
        runner(scanner, source, store, clock, logger, observer, options, &signatures),
        signature_watcher(store, requirements, clock, logger),
        watcher(source, store, clock, logger, options, scanner.pack().Key()) {}

  // Waits; true when the service stops meanwhile.
  bool StopsWithin(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, span, [this] { return stopping; });
  }

  // What this process is called in the store, claimed with the first job. All of a dead
  // predecessor's leases are free before that.
  Result<std::string> Name() {
    const std::lock_guard lock(name_mutex);
    if (name.empty()) {
      XZGATE_ASSIGN(name, store.ClaimWorkerName(clock.WallNow()));
    }
    return name;
  }

  Result<bool> RunOne(int slot) {
    XZGATE_ASSIGN(const std::string own, Name());
    return runner.RunOne(own + "/" + std::to_string(slot),
                         {.deadline = Deadline::Never(), .urgent = false, .stop = &stop_scans});
  }

  void ScanLoop(int slot) {
    std::uint64_t seen = 0;
    while (true) {
      auto ran = RunOne(slot);
      if (!ran) logger.Error("store failed the scanner", {{"error", ran.error().ToString()}});
      if (ran && *ran) {
        if (StopsWithin(std::chrono::milliseconds(0))) return;
        continue;
      }
      // Idle: look at the store's change counter until something was written, and at the queue once
      // a second for jobs whose rest is over.
      const auto rest = ran ? options.poll : kStoreRest;
      for (std::chrono::milliseconds waited{0}; waited < kStoreRest; waited += rest) {
        if (StopsWithin(rest)) return;
        const auto counter = store.ChangeCounter();
        if (counter && *counter != seen) {
          seen = *counter;
          break;
        }
      }
    }
  }

  void WatchLoop() {
    do {
      watcher.QueueUnanswered();
      watcher.Refresh({.deadline = Deadline::After(clock.Now(), options.tag_refresh),
                       .urgent = false,
                       .stop = &stop_scans});
    } while (!StopsWithin(options.tag_refresh));
  }

  void SignatureLoop() {
    do {
      signature_watcher.QueueDue();
    } while (!StopsWithin(SignatureWatcher::kRound));
  }

  void ExpiryLoop() {
    do {
      const WallTime now = clock.WallNow();
      auto gone = store.Expire(now - options.retention, now);
      while (gone && *gone > 0) {
        logger.Info("store forgot what is out of use", {{"rows", *gone}});
        if (StopsWithin(kStoreRest)) return;
        gone = store.Expire(now - options.retention, now);
      }
      if (!gone) logger.Warning("store could not forget", {{"error", gone.error().message()}});
    } while (!StopsWithin(kExpiryPeriod));
  }

  const ServiceOptions options;
  store::Store& store;
  const Clock& clock;
  log::Logger& logger;
  SignatureChecker signatures;
  JobRunner runner;
  SignatureWatcher signature_watcher;
  TagWatcher watcher;
  std::mutex name_mutex;
  std::string name;  // "" until it is claimed; guarded by name_mutex
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;  // guarded by mutex
  std::atomic<bool> stop_scans = false;
  std::vector<std::thread> threads;
};

Service::Service(ImageScanner& scanner, registry::ImageSource& source, store::Store& store,
                 RequirementSource& requirements, const Clock& clock, log::Logger& logger,
                 ScanObserver& observer, ServiceOptions options)
    : state_(std::make_unique<State>(scanner, source, store, requirements, clock, logger, observer,
                                     std::move(options))) {}

Service::~Service() {
  Stop();
}

void Service::Start() {
  // One thread more than places: somebody is always free to see that others wait.
  const SlotLimits limits{.threads = state_->options.threads, .per_host = state_->options.per_host};
  for (int slot = 0; slot <= ScanSlots::MaxScans(limits); ++slot) {
    state_->threads.emplace_back([state = state_.get(), slot] { state->ScanLoop(slot); });
  }
  state_->threads.emplace_back([state = state_.get()] { state->WatchLoop(); });
  state_->threads.emplace_back([state = state_.get()] { state->SignatureLoop(); });
  state_->threads.emplace_back([state = state_.get()] { state->ExpiryLoop(); });
}

void Service::BeginStop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->stop_scans = true;
  }
  state_->wake.notify_all();
}

void Service::Stop() {
  BeginStop();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
}

}  // namespace xzgate::worker
