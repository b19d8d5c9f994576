#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/json/reader.h"

namespace xzgate::json {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The bytes of a document in a stream, one by one. nlohmann's lexer keeps a token in memory however
// long it is: so tokens are measured before it sees them. What is refused ends the bytes early, and
// error() tells. Confined to one thread; borrows its arguments. Used by reader.cc alone.
class StreamBytes {
 public:
  StreamBytes(ByteSource& source, const Limits& limits);

  bool at_end() const { return at_ == end_; }
  char here() const { return static_cast<char>(buffer_[at_]); }
  void Next();

  const std::optional<Error>& error() const { return error_; }

 private:
  void Fill();
  void CheckHere();
  bool Measure(char c);
  void Fail(Error error);

  ByteSource& source_;
  const Limits& limits_;
  std::vector<std::uint8_t> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t read_ = 0;
  std::size_t token_ = 0;
  bool in_text_ = false;
  bool is_escaped_ = false;
  std::optional<Error> error_;
};

// What nlohmann's reader takes for a stream. Null: the end.
class StreamIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  explicit StreamIterator(StreamBytes* bytes) : bytes_(bytes) {}

  char operator*() const { return bytes_->here(); }
  StreamIterator& operator++() {
    bytes_->Next();
    return *this;
  }
  StreamIterator operator++(int) {
    const StreamIterator before = *this;
    bytes_->Next();
    return before;
  }
  bool operator==(const StreamIterator& other) const { return is_end() == other.is_end(); }

 private:
  bool is_end() const { return bytes_ == nullptr || bytes_->at_end(); }

  StreamBytes* bytes_;
};

}  // namespace xzgate::json
