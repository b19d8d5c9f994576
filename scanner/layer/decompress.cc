#include "scanner/layer/decompress.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "scanner/layer/codec.h"

namespace xzgate::layer {

std::string_view ToString(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "none";
}

namespace {

// Compressions that exist in the world and that we do not read: a layer of this kind is never taken
// for plain bytes.
struct Magic {
  std::string_view name;
  std::string_view bytes;
};
constexpr Magic kUnreadable[] = {
    {"bzip2", "BZh"},
    {"xz",
     {"\xFD"
      "7zXZ\0",
      6}},
    {"lz4", "\x04\x22\x4D\x18"},
    {"compress", "\x1F\x9D"},
    {"7z", "7z\xBC\xAF\x27\x1C"},
};

constexpr std::size_t kFrontBytes = 8;  // no magic is longer

// The compression at the front, if it is one that we do not read. Also where a tar header stands
// around it, as of a file named "BZh…": Docker and CRI-O go by these bytes alone and would unpack
// what we never saw.
std::optional<std::string_view> FindUnreadable(std::string_view front) {
  for (const Magic& magic : kUnreadable) {
    if (front.starts_with(magic.bytes)) return magic.name;
  }
  return std::nullopt;
}

class LimitedSource final : public DecompressedSource {
 public:
  LimitedSource(std::unique_ptr<PackedInput> input, const DecompressLimits& limits,
                PackedObserver* observer)
      : input_(std::move(input)), limits_(limits), observer_(observer) {}

  void Use(std::unique_ptr<Codec> codec, Compression compression) {
    codec_ = std::move(codec);
    compression_ = compression;
  }

  Compression compression() const override { return compression_; }
  std::uint64_t trailing_bytes() const override { return trailing_; }

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (failure_) return std::unexpected(*failure_);
    auto count = ReadOnce(into);
    if (!count) failure_ = count.error();
    return count;
  }

 private:
  Result<std::size_t> ReadOnce(std::span<std::uint8_t> into) {
    XZGATE_ASSIGN(const std::size_t count, ReadCodecOrRaw(into));
    output_ += count;
    if (output_ > limits_.max_output_bytes) {
      return ResourceExhausted("decompressed layer: more than " +
                               std::to_string(limits_.max_output_bytes) + " bytes");
    }
    if (output_ > limits_.ratio_free_bytes && output_ / limits_.max_ratio > input_->consumed()) {
      return ResourceExhausted("decompressed layer: more than " +
                               std::to_string(limits_.max_ratio) + " times its packed size");
    }
    return count;
  }

  Result<std::size_t> ReadCodecOrRaw(std::span<std::uint8_t> into) {
    if (codec_ != nullptr) {
      XZGATE_ASSIGN(const std::size_t count, codec_->Read(into));
      if (count > 0) {
        if (observer_ != nullptr && codec_->parts() != parts_) observer_->OnPart(output_);
        parts_ = codec_->parts();
        return count;
      }
      codec_.reset();
    }
    XZGATE_ASSIGN(const Bytes rest, input_->Peek(1));
    const std::size_t count = std::min(rest.size(), into.size());
    std::memcpy(into.data(), rest.data(), count);
    input_->Consume(static_cast<std::ptrdiff_t>(count));
    if (compression_ != Compression::kNone) trailing_ += count;
    return count;
  }

  std::unique_ptr<PackedInput> input_;
  DecompressLimits limits_;
  std::unique_ptr<Codec> codec_;  // null: the input as it is
  Compression compression_ = Compression::kNone;
  PackedObserver* observer_;
  std::uint64_t parts_ = 0;
  std::uint64_t output_ = 0;
  std::uint64_t trailing_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<DecompressedSource>> OpenWithInflater(ByteSource& packed,
                                                             const DecompressLimits& limits,
                                                             std::unique_ptr<Inflater> inflater,
                                                             PackedObserver* observer) {
  if (limits.max_ratio == 0) return InvalidArgument("decompression limits: want a ratio over 0");
  auto owned = std::make_unique<PackedInput>(packed);
  PackedInput& input = *owned;
  XZGATE_ASSIGN(const Bytes front, input.Peek(kFrontBytes));
  auto source = std::make_unique<LimitedSource>(std::move(owned), limits, observer);
  if (IsGzip(front)) {
    source->Use(MakeGzipCodec(input, std::move(inflater)), Compression::kGzip);
  } else if (IsZstd(front)) {
    source->Use(MakeZstdCodec(input, limits, observer), Compression::kZstd);
  } else if (const auto name = FindUnreadable(AsText(front))) {
    return Unsupported("layer compressed with " + std::string(*name) +
                       ": want gzip, zstd or nothing");
  }
  return source;
}

Result<std::unique_ptr<DecompressedSource>> DecompressedSource::Open(ByteSource& packed,
                                                                     const DecompressLimits& limits,
                                                                     PackedObserver* observer) {
  return OpenWithInflater(packed, limits, MakeFastestInflater(), observer);
}

}  // namespace xzgate::layer
