// Gzip streams and raw deflate data through zlib and ISA-L: what zlib reads to its end, ISA-L reads
// too, with the same bytes and the same rest. (ISA-L also took streams that zlib refused, when this
// was measured: then more is scanned, never less.)

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "base/byte_source.h"
#include "scanner/layer/codec.h"

namespace {

using namespace xzgate;
using namespace xzgate::layer;

constexpr std::uint64_t kMaxOutput = 1 << 20;

struct Outcome {
  bool whole = false;
  bool limited = false;
  std::string text;
  std::uint64_t trailing = 0;
};

Outcome ReadStream(std::unique_ptr<Inflater> inflater, std::string_view packed, std::size_t chunk,
                   std::size_t piece) {
  MemorySource source{std::string(packed), chunk};
  Outcome outcome;
  auto opened = OpenWithInflater(source, {.max_output_bytes = kMaxOutput}, std::move(inflater));
  if (!opened) return outcome;
  std::string buffer(piece, '\0');
  while (true) {
    const auto count =
        (*opened)->Read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    if (!count) {
      outcome.limited = count.error().code() == ErrorCode::kResourceExhausted;
      return outcome;
    }
    if (*count > buffer.size()) std::abort();
    if (*count == 0) break;
    outcome.text.append(buffer, 0, *count);
  }
  outcome.whole = true;
  outcome.trailing = (*opened)->trailing_bytes();
  return outcome;
}

Outcome InflateRaw(std::unique_ptr<Inflater> inflater, Bytes packed, std::size_t piece) {
  Outcome outcome;
  std::string buffer(piece, '\0');
  inflater->Reset();
  std::size_t at = 0;
  while (outcome.text.size() < kMaxOutput) {
    const auto step = inflater->Run(
        packed.subspan(at), {reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    if (step.state == Inflater::State::kDamaged) return outcome;
    at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + step.consumed);
    if (at > packed.size() || step.produced > buffer.size()) std::abort();
    outcome.text.append(buffer, 0, step.produced);
    if (step.state == Inflater::State::kEnd) {
      outcome.whole = true;
      outcome.trailing = packed.size() - at;
      outcome.text += std::to_string(inflater->crc());
      return outcome;
    }
    if (step.produced == 0 && step.consumed == 0) return outcome;
  }
  outcome.limited = true;
  return outcome;
}

void Compare(const Outcome& zlib, const Outcome& isal) {
  if (zlib.limited || isal.limited) return;
  if (zlib.whole && !isal.whole) std::abort();
  if (zlib.whole && (zlib.text != isal.text || zlib.trailing != isal.trailing)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t chunk = 1 + data[0] * 7u;
  const std::size_t piece = 1 + data[1] * 16u;
  const Bytes packed(data + 2, size - 2);
  if (MakeIsalInflater() == nullptr) {
    ReadStream(MakeZlibInflater(), AsText(packed), chunk, piece);
    return 0;
  }
  Compare(ReadStream(MakeZlibInflater(), AsText(packed), chunk, piece),
          ReadStream(MakeIsalInflater(), AsText(packed), chunk, 4096));
  Compare(InflateRaw(MakeZlibInflater(), packed, piece),
          InflateRaw(MakeIsalInflater(), packed, 4096));
  return 0;
}
