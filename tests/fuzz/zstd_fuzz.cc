// Zstd streams: memory and output stay bounded, and neither the pieces that come in nor those that
// are asked for change the content.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/byte_source.h"
#include "scanner/layer/decompress.h"

namespace {

using namespace xzgate;
using namespace xzgate::layer;

struct Outcome {
  std::string text;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

Outcome ReadStream(const std::string& packed, std::size_t chunk, std::size_t piece) {
  constexpr std::uint64_t kMaxOutput = 1 << 20;
  MemorySource source(packed, chunk);
  Outcome outcome;
  auto opened =
      DecompressedSource::Open(source, {.max_output_bytes = kMaxOutput, .zstd_window_log = 20});
  if (!opened) return {"", opened.error().ToString()};
  std::string buffer(piece, '\0');
  while (true) {
    const auto count =
        (*opened)->Read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    if (!count) {
      // How much came before the damage depends on the pieces; that it is damaged does not.
      return {"", std::string(ToString(count.error().code()))};
    }
    if (*count == 0) return outcome;
    outcome.text.append(buffer, 0, *count);
    if (outcome.text.size() > kMaxOutput) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  // The magic is put in front, so that the fuzzer need not find it.
  const std::string packed = "\x28\xB5\x2F\xFD" + std::string(data + 2, data + size);
  for (const std::string& input : {packed, packed.substr(4)}) {
    const Outcome whole = ReadStream(input, SIZE_MAX, 65536);
    const Outcome pieces = ReadStream(input, 1 + data[0], 1 + data[1] * 16u);
    if (whole.error.empty() && pieces.error.empty() && whole != pieces) std::abort();
    if (whole.error.empty() != pieces.error.empty()) std::abort();
  }
  return 0;
}
