#include "base/json/stream_bytes.h"

#include <string>

namespace xzgate::json {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

}  // namespace

StreamBytes::StreamBytes(ByteSource& source, const Limits& limits)
    : source_(source), limits_(limits), buffer_(kBufferBytes) {
  Fill();
  // A byte order mark starts so, and no JSON document does.
  if (!at_end() && here() == kByteOrderMark.front()) {
    Fail(Error(ErrorCode::kInvalidArgument, "$: starts with a byte order mark"));
  }
}

void StreamBytes::Next() {
  if (!Measure(here())) return;
  if (++at_ < end_) {
    CheckHere();
  } else {
    Fill();
  }
}

void StreamBytes::Fill() {
  at_ = end_ = 0;
  const auto count = source_.Read(buffer_);
  if (!count) return Fail(count.error());
  end_ = *count;
  read_ += *count;
  if (read_ > limits_.max_bytes) {
    return Fail(Error(ErrorCode::kResourceExhausted,
                      "more than " + std::to_string(limits_.max_bytes) + " bytes"));
  }
  CheckHere();
}

// The lexer takes a zero byte for the end of the text, and whatever follows would go unread.
void StreamBytes::CheckHere() {
  if (at_end() || here() != '\0') return;
  Fail(Error(ErrorCode::kInvalidArgument,
             "$: zero byte at offset " + std::to_string(read_ - (end_ - at_))));
}

// Where a text begins and ends, and how long it is, or whatever else stands between two commas.
bool StreamBytes::Measure(char c) {
  if (in_text_) {
    if (c == '"' && !is_escaped_) in_text_ = false;
    is_escaped_ = c == '\\' && !is_escaped_;
  } else if (c == '"') {
    in_text_ = true;
    token_ = 0;
  } else if (c == ',' || c == ':' || c == '[' || c == ']' || c == '{' || c == '}') {
    token_ = 0;
  }
  if (++token_ <= limits_.max_token_bytes) return true;
  Fail(Error(
      ErrorCode::kResourceExhausted,
      "$: a text or number of more than " + std::to_string(limits_.max_token_bytes) + " bytes"));
  return false;
}

void StreamBytes::Fail(Error error) {
  if (!error_) error_ = std::move(error);
  at_ = end_ = 0;
}

}  // namespace xzgate::json
