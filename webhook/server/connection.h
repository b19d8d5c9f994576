#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "webhook/server/channel.h"
#include "webhook/server/framing.h"
#include "webhook/server/handler.h"
#include "webhook/server/observer.h"

namespace xzgate::server {

// How long each phase of a connection may take in all (hardening.md, 4.5 rule 3).
struct PhaseTimeouts {
  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds head{5'000};   // from its first byte to its last
  std::chrono::milliseconds body{10'000};  // the same
  std::chrono::milliseconds idle{
      120'000};  // above the 90 s of Go's clients, so that the client closes first
  std::chrono::milliseconds write{5'000};
};

// What all connections of a listener share. Borrowed by each; the owner changes `draining`.
struct ConnectionEnv {
  std::span<const Route> routes;
  FramingLimits limits;
  PhaseTimeouts timeouts;
  BodyBudget& bodies;
  Observer& observer;
  std::span<char> scratch;  // where reads land
  bool draining = false;    // answers say `Connection: close`
};

// One HTTP/1.1 server connection as a state machine over a Channel: handshake, requests one after
// the other, answers, a gentle end. It never waits and knows no event loop: the owner calls it when
// its descriptor is ready, a deadline has passed, or an answer is there. Confined to one thread.
class Connection {
 public:
  // What the owner has to do next.
  enum class Wants : std::uint8_t {
    kRead,    // call Advance when the descriptor can be read
    kWrite,   // ... can be written
    kTurn,    // ... after the others had their turn
    kAnswer,  // TakeRequest now, Answer later; no I/O until then
    kClose,   // destroy it
  };
  enum class Phase : std::uint8_t {
    kHandshake,
    kIdle,
    kHead,
    kBody,
    kWorking,
    kWriting,
    kLingering,
    kClosed
  };

  Connection(std::unique_ptr<Channel> channel, const ConnectionEnv& env, SteadyTime now);

  // Does all I/O that is possible now, within one turn's share.
  Wants Advance(SteadyTime now);

  // The request of kAnswer; once each.
  FramedRequest TakeRequest() { return parser_.Take(); }
  Wants Answer(const HttpResponse& response, SteadyTime now);

  // The deadline of the phase has passed: half a request is answered with 408, all else closes.
  Wants Expire(SteadyTime now);

  // Refuses the request that is being read.
  Wants Refuse(const FramingError& error, CloseReason reason, SteadyTime now);

  // Closes it if it is idle and no request has come unseen; then that request is read instead.
  Wants CloseIdle(CloseReason reason, SteadyTime now);

  // Closes it at once, whatever it does.
  Wants Close(CloseReason reason);

  Phase phase() const { return phase_; }
  Deadline deadline() const { return deadline_; }
  SteadyTime phase_since() const { return since_; }
  CloseReason close_reason() const { return close_reason_; }
  std::size_t body_bytes() const { return parser_.body_bytes(); }

 private:
  // A step says what the owner has to do, or nothing when it made progress and the next step can
  // follow.
  using Step = std::optional<Wants>;
  Step StepHandshake(SteadyTime now);
  Step StepRead(SteadyTime now);
  Step StepWrite(SteadyTime now);
  Step StepLinger();
  Step Feed(std::string_view bytes, SteadyTime now);
  void StartWrite(std::string bytes, Phase after, SteadyTime now);
  void Enter(Phase phase, SteadyTime now);

  const std::unique_ptr<Channel> channel_;
  const ConnectionEnv& env_;
  RequestParser parser_;
  Phase phase_ = Phase::kHandshake;
  SteadyTime since_;
  Deadline deadline_ = Deadline::Never();
  CloseReason close_reason_ = CloseReason::kDone;
  std::string leftover_;    // bytes after the request that is being answered (pipelining)
  bool keep_alive_ = true;  // of the request that is being answered
  std::string out_;         // bytes to send
  std::size_t out_at_ = 0;  // sent already
  Phase after_write_ = Phase::kIdle;
  std::size_t lingered_ = 0;
};

}  // namespace xzgate::server
