#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "webhook/server/body_budget.h"
#include "webhook/server/request_head.h"

namespace xzgate::server {

// A complete request that owns its bytes and its share of the body budget. Move-only;
// thread-compatible.
struct FramedRequest {
  RequestHead head;
  std::string body;
  BodyShare share;
};

// Cuts a byte stream into HTTP/1.1 requests, within limits, whatever the pieces it comes in. No
// I/O, no clock. Confined to one thread. `routes`, `limits` and `budget` outlive it.
class RequestParser {
 public:
  enum class State : std::uint8_t {
    kStart,     // no byte of the next request yet
    kHead,      // part of a head
    kBody,      // a head, and part of its body
    kComplete,  // a request waits for Take()
    kFailed,    // error() says why; the stream cannot be used again
  };

  RequestParser(std::span<const Route> routes, const FramingLimits& limits,
                BodyBudget* budget = nullptr)
      : routes_(routes), limits_(limits), budget_(budget) {}

  // Takes bytes up to the end of the current request and says how many; 0 once complete or failed.
  std::size_t Feed(std::string_view bytes);

  State state() const { return state_; }

  // Why state() is kFailed. Statuses: 400, 404, 405, 411, 413, 414, 415, 417, 431, 501, 505, and
  // 503 when the body budget is used up.
  const FramingError& error() const { return error_; }

  // Whether the client of a request in kBody waits for "100 Continue"; true once a request.
  bool TakeContinue();

  // Whether the connection may serve another request after the one of kBody or kComplete.
  bool keep_alive() const { return request_.head.keep_alive; }

  // The request of kComplete; the parser then starts afresh.
  FramedRequest Take();

  // Gives up the request that is being read and frees what it holds; the stream cannot be used
  // again.
  void Abandon();

  // Bytes of the body so far.
  std::size_t body_bytes() const { return request_.body.size(); }

 private:
  std::size_t FeedHead(std::string_view bytes);
  std::size_t FeedBody(std::string_view bytes);
  void FinishLine();
  void FinishHead();
  bool MakeRoom(std::size_t bytes);
  void Fail(FramingError error);

  const std::span<const Route> routes_;
  const FramingLimits& limits_;
  BodyBudget* const budget_;
  State state_ = State::kStart;
  FramingError error_;
  std::string head_;         // bytes of the head so far
  std::size_t line_at_ = 0;  // where the last, unfinished line of head_ starts
  FramedRequest request_;
};

}  // namespace xzgate::server
