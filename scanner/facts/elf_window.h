#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/byte_source.h"

namespace xzgate::facts {

// What is kept of a file that streams by: its head, and the pieces that were asked for while they
// still lay ahead. Memory is bounded by the two budgets whatever the file says. Confined to one
// thread.
class ElfWindow {
 public:
  static constexpr std::size_t kMaxPieces = 64;

  // `piece_bytes` is for all pieces together.
  ElfWindow(std::size_t head_bytes, std::size_t piece_bytes);

  struct Taken {
    std::size_t bytes = 0;  // at least 1 of what was given
    bool event = false;     // the head is full or a piece is complete: time to ask for more
  };
  // Takes from the front of `bytes` (not empty) and stops at each event, so that what is asked for
  // then does not depend on how the file was cut into calls.
  Taken Take(Bytes bytes);

  // Asks to keep [offset, offset + size). False when a part of it has passed unkept, or a budget is
  // spent. A range that is kept or asked for already is fine.
  bool Want(std::uint64_t offset, std::uint64_t size);

  // The whole of that range, if kept.
  std::optional<Bytes> Get(std::uint64_t offset, std::uint64_t size) const;
  // What is kept from `offset` on, at most `size`; may be empty.
  Bytes GetSome(std::uint64_t offset, std::uint64_t size) const;

  Bytes head() const { return {head_.get(), head_size_}; }
  bool head_is_full() const { return head_size_ == head_bytes_; }
  // Bytes that passed so far: the size of the file at its end.
  std::uint64_t position() const { return position_; }

 private:
  struct Piece {
    std::uint64_t offset;
    std::uint64_t size;
    std::vector<std::uint8_t> bytes;  // grows as the range passes
  };

  std::size_t head_bytes_;
  std::size_t piece_bytes_;
  // Not initialised: pages that no byte was written to cost nothing.
  std::unique_ptr<std::uint8_t[]> head_;
  std::size_t head_size_ = 0;
  std::vector<Piece> pieces_;
  std::uint64_t position_ = 0;
};

}  // namespace xzgate::facts
