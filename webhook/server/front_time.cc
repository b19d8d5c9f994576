#include <malloc.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "webhook/server/front_loop.h"

namespace xzgate::server {
namespace {

constexpr std::chrono::seconds kTickEvery{1};

}  // namespace

// One timer for everything: set to what comes first, and set again only when something earlier
// comes up.
void Front::Loop::ArmTimer() {
  Deadline next = deadlines_.Next();
  if (hooks_.tick) next = next.Min(Deadline::At(next_tick_));
  if (drain_ && !drain_->is_done) next = next.Min(drain_->deadline);
  if (next.IsNever() || next.when() >= armed_) return;
  armed_ = next.when();
  timer_.expires_after(next.Remaining(clock_.Now()));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) OnTimer();
  });
}

void Front::Loop::OnTimer() {
  armed_ = SteadyTime::max();
  Sweep();
  if (hooks_.tick && clock_.Now() >= next_tick_) Tick();
  ArmTimer();
}

void Front::Loop::Sweep() {
  const SteadyTime now = clock_.Now();
  while (const auto id = deadlines_.PopDue(now)) {
    Serve(*id, [&](Slot& slot) { Expire(*id, slot, now); });
  }
  if (bodies_were_large_ && bodies_.used() == 0) {
    bodies_were_large_ = false;
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
  }
}

void Front::Loop::Expire(ConnectionId id, Slot& slot, SteadyTime now) {
  if (!DeadlineOf(slot).HasPassed(now)) {
    deadlines_.Note(id, DeadlineOf(slot));
    return;
  }
  Connection::Wants wants;
  if (drain_ && drain_->deadline.HasPassed(now)) {
    ++drain_->cut;
    wants = slot.machine.Close(CloseReason::kDrain);
  } else if (drain_ && slot.machine.phase() == Connection::Phase::kIdle) {
    wants = slot.machine.CloseIdle(CloseReason::kDrain, now);
  } else {
    wants = slot.machine.Expire(now);
  }
  Redirect(id, slot, wants);
}

void Front::Loop::Tick() {
  hooks_.tick();
  next_tick_ = clock_.Now() + kTickEvery;
}

// The promises are shared with the loop, which may still be inside set_value when the waiting
// thread goes on.
void Front::Loop::Wake() {
  const auto done = std::make_shared<std::promise<void>>();
  asio::post(io_, [this, done] {
    Sweep();
    if (hooks_.tick) Tick();
    armed_ = SteadyTime::max();
    ArmTimer();
    done->set_value();
  });
  done->get_future().wait();
}

Result<void> Front::Loop::Drain(Deadline deadline) {
  const auto done = std::make_shared<std::promise<std::size_t>>();
  asio::post(io_, [this, deadline, done] {
    drain_.emplace(DrainState{
        .since = clock_.Now(), .deadline = deadline, .cut = 0, .done = done, .is_done = false});
    BeginDrain();
  });
  const std::size_t cut = done->get_future().get();
  if (cut == 0) return {};
  return DeadlineExceeded("drain: " + std::to_string(cut) +
                          " connections were cut at the deadline");
}

void Front::Loop::BeginDrain() {
  env_.draining = true;
  // What the kernel accepted for us is ours to answer.
  for (bool more = listening_.is_open(); more;) {
    Accepter::Accepted next = accepter_.Next();
    more =
        next.outcome == Accepter::Outcome::kAccepted || next.outcome == Accepter::Outcome::kRetry;
    if (next.outcome == Accepter::Outcome::kAccepted)
      AddConnection(std::move(next.socket), next.peer);
  }
  accept_pause_.cancel();
  if (listening_.is_open()) {
    listening_.release();
    accepter_.Close();
  }
  for (const auto& [id, slot] : slots_) deadlines_.Note(id, DeadlineOf(*slot));
  FinishDrainIfEmpty();
  ArmTimer();
}

void Front::Loop::FinishDrainIfEmpty() {
  if (listening_.is_open() || !slots_.empty() || std::exchange(drain_->is_done, true)) return;
  drain_->done->set_value(drain_->cut);
}

}  // namespace xzgate::server
