#include "scanner/layer/packed_input.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace xzgate::layer {

PackedInput::PackedInput(ByteSource& source)
    : source_(source),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kGiveBackBytes + kBufferBytes)) {}

Result<Bytes> PackedInput::Peek(std::size_t want) {
  assert(want <= kBufferBytes);
  while (end_ - begin_ < want && !at_end_) {
    if (begin_ > kGiveBackBytes) {
      const std::size_t from = begin_ - kGiveBackBytes;
      std::memmove(buffer_.get(), buffer_.get() + from, end_ - from);
      begin_ -= from;
      end_ -= from;
    }
    XZGATE_ASSIGN(const std::size_t count,
                  source_.Read({buffer_.get() + end_, kGiveBackBytes + kBufferBytes - end_}));
    at_end_ = count == 0;
    end_ += count;
  }
  return Bytes(buffer_.get() + begin_, end_ - begin_);
}

void PackedInput::Consume(std::ptrdiff_t count) {
  assert(count <= static_cast<std::ptrdiff_t>(end_ - begin_));
  assert(count >= -static_cast<std::ptrdiff_t>(kGiveBackBytes));
  begin_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(begin_) + count);
  consumed_ += static_cast<std::uint64_t>(count);
}

Result<bool> PackedInput::Skip(std::uint64_t count) {
  while (count > 0) {
    XZGATE_ASSIGN(const Bytes window, Peek(1));
    if (window.empty()) return false;
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(count, window.size()));
    Consume(static_cast<std::ptrdiff_t>(step));
    count -= step;
  }
  return true;
}

}  // namespace xzgate::layer
