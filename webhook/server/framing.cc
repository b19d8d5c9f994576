#include "webhook/server/framing.h"

#include <algorithm>
#include <utility>

namespace xzgate::server {
namespace {

// Where the body buffer starts; it doubles as bytes come, so a peer that only promises a large body
// holds nothing.
constexpr std::size_t kFirstBodyBytes = 16 * 1024;

// A line whose end is missing, or only half there, is measured as if the end were still to come.
std::size_t LengthWithoutEnd(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.size();
}

}  // namespace

std::size_t RequestParser::Feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    if (state_ == State::kStart || state_ == State::kHead) {
      taken += FeedHead(bytes.substr(taken));
    } else if (state_ == State::kBody) {
      taken += FeedBody(bytes.substr(taken));
    } else {
      break;
    }
  }
  return taken;
}

// Takes at most one line a call, and at most one byte more than a head may have: head_ stays
// bounded whatever comes.
std::size_t RequestParser::FeedHead(std::string_view bytes) {
  state_ = State::kHead;
  const std::size_t room = limits_.max_head_bytes + 1 - head_.size();
  const std::size_t end = bytes.find('\n');
  const bool has_end = end < room;
  const std::size_t count = has_end ? end + 1 : std::min(room, bytes.size());
  head_.append(bytes.substr(0, count));
  if (line_at_ == 0 && LengthWithoutEnd(head_) > limits_.max_request_line) {
    Fail({.status = 414, .reason = "request line too long", .allow = {}});
  } else if (head_.size() > limits_.max_head_bytes) {
    Fail({.status = 431, .reason = "header lines too long", .allow = {}});
  } else if (has_end) {
    FinishLine();
  }
  return count;
}

void RequestParser::FinishLine() {
  const std::string_view line = std::string_view(head_).substr(line_at_);
  if (!line.ends_with("\r\n")) {
    Fail({.status = 400, .reason = "line without CRLF", .allow = {}});
  } else if (line.size() == 2) {
    FinishHead();
  } else {
    line_at_ = head_.size();
  }
}

void RequestParser::FinishHead() {
  auto head = ParseHead(std::string_view(head_).substr(0, head_.size() - 2), routes_, limits_);
  head_ = {};
  line_at_ = 0;
  if (!head) return Fail(head.error());
  request_ = {.head = std::move(*head), .body = {}, .share = BodyShare(budget_)};
  state_ = request_.head.content_length == 0 ? State::kComplete : State::kBody;
}

std::size_t RequestParser::FeedBody(std::string_view bytes) {
  const std::size_t missing = request_.head.content_length - request_.body.size();
  const std::size_t count = std::min(missing, bytes.size());
  if (!MakeRoom(request_.body.size() + count)) {
    Fail({.status = 503, .reason = "too many requests in flight", .allow = {}});
    return count;
  }
  request_.body.append(bytes.substr(0, count));
  if (count == missing) state_ = State::kComplete;
  return count;
}

// What is charged is the buffer that is allocated, not the bytes in it. A string that grows takes
// twice what it had, whatever it is asked for: a fresh one takes what it is asked for, or a little
// more when that is little.
bool RequestParser::MakeRoom(std::size_t bytes) {
  std::string& body = request_.body;
  if (bytes <= body.capacity() && !body.empty()) return true;
  const std::size_t doubled = std::max({bytes, 2 * body.size(), kFirstBodyBytes});
  const std::size_t capacity = std::min(doubled, request_.head.content_length);
  if (!request_.share.GrowTo(capacity)) return false;
  std::string grown;
  grown.reserve(capacity);
  if (!request_.share.GrowTo(grown.capacity())) return false;
  grown.append(body);
  body.swap(grown);
  return true;
}

bool RequestParser::TakeContinue() {
  return state_ == State::kBody && std::exchange(request_.head.expects_continue, false);
}

FramedRequest RequestParser::Take() {
  state_ = State::kStart;
  return std::exchange(request_, FramedRequest());
}

void RequestParser::Fail(FramingError error) {
  error_ = error;
  Abandon();
}

void RequestParser::Abandon() {
  state_ = State::kFailed;
  // Assigning an empty string would keep the buffer, of which the budget no longer knows.
  std::string().swap(head_);
  std::string().swap(request_.body);
  request_ = {};
}

}  // namespace xzgate::server
