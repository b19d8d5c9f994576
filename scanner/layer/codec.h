#pragma once

#include <memory>

#include "base/byte_source.h"
#include "scanner/layer/decompress.h"
#include "scanner/layer/packed_input.h"

namespace xzgate::layer {

// What DecompressedSource is made of; nothing outside this room includes it.

// The members or frames of one packed stream, one after the other. Confined to one thread; borrows
// its input.
class Codec {
 public:
  virtual ~Codec() = default;

  // As ByteSource::Read. 0 when the last member or frame has ended and what follows in the input,
  // if anything, starts no other.
  // Never of two members or frames in one call.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> into) = 0;

  // How many members or frames have started.
  virtual std::uint64_t parts() const = 0;
};

// Inflates raw deflate data (RFC 1951). Confined to one thread. Two implementations that agree byte
// for byte on all that zlib reads to its end.
class Inflater {
 public:
  enum class State { kMore, kEnd, kDamaged };
  struct Step {
    // Negative at the end when an earlier step took too many bytes.
    std::ptrdiff_t consumed = 0;
    std::size_t produced = 0;
    State state = State::kMore;  // kDamaged: the counts above mean nothing
  };

  virtual ~Inflater() = default;
  virtual void Reset() = 0;
  // Goes on with `packed`, which may be empty to flush what is buffered.
  virtual Step Run(Bytes packed, std::span<std::uint8_t> into) = 0;
  // CRC-32 of all output since Reset.
  virtual std::uint32_t crc() const = 0;
};

std::unique_ptr<Inflater> MakeZlibInflater();
// Null in a build without ISA-L.
std::unique_ptr<Inflater> MakeIsalInflater();
// ISA-L where there is one (2.3 times zlib on x86, hardening.md 2.1), else zlib.
std::unique_ptr<Inflater> MakeFastestInflater();

bool IsGzip(Bytes front);  // needs 2 bytes
bool IsZstd(Bytes front);  // a frame or a skippable frame; needs 4 bytes

std::unique_ptr<Codec> MakeGzipCodec(PackedInput& input, std::unique_ptr<Inflater> inflater);
std::unique_ptr<Codec> MakeZstdCodec(PackedInput& input, const DecompressLimits& limits,
                                     PackedObserver* observer);

// Open with a chosen inflater: what the differential tests use.
Result<std::unique_ptr<DecompressedSource>> OpenWithInflater(ByteSource& packed,
                                                             const DecompressLimits& limits,
                                                             std::unique_ptr<Inflater> inflater,
                                                             PackedObserver* observer = nullptr);

}  // namespace xzgate::layer
