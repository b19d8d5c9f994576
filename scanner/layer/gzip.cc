// Gzip framing (RFC 1952) by hand, so that zlib and ISA-L differ in nothing but the inflating: one
// header reader, one loop over the members, one check of CRC and size. A plain loop over either
// library reads the first member only (hardening.md 2.2).

#include <zlib.h>

#include <array>
#include <string>

#include "scanner/layer/codec.h"

namespace xzgate::layer {

bool IsGzip(Bytes front) {
  return front.size() >= 2 && front[0] == 0x1F && front[1] == 0x8B;
}

namespace {

// RFC 1952, section 2.3.1.
constexpr std::uint8_t kHeaderCrc = 0x02;
constexpr std::uint8_t kExtra = 0x04;
constexpr std::uint8_t kName = 0x08;
constexpr std::uint8_t kComment = 0x10;
constexpr std::uint8_t kReserved = 0xE0;
constexpr std::uint8_t kDeflate = 8;

std::unexpected<Error> Truncated() {
  return Integrity("gzip: the stream ends inside a member");
}

// Reads a member's header byte by byte and sums them for FHCRC.
class HeaderReader {
 public:
  explicit HeaderReader(PackedInput& input) : input_(input) {}

  Result<std::uint32_t> Number(int bytes) {  // little-endian
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      XZGATE_ASSIGN(const Bytes window, input_.Peek(1));
      if (window.empty()) return Truncated();
      crc_ = crc32(crc_, window.data(), 1);
      value |= static_cast<std::uint32_t>(window[0]) << (8 * i);
      input_.Consume(1);
    }
    return value;
  }

  Result<void> SkipText() {  // up to and with its NUL
    while (true) {
      XZGATE_ASSIGN(const std::uint32_t byte, Number(1));
      if (byte == 0) return {};
    }
  }

  uLong crc() const { return crc_; }

 private:
  PackedInput& input_;
  uLong crc_ = 0;
};

Result<void> ReadHeader(PackedInput& input) {
  HeaderReader header(input);
  XZGATE_RETURN_IF_ERROR(header.Number(2));  // the magic, seen by the caller
  XZGATE_ASSIGN(const std::uint32_t method, header.Number(1));
  if (method != kDeflate) {
    return Unsupported("gzip: method " + std::to_string(method) + ", want 8 (deflate)");
  }
  XZGATE_ASSIGN(const std::uint32_t flags, header.Number(1));
  if ((flags & kReserved) != 0) return Integrity("gzip: reserved header flags are set");
  XZGATE_RETURN_IF_ERROR(header.Number(4));  // time
  XZGATE_RETURN_IF_ERROR(header.Number(2));  // hints, operating system
  if ((flags & kExtra) != 0) {
    XZGATE_ASSIGN(const std::uint32_t length, header.Number(2));
    for (std::uint32_t i = 0; i < length; ++i) XZGATE_RETURN_IF_ERROR(header.Number(1));
  }
  if ((flags & kName) != 0) XZGATE_RETURN_IF_ERROR(header.SkipText());
  if ((flags & kComment) != 0) XZGATE_RETURN_IF_ERROR(header.SkipText());
  if ((flags & kHeaderCrc) != 0) {
    const auto want = static_cast<std::uint32_t>(header.crc() & 0xFFFF);
    XZGATE_ASSIGN(const std::uint32_t found, header.Number(2));
    if (found != want) return Integrity("gzip: the header's CRC does not match");
  }
  return {};
}

class GzipCodec final : public Codec {
 public:
  GzipCodec(PackedInput& input, std::unique_ptr<Inflater> inflater)
      : input_(input), inflater_(std::move(inflater)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    while (true) {
      if (!in_member_) {
        XZGATE_ASSIGN(const bool more, StartMember());
        if (!more) return std::size_t{0};
      }
      XZGATE_ASSIGN(const Bytes packed, input_.Peek(1));
      const Inflater::Step step = inflater_->Run(packed, into);
      if (step.state == Inflater::State::kDamaged) return Integrity("gzip: damaged deflate data");
      input_.Consume(step.consumed);
      size_ += static_cast<std::uint32_t>(step.produced);
      if (step.state == Inflater::State::kEnd) {
        XZGATE_RETURN_IF_ERROR(EndMember());
      } else if (step.produced == 0 && step.consumed == 0) {
        return Truncated();
      }
      if (step.produced > 0) return step.produced;
    }
  }

  std::uint64_t parts() const override { return members_; }

 private:
  Result<bool> StartMember() {
    XZGATE_ASSIGN(const Bytes front, input_.Peek(2));
    if (!IsGzip(front)) return false;
    XZGATE_RETURN_IF_ERROR(ReadHeader(input_));
    inflater_->Reset();
    size_ = 0;
    ++members_;
    in_member_ = true;
    return true;
  }

  Result<void> EndMember() {
    in_member_ = false;
    HeaderReader trailer(input_);
    XZGATE_ASSIGN(const std::uint32_t crc, trailer.Number(4));
    XZGATE_ASSIGN(const std::uint32_t size, trailer.Number(4));
    if (crc != inflater_->crc()) return Integrity("gzip: the CRC of the content does not match");
    if (size != size_) return Integrity("gzip: the size of the content does not match");
    return {};
  }

  PackedInput& input_;
  std::unique_ptr<Inflater> inflater_;
  bool in_member_ = false;
  std::uint64_t members_ = 0;
  std::uint32_t size_ = 0;  // of the member so far, modulo 2^32 as the trailer has it
};

}  // namespace

std::unique_ptr<Codec> MakeGzipCodec(PackedInput& input, std::unique_ptr<Inflater> inflater) {
  return std::make_unique<GzipCodec>(input, std::move(inflater));
}

std::unique_ptr<Inflater> MakeFastestInflater() {
  auto inflater = MakeIsalInflater();
  return inflater ? std::move(inflater) : MakeZlibInflater();
}

}  // namespace xzgate::layer
