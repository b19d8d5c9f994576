#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "scanner/layer/codec.h"

namespace xzgate::layer {

namespace {

// RFC 8878, sections 3.1.1 and 3.1.2.
constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::uint32_t kSkippableMagic = 0x184D2A50;  // and the 15 after it
constexpr std::uint32_t kSkippableMask = 0xFFFFFFF0;
constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kSkippableHeaderBytes = 8;
constexpr std::size_t kMaxFrameHeaderBytes = 18;  // section 3.1.1.1, with the magic
// What libzstd is given of a frame first. With the whole frame at once it takes another way through
// it, which refuses some frames that this one takes: whether a layer can be read must not depend on
// how its bytes came in (found by fuzzing, 1.5.4).
constexpr std::size_t kHeaderPiece = 5;

std::uint32_t Little32(Bytes at) {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
         static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

bool IsFrame(Bytes front) {
  return front.size() >= kMagicBytes && Little32(front) == kFrameMagic;
}
bool IsSkippable(Bytes front) {
  return front.size() >= kMagicBytes && (Little32(front) & kSkippableMask) == kSkippableMagic;
}

std::unexpected<Error> Truncated() {
  return Integrity("zstd: the stream ends inside a frame");
}

std::unexpected<Error> DecodeError(std::size_t status, int window_log) {
  const std::string name = ZSTD_getErrorName(status);
  switch (ZSTD_getErrorCode(status)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return Unsupported("zstd: a frame asks for a window over 2^" + std::to_string(window_log) +
                         " bytes");
    case ZSTD_error_dictionary_wrong:
      return Unsupported("zstd: a frame asks for a dictionary");
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_version_unsupported:
      return Unsupported("zstd: " + name);
    case ZSTD_error_memory_allocation:
      return ResourceExhausted("zstd: no memory for a frame's window");
    default:
      return Integrity("zstd: " + name);
  }
}

// The content of a skippable frame, taken from the input as it is read.
class SkippableFrame final : public ByteSource {
 public:
  SkippableFrame(PackedInput& input, std::uint64_t size) : input_(input), left_(size) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (left_ == 0) return std::size_t{0};
    XZGATE_ASSIGN(const Bytes window, input_.Peek(1));
    if (window.empty()) return Truncated();
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>({left_, window.size(), into.size()}));
    std::memcpy(into.data(), window.data(), count);
    input_.Consume(static_cast<std::ptrdiff_t>(count));
    left_ -= count;
    return count;
  }
  std::uint64_t left() const { return left_; }

 private:
  PackedInput& input_;
  std::uint64_t left_;
};

class ZstdCodec final : public Codec {
 public:
  ZstdCodec(PackedInput& input, const DecompressLimits& limits, PackedObserver* observer)
      : input_(input), observer_(observer), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    const ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    window_log_ = std::clamp(limits.zstd_window_log, bounds.lowerBound, bounds.upperBound);
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, window_log_);
  }
  ~ZstdCodec() override { ZSTD_freeDCtx(context_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    while (true) {
      if (!in_frame_) {
        XZGATE_ASSIGN(in_frame_, StartFrame());
        if (!in_frame_) return std::size_t{0};
      }
      XZGATE_ASSIGN(const Bytes packed, input_.Peek(1));
      const std::size_t offered =
          at_header_ ? std::min(packed.size(), kHeaderPiece) : packed.size();
      at_header_ = false;
      ZSTD_inBuffer from = {packed.data(), offered, 0};
      ZSTD_outBuffer to = {into.data(), into.size(), 0};
      const std::size_t status = ZSTD_decompressStream(context_, &to, &from);
      if (ZSTD_isError(status)) return DecodeError(status, window_log_);
      input_.Consume(static_cast<std::ptrdiff_t>(from.pos));
      in_frame_ = status != 0;
      produced_ += to.pos;
      // libzstd itself looks only in some cases, which depend on the size of the buffers (seen
      // in 1.5.4).
      if (!in_frame_ && announced_ != ZSTD_CONTENTSIZE_UNKNOWN && announced_ != produced_) {
        return Integrity("zstd: the size of the content does not match");
      }
      if (to.pos > 0) return to.pos;
      if (in_frame_ && from.pos == 0) return Truncated();
    }
  }

  std::uint64_t parts() const override { return frames_; }

 private:
  // Passes skippable frames; false when no frame follows.
  Result<bool> StartFrame() {
    while (true) {
      XZGATE_ASSIGN(const Bytes front, input_.Peek(kMaxFrameHeaderBytes));
      if (IsFrame(front)) {
        announced_ = ZSTD_getFrameContentSize(front.data(), front.size());
        produced_ = 0;
        at_header_ = true;
        ++frames_;
        return true;
      }
      if (!IsSkippable(front)) return false;
      if (front.size() < kSkippableHeaderBytes) return Truncated();
      const std::uint64_t size = Little32(front.subspan(kMagicBytes));
      input_.Consume(kSkippableHeaderBytes);
      SkippableFrame frame(input_, size);
      if (observer_ != nullptr) observer_->OnSkippable(frame, size);
      XZGATE_ASSIGN(const bool whole, input_.Skip(frame.left()));
      if (!whole) return Truncated();
    }
  }

  PackedInput& input_;
  PackedObserver* observer_;
  ZSTD_DCtx* context_;
  int window_log_ = 0;
  bool in_frame_ = false;
  bool at_header_ = false;  // nothing of the frame was decoded yet
  std::uint64_t frames_ = 0;
  unsigned long long announced_ = 0;  // content of the frame as its header has it
  unsigned long long produced_ = 0;
};

}  // namespace

bool IsZstd(Bytes front) {
  return IsFrame(front) || IsSkippable(front);
}

std::unique_ptr<Codec> MakeZstdCodec(PackedInput& input, const DecompressLimits& limits,
                                     PackedObserver* observer) {
  return std::make_unique<ZstdCodec>(input, limits, observer);
}

}  // namespace xzgate::layer
