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

// Is told what the packed form of a stream is made of, while it is read: what some runtimes know a
// layer's files by (eStargz, zstd:chunked). Confined to the thread that reads.
class PackedObserver {
 public:
  virtual ~PackedObserver() = default;
  // A gzip member or a zstd frame starts, and its first byte is number `offset` of the content. One
  // that is empty is not told.
  virtual void OnPart(std::uint64_t offset) = 0;
  // A skippable zstd frame of `size` bytes (RFC 8878, section 3.1.2); what is not read of it is
  // passed over. Everything before it has been given out.
  virtual void OnSkippable(ByteSource& frame, std::uint64_t size) = 0;
};

// A decompressed stream over a packed one. Compression is told by magic bytes, never by a media
// type (containerd does the same): gzip with all members, zstd with all and skippable frames, else
// the bytes as they are. Confined to one thread; borrows `packed`. Read errors: kIntegrity (damage:
// bad CRC, truncation), kResourceExhausted (a limit above), kUnsupported (bzip2, xz, lz4 or another
// known compression; a zstd dictionary or window beyond the limit), errors of `packed`.
class DecompressedSource : public ByteSource {
 public:
  // Reads the first bytes of `packed` to tell the compression. `observer`: borrowed, may be null.
  static Result<std::unique_ptr<DecompressedSource>> Open(ByteSource& packed,
                                                          const DecompressLimits& limits,
                                                          PackedObserver* observer = nullptr);

  virtual Compression compression() const = 0;
  // Bytes that followed the last gzip member or zstd frame and are neither: handed out as data
  // (they are scanned) and counted here.
  virtual std::uint64_t trailing_bytes() const = 0;
};

}  // namespace xzgate::layer
