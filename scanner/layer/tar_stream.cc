#include "scanner/layer/tar_stream.h"

#include <algorithm>
#include <cstring>

namespace xzgate::layer {

TarStream::TarStream(ByteSource& source)
    : source_(source), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)) {}

Result<void> TarStream::Fill(std::size_t want) {
  while (end_ - begin_ < want && !at_end_) {
    if (begin_ > 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    XZGATE_ASSIGN(const std::size_t count,
                  source_.Read({buffer_.get() + end_, kBufferBytes - end_}));
    at_end_ = count == 0;
    end_ += count;
  }
  return {};
}

Result<Bytes> TarStream::NextBlock() {
  XZGATE_RETURN_IF_ERROR(Fill(kBlockBytes));
  const Bytes block(buffer_.get() + begin_, std::min(end_ - begin_, kBlockBytes));
  begin_ += block.size();
  position_ += block.size();
  return block;
}

Result<Bytes> TarStream::NextBytes(std::uint64_t max) {
  XZGATE_RETURN_IF_ERROR(Fill(1));
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(end_ - begin_, max));
  const Bytes bytes(buffer_.get() + begin_, count);
  begin_ += count;
  position_ += count;
  return bytes;
}

Result<std::uint64_t> TarStream::Skip(std::uint64_t count) {
  std::uint64_t skipped = 0;
  while (skipped < count) {
    XZGATE_ASSIGN(const Bytes bytes, NextBytes(count - skipped));
    if (bytes.empty()) break;
    skipped += bytes.size();
  }
  return skipped;
}

}  // namespace xzgate::layer
