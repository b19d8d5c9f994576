#include "base/json/reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/field_path.h"
#include "base/json/case_fold.h"
#include "base/json/stream_bytes.h"
#include "base/text.h"

namespace xzgate::json {
namespace {

// How much of a path a message repeats.
constexpr std::size_t kMaxPath = 512;

// Stands between nlohmann's lexer and our Events: counts, bounds, finds duplicate keys and knows
// the path. Never recurses.
class Guard final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Guard(const Limits& limits, Events& events) : limits_(limits), events_(events) {}

  bool null() override {
    return Scalar([this] { return events_.Null(); });
  }
  bool boolean(bool b) override {
    return Scalar([this, b] { return events_.Bool(b); });
  }
  bool number_integer(std::int64_t n) override {
    return Scalar([this, n] { return events_.Integer(n); });
  }
  bool number_unsigned(std::uint64_t n) override {
    if (n <= static_cast<std::uint64_t>(INT64_MAX)) {
      return number_integer(static_cast<std::int64_t>(n));
    }
    return Scalar([this, n] { return events_.Unsigned(n); });
  }
  bool number_float(double n, const std::string& token) override {
    // The lexer turns a whole number beyond 64 bits into a float without a word
    // (hardening.md, 2.9).
    if (token.find_first_of(".eE") == token.npos) {
      return Refuse(ErrorCode::kInvalidArgument,
                    "whole number " + Quote(token, kMaxNameInPath) + " does not fit 64 bits");
    }
    return Scalar([this, n] { return events_.Double(n); });
  }
  bool string(std::string& text) override {
    return Scalar([this, &text] { return events_.String(text); });
  }
  bool binary(nlohmann::json::binary_t&) override {
    return Refuse(ErrorCode::kInvalidArgument, "binary value");
  }

  bool start_object(std::size_t) override {
    return Open(false, [this] { return events_.StartObject(); });
  }
  bool key(std::string& name) override {
    Frame& frame = frames_[depth_ - 1];
    frame.name = name;
    frame.has_name = true;
    return RememberKey(name) && Tell(events_.Key(name));
  }
  bool end_object() override {
    return CheckKeys() && Close([this] { return events_.EndObject(); });
  }
  bool start_array(std::size_t) override {
    return Open(true, [this] { return events_.StartArray(); });
  }
  bool end_array() override {
    return Close([this] { return events_.EndArray(); });
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception...] parse error at line 1, column 2: ...": the place is for people, what
    // follows is the library's own words.
    const std::string_view said = error.what();
    std::string_view place = said;
    if (const auto end = place.find("] "); end != place.npos) place.remove_prefix(end + 2);
    place = place.substr(0, place.find(": "));
    const bool is_encoding = said.find("UTF-8") != said.npos;
    return Refuse(ErrorCode::kInvalidArgument,
                  std::string(place) + (is_encoding ? ": no valid UTF-8" : ": no JSON"));
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  // An open container. `keys` and `key_bytes` are where its part of keys_ and key_bytes_ begins.
  struct Frame {
    bool is_array = false;
    bool has_name = false;
    std::string name;
    std::size_t index = 0;
    std::size_t keys = 0;
    std::size_t key_bytes = 0;
  };
  struct KeySpan {
    std::size_t begin;
    std::size_t size;
  };

  template <typename Call>
  bool Scalar(Call call) {
    if (!CountValue() || !Tell(call())) return false;
    FinishValue();
    return true;
  }

  template <typename Call>
  bool Open(bool is_array, Call call) {
    if (!CountValue()) return false;
    if (depth_ >= limits_.max_depth) {
      return Refuse(ErrorCode::kResourceExhausted,
                    "more than " + std::to_string(limits_.max_depth) + " levels deep");
    }
    if (!Tell(call())) return false;
    if (depth_ == frames_.size()) frames_.emplace_back();  // frames are kept for their strings
    Frame& frame = frames_[depth_++];
    frame.is_array = is_array;
    frame.has_name = false;
    frame.index = 0;
    frame.keys = keys_.size();
    frame.key_bytes = key_bytes_.size();
    return true;
  }

  template <typename Call>
  bool Close(Call call) {
    const Frame& frame = frames_[--depth_];
    keys_.resize(frame.keys);
    key_bytes_.resize(frame.key_bytes);
    if (!Tell(call())) return false;
    FinishValue();
    return true;
  }

  bool CountValue() {
    if (++values_ <= limits_.max_values) return true;
    return Refuse(ErrorCode::kResourceExhausted,
                  "more than " + std::to_string(limits_.max_values) + " values");
  }

  void FinishValue() {
    if (depth_ == 0) return;
    ++frames_[depth_ - 1].index;
    frames_[depth_ - 1].has_name = false;
  }

  bool RememberKey(const std::string& name) {
    const std::size_t begin = key_bytes_.size();
    key_bytes_ += limits_.refuse_case_variants ? FoldCase(name) : name;
    keys_.push_back({begin, key_bytes_.size() - begin});
    if (key_bytes_.size() + keys_.size() * sizeof(KeySpan) <= limits_.max_key_memory) return true;
    return Refuse(ErrorCode::kResourceExhausted,
                  "keys that need more than " + std::to_string(limits_.max_key_memory) + " bytes");
  }

  // Sorted once at the end of an object: n log n whatever the keys are, where a hash table could be
  // attacked.
  bool CheckKeys() {
    const Frame& frame = frames_[depth_ - 1];
    const auto text = [this](const KeySpan& span) {
      return std::string_view(key_bytes_).substr(span.begin, span.size);
    };
    const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(frame.keys);
    std::sort(first, keys_.end(),
              [&text](const KeySpan& a, const KeySpan& b) { return text(a) < text(b); });
    const auto twin = std::adjacent_find(
        first, keys_.end(),
        [&text](const KeySpan& a, const KeySpan& b) { return text(a) == text(b); });
    if (twin == keys_.end()) return true;
    return Refuse(ErrorCode::kInvalidArgument,
                  "duplicate key " + Quote(text(*twin), kMaxNameInPath) +
                      (limits_.refuse_case_variants ? " (in any case)" : ""));
  }

  bool Tell(bool go_on) {
    return go_on || Refuse(ErrorCode::kInvalidArgument, std::string(events_.stop_reason()));
  }

  bool Refuse(ErrorCode code, std::string_view message) {
    if (!error_) error_.emplace(code, Path() + ": " + std::string(message));
    return false;
  }

  std::string Path() const {
    std::string path = "$";
    for (std::size_t i = 0; i < depth_ && path.size() < kMaxPath; ++i) {
      const Frame& frame = frames_[i];
      if (frame.is_array) {
        path += IndexStep(frame.index);
      } else if (frame.has_name) {
        path += FieldStep(frame.name);
      }
    }
    return path;
  }

  const Limits& limits_;
  Events& events_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::vector<KeySpan> keys_;
  std::string key_bytes_;
  std::optional<Error> error_;
};

template <typename Iterator>
Result<void> Run(Iterator begin, Iterator end, const Limits& limits, Events& events) {
  Guard guard(limits, events);
  if (nlohmann::json::sax_parse(begin, end, &guard)) return {};
  return std::unexpected(guard.error().value_or(
      Error(ErrorCode::kInternal, "$: the reader stopped without a reason")));
}

}  // namespace

Result<void> Scan(ByteSource& source, const Limits& limits, Events& events) {
  StreamBytes bytes(source, limits);
  const Result<void> scanned = Run(StreamIterator(&bytes), StreamIterator(nullptr), limits, events);
  // A stream that ended early looks like a document that is cut short.
  if (bytes.error()) return std::unexpected(*bytes.error());
  return scanned;
}

Result<void> Scan(std::string_view text, const Limits& limits, Events& events) {
  if (text.size() > limits.max_bytes) {
    return ResourceExhausted("more than " + std::to_string(limits.max_bytes) + " bytes");
  }
  if (text.starts_with(kByteOrderMark)) return InvalidArgument("$: starts with a byte order mark");
  // The lexer takes a zero byte for the end of the text, and whatever follows would go unread.
  if (const auto zero = text.find('\0'); zero != text.npos) {
    return InvalidArgument("$: zero byte at offset " + std::to_string(zero));
  }
  return Run(text.begin(), text.end(), limits, events);
}

}  // namespace xzgate::json
