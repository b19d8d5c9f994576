#include "scanner/layer/codec.h"

#ifdef XZGATE_HAVE_ISAL

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <limits>

namespace xzgate::layer {

namespace {

class IsalInflater final : public Inflater {
 public:
  IsalInflater() { Reset(); }

  void Reset() override {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR;  // raw deflate, with the CRC of gzip kept beside
  }

  Step Run(Bytes packed, std::span<std::uint8_t> into) override {
    constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
    const auto offered = static_cast<std::uint32_t>(std::min(packed.size(), kMost));
    const auto room = static_cast<std::uint32_t>(std::min(into.size(), kMost));
    state_.next_in = const_cast<std::uint8_t*>(packed.data());
    state_.avail_in = offered;
    state_.next_out = into.data();
    state_.avail_out = room;
    const int status = isal_inflate(&state_);
    // After an error the counts mean nothing: they may tell of the library's own buffer.
    if (status < 0 || status == ISAL_NEED_DICT) return {.state = State::kDamaged};
    Step step;
    step.consumed = static_cast<std::ptrdiff_t>(offered - state_.avail_in);
    step.produced = room - state_.avail_out;
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      step.state = State::kEnd;
      // The bit buffer holds whole bytes from behind the deflate data.
      step.consumed -= std::max(state_.read_in_length, 0) / 8;
    }
    return step;
  }

  std::uint32_t crc() const override { return state_.crc; }

 private:
  inflate_state state_;
};

}  // namespace

std::unique_ptr<Inflater> MakeIsalInflater() {
  return std::make_unique<IsalInflater>();
}

}  // namespace xzgate::layer

#else

namespace xzgate::layer {

std::unique_ptr<Inflater> MakeIsalInflater() {
  return nullptr;
}

}  // namespace xzgate::layer

#endif
