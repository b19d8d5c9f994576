#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace xzgate::testing {

// Packed forms of a text for tests; link ZLIB::ZLIB and PkgConfig::ZSTD. Pure functions; they abort
// when the library fails.

// One gzip member.
inline std::string Gzip(std::string_view text, int level = 6, gz_header* header = nullptr) {
  z_stream stream = {};
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    std::abort();
  if (header != nullptr) deflateSetHeader(&stream, header);
  std::string out(deflateBound(&stream, text.size()) + 4096, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A member with every optional header field: FEXTRA, FNAME, FCOMMENT and FHCRC.
inline std::string GzipAllFields(std::string_view text) {
  std::string extra = "XZ\x04";
  extra += '\0';
  extra += "data";
  std::string name = "layer.tar";
  std::string comment = "a comment";
  gz_header header = {};
  header.extra = reinterpret_cast<Bytef*>(extra.data());
  header.extra_len = static_cast<uInt>(extra.size());
  header.name = reinterpret_cast<Bytef*>(name.data());
  header.comment = reinterpret_cast<Bytef*>(comment.data());
  header.hcrc = 1;
  return Gzip(text, 6, &header);
}

// `text` cut at `cuts` (ascending offsets), each piece a member or frame of its own.
template <typename Packer>
std::string InPieces(std::string_view text, const std::vector<std::size_t>& cuts, Packer pack) {
  std::string out;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    out += pack(text.substr(from, cut - from));
    from = cut;
  }
  return out + pack(text.substr(from));
}
inline std::string GzipMembers(std::string_view text, const std::vector<std::size_t>& cuts) {
  return InPieces(text, cuts, [](std::string_view piece) { return Gzip(piece); });
}

// One zstd frame; `window_log` 0 leaves the window to the level.
inline std::string Zstd(std::string_view text, int level = 3, int window_log = 0,
                        bool checksum = true) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  if (window_log > 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_outBuffer to = {out.data(), out.size(), 0};
  ZSTD_inBuffer from = {text.data(), text.size(), 0};
  // Two steps, so that libzstd does not know the size and keeps the window that was asked for.
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  if (ZSTD_compressStream2(context, &to, &from, ZSTD_e_end) != 0) std::abort();
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}
inline std::string ZstdFrames(std::string_view text, const std::vector<std::size_t>& cuts) {
  return InPieces(text, cuts, [](std::string_view piece) { return Zstd(piece); });
}

// A skippable frame (RFC 8878, section 3.1.2) around `text`; `variant` 0 to 15.
inline std::string ZstdSkippable(std::string_view text, int variant = 0) {
  std::string out = {static_cast<char>(0x50 + variant), '\x2A', '\x4D', '\x18'};
  for (int i = 0; i < 4; ++i) out += static_cast<char>((text.size() >> (8 * i)) & 0xFF);
  return out + std::string(text);
}

}  // namespace xzgate::testing
