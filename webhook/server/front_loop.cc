#include "webhook/server/front_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "webhook/server/thread_signals.h"

namespace xzgate::server {
namespace {

// One TLS record (RFC 8446, section 5.1); all connections read into the same buffer, so idle ones
// hold none.
constexpr std::size_t kScratchBytes = 16 * 1024;

// Bodies smaller than this are never given up for others.
constexpr std::size_t kSmallBody = 64 * 1024;

// Once bodies in flight took this much, the memory is given back to the system when they are gone
// (hardening.md, 9, A7).
constexpr std::size_t kLargeBodies = 16 * 1024 * 1024;

}  // namespace

Front::Loop::Loop(const FrontConfig& config, std::vector<Route> routes, Hooks hooks,
                  const Clock& clock, log::Logger& logger, Observer& observer, UniqueFd listening)
    : config_(config),
      routes_(std::move(routes)),
      hooks_(std::move(hooks)),
      clock_(clock),
      logger_(logger),
      observer_(observer),
      scratch_(kScratchBytes),
      bodies_(config.max_bodies_bytes),
      env_{.routes = routes_,
           .limits = config.limits,
           .timeouts = config.timeouts,
           .bodies = bodies_,
           .observer = observer_,
           .scratch = scratch_},
      port_(BoundPort(listening.get())),
      accepter_(std::move(listening)),
      listening_(io_, accepter_.fd()),
      timer_(io_),
      accept_pause_(io_),
      keep_running_(io_.get_executor()),
      next_tick_(clock.Now()) {}

Front::Loop::~Loop() {
  Stop();
  slots_.clear();
  if (listening_.is_open()) listening_.release();
}

Result<void> Front::Loop::Start() {
  asio::post(io_, [this] {
    AwaitConnections();
    OnTimer();
  });
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error& e) {
    return ResourceExhausted(std::string("cannot start the listener's thread: ") + e.what());
  }
  return {};
}

void Front::Loop::Stop() {
  keep_running_.reset();
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void Front::Loop::Run() {
  BlockSignalsHere();
  for (bool has_failed = false;; has_failed = true) {
    try {
      if (has_failed) Rearm();
      io_.run();
      return;
    } catch (const std::exception& e) {
      logger_.Error("listener event failed", {{"what", e.what()}});
    }
  }
}

// Waits again for whatever an event that failed half-way no longer waits for. With a pause, since
// memory that is short now is short at once.
void Front::Loop::Rearm() {
  if (!awaits_connections_ && listening_.is_open()) PauseAccepting();
  armed_ = SteadyTime::max();
  ArmTimer();
}

void Front::Loop::Answer(ConnectionId id, HttpResponse response) {
  asio::post(io_, [this, id, answer = std::move(response)] {
    // It may have been cut by a drain's deadline meanwhile.
    Serve(id, [&](Slot& slot) {
      if (slot.machine.phase() != Connection::Phase::kWorking) return;
      Follow(id, slot, slot.machine.Answer(answer, clock_.Now()));
    });
  });
}

void Front::Loop::Drop(ConnectionId id, const char* what) {
  logger_.Error("connection failed", {{"what", what}});
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  found->second->machine.Close(CloseReason::kFailed);
  Destroy(id);
}

// Does what the connection wants; `slot` may be gone afterwards.
void Front::Loop::Follow(ConnectionId id, Slot& slot, Connection::Wants wants) {
  ++slot.awaits;
  switch (wants) {
    case Connection::Wants::kRead:
    case Connection::Wants::kWrite:
      Await(id, slot, wants);
      break;
    case Connection::Wants::kTurn:
      asio::post(io_, [this, id, awaited = slot.awaits] { OnReady(id, awaited); });
      break;
    case Connection::Wants::kAnswer:
      hooks_.dispatch(id, slot.machine.TakeRequest());
      break;
    case Connection::Wants::kClose:
      Destroy(id);
      return;
  }
  if (deadlines_.Note(id, DeadlineOf(slot))) ArmTimer();
}

// The same for a connection that may be waiting for something else.
void Front::Loop::Redirect(ConnectionId id, Slot& slot, Connection::Wants wants) {
  slot.descriptor.cancel();
  Follow(id, slot, wants);
}

void Front::Loop::Await(ConnectionId id, Slot& slot, Connection::Wants wants) {
  const auto what =
      wants == Connection::Wants::kWrite ? Descriptor::wait_write : Descriptor::wait_read;
  slot.descriptor.async_wait(what,
                             [this, id, awaited = slot.awaits](boost::system::error_code error) {
                               if (error != asio::error::operation_aborted) OnReady(id, awaited);
                             });
}

void Front::Loop::OnReady(ConnectionId id, std::uint64_t awaited) {
  Serve(id, [&](Slot& slot) {
    if (slot.awaits != awaited) return;
    if (slot.machine.phase() != Connection::Phase::kWriting) RelieveBodies(id);
    Follow(id, slot, slot.machine.Advance(clock_.Now()));
  });
}

// When memory for bodies runs short, the largest unfinished body gives way, so that a few senders
// that stall cannot refuse everybody else.
void Front::Loop::RelieveBodies(ConnectionId reader) {
  if (bodies_.used() > kLargeBodies) bodies_were_large_ = true;
  const std::size_t tight =
      std::min(2 * config_.limits.max_body_bytes, config_.max_bodies_bytes / 2);
  if (bodies_.used() + tight <= bodies_.max_bytes()) return;
  const auto largest =
      std::max_element(slots_.begin(), slots_.end(), [](const auto& a, const auto& b) {
        return a.second->machine.body_bytes() < b.second->machine.body_bytes();
      });
  if (largest == slots_.end() || largest->first == reader) return;
  Slot& slot = *largest->second;
  if (slot.machine.phase() != Connection::Phase::kBody || slot.machine.body_bytes() < kSmallBody)
    return;
  observer_.OnShed(ShedReason::kBodyBudget);
  Redirect(
      largest->first, slot,
      slot.machine.Refuse({.status = 503, .reason = "too many requests in flight", .allow = {}},
                          CloseReason::kRefused, clock_.Now()));
}

Deadline Front::Loop::DeadlineOf(const Slot& slot) const {
  const Deadline deadline = slot.machine.deadline();
  if (!drain_) return deadline;
  const Deadline bounded = deadline.Min(drain_->deadline);
  if (slot.machine.phase() != Connection::Phase::kIdle) return bounded;
  const SteadyTime since = std::max(drain_->since, slot.machine.phase_since());
  return bounded.Min(Deadline::After(since, config_.drain_idle));
}

void Front::Loop::Destroy(ConnectionId id) {
  const auto found = slots_.find(id);
  observer_.OnConnectionClosed(found->second->machine.close_reason());
  if (const auto peer = per_peer_.find(found->second->peer); --peer->second == 0)
    per_peer_.erase(peer);
  deadlines_.Remove(id);
  slots_.erase(found);
  count_.store(slots_.size(), std::memory_order_relaxed);
  if (drain_) FinishDrainIfEmpty();
}

}  // namespace xzgate::server
