#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/log/logger.h"
#include "scanner/store/store.h"
#include "scanner/worker/requirement_source.h"

namespace xzgate::worker {

// Finds images whose signatures are to be looked at again: those without a report under a policy in
// force, those that are denied (somebody may have signed them since), and those whose report is
// about to end; signature_schedule.h says when. Confined to one thread; borrows its parts.
class SignatureWatcher {
 public:
  // How often the schedule is looked at: a changed policy has its first reports a minute later.
  static constexpr std::chrono::milliseconds kRound = std::chrono::minutes(1);
  // Images of one round at the most, the last seen first.
  static constexpr std::size_t kMaxQueued = 100;
  static constexpr std::size_t kMaxImages = 10'000;  // that are looked at in one round

  SignatureWatcher(store::Store& store, RequirementSource& requirements, const Clock& clock,
                   log::Logger& logger);

  // Queues the images whose time has come, those that rest or are given up excepted.
  void QueueDue();

 private:
  bool IsDue(const store::SeenImage& seen, WallTime now);

  store::Store& store_;
  RequirementSource& requirements_;
  const Clock& clock_;
  log::Logger& logger_;
};

}  // namespace xzgate::worker
