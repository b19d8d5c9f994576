#include "scanner/worker/lease_keeper.h"

#include <algorithm>

namespace xzgate::worker {

LeaseKeeper::LeaseKeeper(store::Store& store, const Clock& clock, std::int64_t job,
                         std::string worker, std::chrono::milliseconds lease)
    : store_(store),
      clock_(clock),
      job_(job),
      worker_(std::move(worker)),
      lease_(lease),
      thread_([this] { Run(); }) {}

LeaseKeeper::~LeaseKeeper() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LeaseKeeper::Run() {
  const std::chrono::milliseconds period = std::min(lease_ / 3, kLook);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, period, [this] { return done_; })) {
    lock.unlock();
    // A failure here (a locked file) is made good by the next round; at the worst the job is
    // scanned twice.
    const auto priority = store_.ExtendLease(job_, worker_, lease_, clock_.WallNow());
    if (priority && *priority == store::Priority::kAdmission) raised_ = true;
    lock.lock();
  }
}

}  // namespace xzgate::worker
