#include "webhook/gate/sighting_log.h"

namespace xzgate::gate {

SightingLog::SightingLog(Write write, log::Logger& logger, std::chrono::milliseconds period)
    : write_(std::move(write)), logger_(logger), period_(period), thread_([this] { Run(); }) {}

SightingLog::~SightingLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SightingLog::Add(std::vector<store::Sighting> sightings) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = pending_.empty();
    for (store::Sighting& sighting : sightings) {
      Key key(sighting.image, sighting.workload);
      const auto found = pending_.find(key);
      if (found != pending_.end()) {
        found->second = std::move(sighting);
      } else if (pending_.size() < kMaxPending) {
        pending_.emplace(std::move(key), std::move(sighting));
      } else {
        ++dropped_;
      }
    }
  }
  if (is_first) changed_.notify_one();  // later ones are found when it writes
}

void SightingLog::Run() {
  bool goes_on = true;
  while (goes_on) {
    Round round;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
      if (pending_.empty()) return;
      changed_.wait_for(lock, period_, [this] { return stopping_; });
      goes_on = !stopping_;
      round.dropped = std::exchange(dropped_, 0);
      for (auto& [key, sighting] : pending_) round.batch.push_back(std::move(sighting));
      pending_.clear();
    }
    round.written = write_(round.batch);
    Tell(round);
    if (!round.written && !PutBack(round)) return;
  }
}

// For the next try; false when there is none, as the store held up the end once already.
bool SightingLog::PutBack(Round& round) {
  const std::lock_guard lock(mutex_);
  if (stopping_) {
    logger_.Warning("sightings lost at the end", {{"count", std::uint64_t{round.batch.size()}}});
    return false;
  }
  for (store::Sighting& sighting : round.batch) {
    Key key(sighting.image, sighting.workload);
    if (pending_.size() < kMaxPending || pending_.contains(key)) {
      pending_.try_emplace(std::move(key), std::move(sighting));  // a later one holds
    } else {
      ++dropped_;
    }
  }
  return true;
}

// A line when something begins and one when it is over, however often it happens between.
void SightingLog::Tell(const Round& round) {
  const bool is_failing = !round.written;
  if (is_failing && !said_failing_)
    logger_.Warning("sightings cannot be written", {{"error", round.written.error().message()}});
  if (!is_failing && said_failing_) logger_.Info("sightings are written again");
  said_failing_ = is_failing;
  if (round.dropped > 0 && dropped_in_all_ == 0)
    logger_.Warning("sightings dropped",
                    {{"count", round.dropped}, {"pending", std::uint64_t{kMaxPending}}});
  dropped_in_all_ += round.dropped;
  if (round.dropped > 0 || dropped_in_all_ == 0 || is_failing) return;
  logger_.Info("sightings are kept again", {{"dropped", dropped_in_all_}});
  dropped_in_all_ = 0;
}

}  // namespace xzgate::gate
