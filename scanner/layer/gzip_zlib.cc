#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "scanner/layer/codec.h"

namespace xzgate::layer {

namespace {

constexpr int kRawDeflate = -15;  // zlib.h, inflateInit2: negative window bits mean no wrapper

class ZlibInflater final : public Inflater {
 public:
  ZlibInflater() {
    if (inflateInit2(&stream_, kRawDeflate) != Z_OK) throw std::bad_alloc();
  }
  ~ZlibInflater() override { inflateEnd(&stream_); }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;

  void Reset() override {
    inflateReset(&stream_);
    crc_ = 0;
  }

  Step Run(Bytes packed, std::span<std::uint8_t> into) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto offered = static_cast<uInt>(std::min(packed.size(), kMost));
    const auto room = static_cast<uInt>(std::min(into.size(), kMost));
    stream_.next_in = const_cast<Bytef*>(packed.data());
    stream_.avail_in = offered;
    stream_.next_out = into.data();
    stream_.avail_out = room;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    Step step;
    step.consumed = static_cast<std::ptrdiff_t>(offered - stream_.avail_in);
    step.produced = room - stream_.avail_out;
    crc_ = static_cast<std::uint32_t>(crc32(crc_, into.data(), room - stream_.avail_out));
    if (status == Z_STREAM_END) {
      step.state = State::kEnd;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      step.state = State::kDamaged;
    }
    return step;
  }

  std::uint32_t crc() const override { return crc_; }

 private:
  z_stream stream_ = {};
  std::uint32_t crc_ = 0;
};

}  // namespace

std::unique_ptr<Inflater> MakeZlibInflater() {
  return std::make_unique<ZlibInflater>();
}

}  // namespace xzgate::layer
