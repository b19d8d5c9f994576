#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <unordered_map>

#include "webhook/server/deadline_queue.h"
#include "webhook/server/front.h"

namespace xzgate::server {

namespace asio = boost::asio;

// The inside of a Front: an event loop and its connections. Private to front*.cc. All but the
// constructor, Start, Post and the atomics is confined to the loop's thread.
//
// A connection lives in `slots_` from accept to Destroy. At most one thing is awaited for it:
// readiness, its turn, or an answer; what a slot no longer waits for is told apart by Slot::awaits.
// Events name connections by id, so that an event for a destroyed one finds none.
//
// An exception (out of memory) costs the connection concerned and nothing else: what one connection
// does runs within Serve, and whatever else an event that fails should have armed is armed by
// Rearm.
class Front::Loop {
 public:
  Loop(const FrontConfig& config, std::vector<Route> routes, Hooks hooks, const Clock& clock,
       log::Logger& logger, Observer& observer, UniqueFd listening);
  ~Loop();

  Result<void> Start();
  void Stop();
  void Answer(ConnectionId id, HttpResponse response);
  void Wake();
  Result<void> Drain(Deadline deadline);

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return count_.load(std::memory_order_relaxed); }

 private:
  using Executor = asio::io_context::executor_type;
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;

  struct Slot {
    Slot(asio::io_context& io, std::string from, std::unique_ptr<Channel> channel,
         const ConnectionEnv& env, SteadyTime now)
        : descriptor(io), peer(std::move(from)), machine(std::move(channel), env, now) {}

    Descriptor descriptor;  // owns the socket; outlives the machine, which borrows it
    const std::string peer;
    Connection machine;
    std::uint64_t awaits = 0;  // counts up with each thing that is awaited
  };
  using Slots = std::unordered_map<ConnectionId, std::unique_ptr<Slot>>;

  void Run();
  void Rearm();

  // front_accept.cc: from the listening socket to a slot.
  void AwaitConnections();
  void AcceptSome();
  bool HandleFailedAccept(const Accepter::Accepted& failed);
  void AddConnection(UniqueFd socket, const std::string& peer);
  bool MakeRoomFor(const std::string& peer);
  bool EvictOne(const std::string* peer);
  Slots::value_type* FindVictim(const std::string* peer);
  void PauseAccepting();

  // front_loop.cc: what happens to a slot.
  template <typename Step>
  void Serve(ConnectionId id, Step step);
  void Drop(ConnectionId id, const char* what);
  void Follow(ConnectionId id, Slot& slot, Connection::Wants wants);
  void Redirect(ConnectionId id, Slot& slot, Connection::Wants wants);
  void Await(ConnectionId id, Slot& slot, Connection::Wants wants);
  void OnReady(ConnectionId id, std::uint64_t awaited);
  void RelieveBodies(ConnectionId reader);
  void Destroy(ConnectionId id);
  Deadline DeadlineOf(const Slot& slot) const;

  // front_time.cc: deadlines, ticks, drain.
  void ArmTimer();
  void OnTimer();
  void Sweep();
  void Expire(ConnectionId id, Slot& slot, SteadyTime now);
  void Tick();
  void BeginDrain();
  void FinishDrainIfEmpty();

  const FrontConfig config_;
  const std::vector<Route> routes_;
  const Hooks hooks_;
  const Clock& clock_;
  log::Logger& logger_;
  Observer& observer_;
  std::vector<char> scratch_;
  BodyBudget bodies_;  // outlives requests in flight: whoever holds one ends before the front
  ConnectionEnv env_;
  const std::uint16_t port_;

  asio::io_context io_{1};
  Accepter accepter_;
  Descriptor listening_;  // borrows accepter_'s descriptor
  Timer timer_;
  Timer accept_pause_;
  bool awaits_connections_ = false;  // the listening socket or accept_pause_ is waited for
  std::optional<asio::executor_work_guard<Executor>> keep_running_;
  Slots slots_;
  std::unordered_map<std::string, std::size_t> per_peer_;
  DeadlineQueue deadlines_;
  SteadyTime armed_ = SteadyTime::max();
  SteadyTime next_tick_;
  ConnectionId next_id_ = 1;
  bool bodies_were_large_ = false;
  struct DrainState {
    SteadyTime since;
    Deadline deadline;
    std::size_t cut = 0;
    std::shared_ptr<std::promise<std::size_t>> done;
    bool is_done = false;
  };
  std::optional<DrainState> drain_;

  std::atomic<std::size_t> count_{0};
  std::thread thread_;
};

// Takes a step of a connection, if it is still there; one that fails ends it.
template <typename Step>
void Front::Loop::Serve(ConnectionId id, Step step) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  try {
    step(*found->second);
  } catch (const std::exception& e) {
    Drop(id, e.what());
  }
}

}  // namespace xzgate::server
