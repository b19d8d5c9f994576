#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::layer {

// A stream cut into tar's blocks, with one buffer for the whole walk. Confined to one thread;
// borrows the source.
class TarStream {
 public:
  static constexpr std::size_t kBlockBytes = 512;  // POSIX.1 pax, ustar interchange format
  static constexpr std::size_t kBufferBytes = 256 * 1024;

  explicit TarStream(ByteSource& source);

  // The next block; shorter only when the stream ends inside it, empty at the end. Views of all
  // methods hold until the next call.
  Result<Bytes> NextBlock();

  // At least 1 and at most `max` of the bytes that come next; empty at the end.
  Result<Bytes> NextBytes(std::uint64_t max);

  // How many bytes of the stream were given out or passed over.
  std::uint64_t position() const { return position_; }

  // Moves on; returns how many bytes there were, fewer than `count` only at the end.
  Result<std::uint64_t> Skip(std::uint64_t count);

 private:
  Result<void> Fill(std::size_t want);

  ByteSource& source_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t position_ = 0;
};

inline std::uint64_t PaddingOf(std::uint64_t size) {
  return (TarStream::kBlockBytes - size % TarStream::kBlockBytes) % TarStream::kBlockBytes;
}

}  // namespace xzgate::layer
