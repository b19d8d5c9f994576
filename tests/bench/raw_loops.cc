#include "tests/bench/raw_loops.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <vector>

#include "base/byte_source.h"
#ifdef XZGATE_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

namespace xzgate::bench {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;  // as the reference figures (hardening.md 2.1)

using Buffer = std::vector<std::uint8_t>;

}  // namespace

#ifdef XZGATE_HAVE_ISAL

const char* RawGzipLibrary() {
  return "ISA-L";
}

Result<std::uint64_t> RunRawGzip(const std::string& path) {
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  Buffer in(kBufferBytes);
  Buffer out(kBufferBytes);
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  std::uint64_t total = 0;
  while (state->block_state != ISAL_BLOCK_FINISH) {
    // A full output may have more behind it without further input.
    if (state->avail_in == 0 && (total == 0 || state->avail_out > 0)) {
      XZGATE_ASSIGN(const std::size_t count, file->Read(in));
      if (count == 0) return Integrity("raw gzip: the stream ends early");
      state->next_in = in.data();
      state->avail_in = static_cast<std::uint32_t>(count);
    }
    state->next_out = out.data();
    state->avail_out = static_cast<std::uint32_t>(out.size());
    if (isal_inflate(state.get()) != ISAL_DECOMP_OK) return Integrity("raw gzip: damaged");
    total += out.size() - state->avail_out;
  }
  return total;
}

#else

const char* RawGzipLibrary() {
  return "zlib";
}

Result<std::uint64_t> RunRawGzip(const std::string& path) {
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  constexpr int kGzipWindow = 16 + MAX_WBITS;
  Buffer in(kBufferBytes);
  Buffer out(kBufferBytes);
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Internal("raw gzip: no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  std::uint64_t total = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (stream.avail_in == 0 && (total == 0 || stream.avail_out > 0)) {
      XZGATE_ASSIGN(const std::size_t count, file->Read(in));
      if (count == 0) return Integrity("raw gzip: the stream ends early");
      stream.next_in = in.data();
      stream.avail_in = static_cast<uInt>(count);
    }
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) return Integrity("raw gzip: damaged");
    total += out.size() - stream.avail_out;
  }
  return total;
}

#endif

Result<std::uint64_t> RunRawZstd(const std::string& path) {
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  Buffer in(kBufferBytes);
  Buffer out(kBufferBytes);
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  std::uint64_t total = 0;
  while (true) {
    XZGATE_ASSIGN(const std::size_t count, file->Read(in));
    if (count == 0) return total;
    ZSTD_inBuffer input{in.data(), count, 0};
    bool is_full = false;
    while (input.pos < input.size || is_full) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      const std::size_t status = ZSTD_decompressStream(context.get(), &output, &input);
      if (ZSTD_isError(status) != 0) return Integrity("raw zstd: damaged");
      total += output.pos;
      is_full = output.pos == output.size;
    }
  }
}

}  // namespace xzgate::bench
