#include "webhook/server/connection.h"

#include <utility>

#include "webhook/server/response.h"

namespace xzgate::server {
namespace {

// Reads in one turn, so that a fast sender does not keep the others waiting.
constexpr int kStepsATurn = 16;

// What is dropped of a refused request at most while its answer travels; more is a sender that does
// not listen.
constexpr std::size_t kMaxLinger = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kLingerTime{2'000};

Connection::Wants WhatFor(Io io) {
  return io == Io::kWantWrite ? Connection::Wants::kWrite : Connection::Wants::kRead;
}

bool IsWait(Io io) {
  return io == Io::kWantRead || io == Io::kWantWrite;
}

}  // namespace

Connection::Connection(std::unique_ptr<Channel> channel, const ConnectionEnv& env, SteadyTime now)
    : channel_(std::move(channel)), env_(env), parser_(env.routes, env.limits, &env.bodies) {
  Enter(Phase::kHandshake, now);
}

Connection::Wants Connection::Advance(SteadyTime now) {
  for (int steps = 0; steps < kStepsATurn; ++steps) {
    Step wants;
    switch (phase_) {
      case Phase::kHandshake:
        wants = StepHandshake(now);
        break;
      case Phase::kIdle:
      case Phase::kHead:
      case Phase::kBody:
        wants = StepRead(now);
        break;
      case Phase::kWriting:
        wants = StepWrite(now);
        break;
      case Phase::kLingering:
        wants = StepLinger();
        break;
      case Phase::kWorking:
        return Wants::kAnswer;
      case Phase::kClosed:
        return Wants::kClose;
    }
    if (wants) return *wants;
  }
  return Wants::kTurn;
}

Connection::Step Connection::StepHandshake(SteadyTime now) {
  const Io io = channel_->Handshake();
  if (IsWait(io)) return WhatFor(io);
  if (io == Io::kEnd) return Close(CloseReason::kDone);  // a probe that only connects
  if (io != Io::kDone) return Close(CloseReason::kHandshake);
  env_.observer.OnHandshakeDone();
  Enter(Phase::kIdle, now);
  return std::nullopt;
}

Connection::Step Connection::StepRead(SteadyTime now) {
  if (!leftover_.empty()) {
    const std::string bytes = std::exchange(leftover_, {});
    return Feed(bytes, now);
  }
  const IoResult read = channel_->Read(env_.scratch);
  if (IsWait(read.io)) return WhatFor(read.io);
  if (read.io == Io::kEnd) return Close(CloseReason::kDone);
  if (read.io == Io::kFailed) return Close(CloseReason::kFailed);
  env_.observer.OnBytes(read.bytes, 0);
  return Feed({env_.scratch.data(), read.bytes}, now);
}

Connection::Step Connection::Feed(std::string_view bytes, SteadyTime now) {
  const std::size_t taken = parser_.Feed(bytes);
  switch (parser_.state()) {
    case RequestParser::State::kStart:
      break;
    case RequestParser::State::kHead:
      if (phase_ != Phase::kHead) Enter(Phase::kHead, now);
      break;
    case RequestParser::State::kBody:
      if (phase_ != Phase::kBody) Enter(Phase::kBody, now);
      if (parser_.TakeContinue()) {
        // Written in the time of the body: the phase is entered again, with a fresh time, once it
        // is out.
        StartWrite(std::string(ContinueResponse()), Phase::kBody, now);
      }
      break;
    case RequestParser::State::kComplete:
      leftover_.assign(bytes.substr(taken));
      keep_alive_ = parser_.keep_alive();
      Enter(Phase::kWorking, now);
      env_.observer.OnRequest();
      return Wants::kAnswer;
    case RequestParser::State::kFailed:
      if (parser_.error().status == 503) env_.observer.OnShed(ShedReason::kBodyBudget);
      return Refuse(parser_.error(), CloseReason::kRefused, now);
  }
  return std::nullopt;
}

Connection::Wants Connection::Answer(const HttpResponse& response, SteadyTime now) {
  const bool closes = !keep_alive_ || env_.draining;
  env_.observer.OnResponse(response.status);
  StartWrite(EncodeResponse(response, closes), closes ? Phase::kLingering : Phase::kIdle, now);
  return Advance(now);
}

Connection::Wants Connection::Refuse(const FramingError& error, CloseReason reason,
                                     SteadyTime now) {
  close_reason_ = reason;
  leftover_ = {};
  parser_.Abandon();  // its body must not be held while we linger
  env_.observer.OnResponse(error.status);
  StartWrite(EncodeRefusal(error), Phase::kLingering, now);
  return Advance(now);
}

Connection::Step Connection::StepWrite(SteadyTime now) {
  const IoResult written = channel_->Write(std::string_view(out_).substr(out_at_));
  if (IsWait(written.io)) return WhatFor(written.io);
  if (written.io != Io::kDone) return Close(CloseReason::kFailed);
  env_.observer.OnBytes(0, written.bytes);
  out_at_ += written.bytes;
  if (out_at_ < out_.size()) return std::nullopt;
  out_ = {};
  if (after_write_ == Phase::kLingering) channel_->EndWriting();
  Enter(after_write_, now);
  return std::nullopt;
}

Connection::Step Connection::StepLinger() {
  const IoResult read = channel_->Discard(env_.scratch);
  if (IsWait(read.io)) return WhatFor(read.io);
  lingered_ += read.bytes;
  if (read.io != Io::kDone || lingered_ > kMaxLinger) return Close(close_reason_);
  return std::nullopt;
}

Connection::Wants Connection::CloseIdle(CloseReason reason, SteadyTime now) {
  const Wants wants = Advance(now);
  if (phase_ != Phase::kIdle) return wants;
  channel_->EndWriting();
  return Close(reason);
}

Connection::Wants Connection::Expire(SteadyTime now) {
  switch (phase_) {
    case Phase::kIdle:
      return CloseIdle(CloseReason::kTimeout, now);
    case Phase::kHead:
    case Phase::kBody:
      return Refuse({.status = 408, .reason = "request took too long", .allow = {}},
                    CloseReason::kTimeout, now);
    case Phase::kLingering:
      return Close(close_reason_);
    default:
      return Close(CloseReason::kTimeout);
  }
}

void Connection::StartWrite(std::string bytes, Phase after, SteadyTime now) {
  out_ = std::move(bytes);
  out_at_ = 0;
  after_write_ = after;
  Enter(Phase::kWriting, now);
}

void Connection::Enter(Phase phase, SteadyTime now) {
  phase_ = phase;
  since_ = now;
  const PhaseTimeouts& times = env_.timeouts;
  switch (phase) {
    case Phase::kHandshake:
      deadline_ = Deadline::After(now, times.handshake);
      break;
    case Phase::kIdle:
      deadline_ = Deadline::After(now, times.idle);
      break;
    case Phase::kHead:
      deadline_ = Deadline::After(now, times.head);
      break;
    case Phase::kBody:
      deadline_ = Deadline::After(now, times.body);
      break;
    case Phase::kWriting:
      deadline_ = Deadline::After(now, times.write);
      break;
    case Phase::kLingering:
      deadline_ = Deadline::After(now, kLingerTime);
      break;
    case Phase::kWorking:  // the handler keeps its own deadline
    case Phase::kClosed:
      deadline_ = Deadline::Never();
      break;
  }
}

Connection::Wants Connection::Close(CloseReason reason) {
  close_reason_ = reason;
  phase_ = Phase::kClosed;
  deadline_ = Deadline::Never();
  return Wants::kClose;
}

}  // namespace xzgate::server
