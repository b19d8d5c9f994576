#include <chrono>
#include <utility>

#include "webhook/server/front_loop.h"

namespace xzgate::server {
namespace {

// Connections taken in one turn, so that a flood of new ones does not keep the others waiting.
constexpr int kAcceptsATurn = 64;

constexpr std::chrono::milliseconds kAcceptPause{100};

// Idle connections that turn out to have a request while one is looked for to close.
constexpr int kEvictionTries = 8;

using Phase = Connection::Phase;

// How readily a connection gives way to a new one: idle ones before those that are still sending
// something; never one whose request is complete.
int Expendability(Phase phase) {
  switch (phase) {
    case Phase::kIdle:
      return 2;
    case Phase::kHandshake:
    case Phase::kHead:
    case Phase::kLingering:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

void Front::Loop::AwaitConnections() {
  if (!listening_.is_open()) return;
  listening_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    awaits_connections_ = false;
    if (error != asio::error::operation_aborted) AcceptSome();
  });
  awaits_connections_ = true;
}

void Front::Loop::AcceptSome() {
  for (int i = 0; i < kAcceptsATurn && listening_.is_open(); ++i) {
    Accepter::Accepted next = accepter_.Next();
    if (next.outcome == Accepter::Outcome::kEmpty) break;
    if (next.outcome == Accepter::Outcome::kAccepted) {
      AddConnection(std::move(next.socket), next.peer);
    } else if (!HandleFailedAccept(next)) {
      return PauseAccepting();
    }
  }
  AwaitConnections();
}

// False when there is nothing better to do than to wait a little.
bool Front::Loop::HandleFailedAccept(const Accepter::Accepted& failed) {
  observer_.OnAcceptError(failed.error);
  if (failed.outcome == Accepter::Outcome::kRetry) return true;
  if (failed.outcome != Accepter::Outcome::kExhausted) return false;
  return EvictOne(nullptr) || accepter_.RefuseOne();
}

void Front::Loop::PauseAccepting() {
  accept_pause_.expires_after(kAcceptPause);
  accept_pause_.async_wait([this](boost::system::error_code error) {
    awaits_connections_ = false;
    if (!error) AcceptSome();
  });
  awaits_connections_ = true;
}

void Front::Loop::AddConnection(UniqueFd socket, const std::string& peer) {
  const auto refuse = [this](CloseReason reason) {
    observer_.OnConnectionOpened();
    observer_.OnConnectionClosed(reason);
  };
  if (!MakeRoomFor(peer)) return refuse(CloseReason::kCap);
  auto slot = std::make_unique<Slot>(io_, peer, hooks_.open(socket.get()), env_, clock_.Now());
  boost::system::error_code error;
  slot->descriptor.assign(socket.get(), error);
  if (error) return refuse(CloseReason::kFailed);
  static_cast<void>(socket.Release());  // the descriptor owns it now
  const ConnectionId id = next_id_++;
  std::size_t& of_peer = per_peer_[peer];  // what may throw comes before what Destroy undoes
  slots_.emplace(id, std::move(slot));
  ++of_peer;
  count_.store(slots_.size(), std::memory_order_relaxed);
  observer_.OnConnectionOpened();
  Serve(id, [&](Slot& added) { Follow(id, added, added.machine.Advance(clock_.Now())); });
}

bool Front::Loop::MakeRoomFor(const std::string& peer) {
  const std::size_t per_peer =
      config_.max_per_peer == 0 ? config_.max_connections : config_.max_per_peer;
  const auto known = per_peer_.find(peer);
  if (known != per_peer_.end() && known->second >= per_peer && !EvictOne(&peer)) return false;
  return slots_.size() < config_.max_connections || EvictOne(nullptr);
}

// Closes the connection (of `peer`, unless null) that can best be spared. False when there is none.
bool Front::Loop::EvictOne(const std::string* peer) {
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    Slots::value_type* victim = FindVictim(peer);
    if (victim == nullptr) return false;
    const auto& [id, slot] = *victim;
    if (slot->machine.phase() != Phase::kIdle) {
      slot->machine.Close(CloseReason::kCap);
      Destroy(id);
      return true;
    }
    // A request may have come that we have not seen: then it is served, and another connection
    // goes.
    const Connection::Wants wants = slot->machine.CloseIdle(CloseReason::kCap, clock_.Now());
    Redirect(id, *slot, wants);
    if (wants == Connection::Wants::kClose) return true;
  }
  return false;
}

// The most expendable connection, the oldest among equals; null when each is in the middle of
// something.
Front::Loop::Slots::value_type* Front::Loop::FindVictim(const std::string* peer) {
  Slots::value_type* victim = nullptr;
  int best = 0;
  for (auto& entry : slots_) {
    const Slot& slot = *entry.second;
    const int rank = Expendability(slot.machine.phase());
    if (rank == 0 || (peer != nullptr && slot.peer != *peer)) continue;
    const bool is_older =
        victim != nullptr && slot.machine.phase_since() < victim->second->machine.phase_since();
    if (rank > best || (rank == best && is_older)) {
      victim = &entry;
      best = rank;
    }
  }
  return victim;
}

}  // namespace xzgate::server
