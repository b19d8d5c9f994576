#include "scanner/facts/packed_facts.h"

#include <zstd.h>

#include <memory>

namespace xzgate::facts {
namespace {

constexpr std::string_view kMagic = "xzfacts";
constexpr char kVersion = 2;
constexpr int kLevel = 3;
constexpr int kMaxWindowLog = 27;  // libzstd's own default limit

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::unexpected<Error> Damaged(std::string_view what) {
  return Integrity("stored facts: " + std::string(what));
}

}  // namespace

std::string PackFacts(std::string_view raw) {
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string packed = std::string(kMagic) + kVersion;
  const std::size_t head = packed.size();
  packed.resize(head + ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compress2(context.get(), packed.data() + head, packed.size() - head,
                                          raw.data(), raw.size());
  // The room is enough by compressBound; what is left is memory, and a container without a frame
  // reads back as damaged.
  packed.resize(ZSTD_isError(size) ? head : head + size);
  return packed;
}

Result<std::string> UnpackFacts(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() == kMagic.size())
    return Damaged("want the magic \"xzfacts\"");
  if (bytes[kMagic.size()] != kVersion) {
    return Unsupported("stored facts: want version " + std::to_string(kVersion) + ", found " +
                       std::to_string(static_cast<unsigned char>(bytes[kMagic.size()])));
  }
  bytes.remove_prefix(kMagic.size() + 1);
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  ZSTD_inBuffer from = {bytes.data(), bytes.size(), 0};
  std::string raw;
  std::size_t left = 1;
  while (left != 0) {
    // Grows with what comes, not by what the frame's header says.
    const std::size_t old_size = raw.size();
    if (old_size > kMaxUnpackedFacts)
      return ResourceExhausted("stored facts: more than " + std::to_string(kMaxUnpackedFacts) +
                               " bytes");
    raw.resize(old_size + ZSTD_DStreamOutSize());
    ZSTD_outBuffer to = {raw.data(), raw.size(), old_size};
    const std::size_t old_from = from.pos;
    left = ZSTD_decompressStream(context.get(), &to, &from);
    raw.resize(to.pos);
    if (ZSTD_isError(left)) return Damaged(ZSTD_getErrorName(left));
    if (left != 0 && from.pos == old_from && to.pos == old_size) return Damaged("cut short");
  }
  if (from.pos != bytes.size()) return Damaged("bytes behind the end");
  return raw;
}

}  // namespace xzgate::facts
