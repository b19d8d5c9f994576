#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::layer {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };
std::string_view ToString(Compression compression);

struct DecompressLimits {
  std::uint64_t max_output_bytes = 32ULL * 1024 * 1024 * 1024;  // hardening.md 8.1
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_free_bytes = 64ULL * 1024 * 1024;
  int zstd_window_log = 27;  // 128 MiB, libzstd's own default limit
};

// A decompressed stream over a packed one. Compression is told by magic bytes, never by a media
// type (containerd does the same): gzip with all members, zstd with all and skippable frames, else
// the bytes as they are. Confined to one thread; borrows `packed`. Read errors: kIntegrity (damage:
// bad CRC, truncation), kResourceExhausted (a limit above), kUnsupported (bzip2, xz, lz4 or another
// known compression; a zstd dictionary or window beyond the limit), errors of `packed`.
class DecompressedSource : public ByteSource {
 public:
  // Reads the first bytes of `packed` to tell the compression.
  static Result<std::unique_ptr<DecompressedSource>> Open(ByteSource& packed,
                                                          const DecompressLimits& limits);

  virtual Compression compression() const = 0;
  // Bytes that followed the last gzip member or zstd frame and are neither: handed out as data
  // (they are scanned) and counted here.
  virtual std::uint64_t trailing_bytes() const = 0;
};

}  // namespace xzgate::layer
