#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::layer {

// The packed side of a decompression: a window over a stream that looks ahead and hands bytes back.
// Confined to one thread; borrows the source.
class PackedInput {
 public:
  static constexpr std::size_t kBufferBytes = 256 * 1024;  // hardening.md 2.1: more gains nothing
  // A codec may give back this many bytes that it consumed earlier, even from the window before
  // (ISA-L holds up to 64 bits).
  static constexpr std::size_t kGiveBackBytes = 8;

  explicit PackedInput(ByteSource& source);

  // What is buffered: at least `want` bytes (at most kBufferBytes), fewer only at the end of the
  // stream. Valid until the next Peek. Errors of the source.
  Result<Bytes> Peek(std::size_t want);

  // Moves on by `count` bytes of the window; negative gives bytes back.
  void Consume(std::ptrdiff_t count);

  // Moves on by `count` bytes whatever the window holds; false when the stream ends before.
  Result<bool> Skip(std::uint64_t count);

  std::uint64_t consumed() const { return consumed_; }

 private:
  ByteSource& source_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  // buffer_[begin_, end_) is the window; the kGiveBackBytes before begin_ are the bytes consumed
  // last.
  std::size_t begin_ = kGiveBackBytes;
  std::size_t end_ = kGiveBackBytes;
  bool at_end_ = false;
  std::uint64_t consumed_ = 0;
};

}  // namespace xzgate::layer
