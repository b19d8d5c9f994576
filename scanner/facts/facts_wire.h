#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xzgate::facts {

// Writes numbers (LEB128), flags (a byte), texts and lists (their length first). Confined to one
// thread.
class Writer {
 public:
  std::string bytes;

  void Number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
    bytes += static_cast<char>(value);
  }
  void Flag(bool value) { bytes += value ? '\1' : '\0'; }
  void Text(std::string_view text) {
    Number(text.size());
    bytes += text;
  }
  template <typename List, typename Write>
  void Each(const List& list, Write write) {
    Number(list.size());
    for (const auto& item : list) write(item);
  }
};

// Reads what Writer wrote. After the first fault everything reads as empty, and failed() tells:
// callers check once, at the end. Never allocates by a length that the bytes do not have. Confined
// to one thread; borrows the bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t Number();
  bool Flag();
  std::string Text();

  // A number that must fit a smaller type.
  template <typename Small>
  Small Narrow() {
    const std::uint64_t value = Number();
    const auto narrow = static_cast<Small>(value);
    if (narrow != value) Fail();
    return narrow;
  }

  // Every item takes a byte at least: a false count ends with the bytes.
  template <typename List, typename Read>
  void Each(List& list, Read read) {
    const std::uint64_t count = Number();
    for (std::uint64_t i = 0; i < count && !failed_; ++i) list.push_back(read());
  }

  void Fail() {
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::uint8_t Byte();

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace xzgate::facts
