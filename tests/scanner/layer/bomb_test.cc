// Compression bombs of hardening.md 8.1: the error comes, the output is bounded, and so is memory.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "scanner/layer/decompress.h"
#include "scanner/layer/entry_log.h"
#include "tests/scanner/layer/walk.h"
#include "tests/support/compress.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::TarBuilder;

// Sanitizers keep freed memory and shadow the rest.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasuresMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kMeasuresMemory = false;
#else
constexpr bool kMeasuresMemory = true;
#endif
#else
constexpr bool kMeasuresMemory = true;
#endif

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kBombBytes = 160 * kMiB;

// Gives `bytes` zeros packed in pieces, so that the test itself stays small.
std::string GzipZeros(std::uint64_t bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  const std::string zeros(kMiB, '\0');
  std::string out;
  std::string piece(64 * 1024, '\0');
  for (std::uint64_t done = 0; done <= bytes; done += kMiB) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
    stream.avail_in = done < bytes ? static_cast<uInt>(kMiB) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream, done < bytes ? Z_NO_FLUSH : Z_FINISH);
      out.append(piece, 0, piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

std::string ZstdZeros(std::uint64_t bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3);
  const std::string zeros(kMiB, '\0');
  std::string out;
  std::string piece(ZSTD_CStreamOutSize(), '\0');
  for (std::uint64_t done = 0; done <= bytes; done += kMiB) {
    ZSTD_inBuffer from = {zeros.data(), done < bytes ? kMiB : 0, 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer to = {piece.data(), piece.size(), 0};
      left = ZSTD_compressStream2(context, &to, &from, done < bytes ? ZSTD_e_continue : ZSTD_e_end);
      out.append(piece, 0, to.pos);
    } while (done < bytes ? from.pos < from.size : left != 0);
  }
  ZSTD_freeCCtx(context);
  return out;
}

// Peak resident memory, counted from the last reset; 0 where the kernel does not tell.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";
    before_ = Read("VmRSS:");
  }
  std::uint64_t grown() const {
    const std::uint64_t peak = Read("VmHWM:");
    return peak > before_ ? peak - before_ : 0;
  }

 private:
  static std::uint64_t Read(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
    }
    return 0;
  }
  std::uint64_t before_ = 0;
};

// Reads to the end or the error; returns how much came out.
Result<std::uint64_t> Drain(ByteSource& packed, const DecompressLimits& limits,
                            std::uint64_t& output) {
  XZGATE_ASSIGN(auto source, DecompressedSource::Open(packed, limits));
  std::string buffer(256 * 1024, '\0');
  while (true) {
    XZGATE_ASSIGN(const std::size_t count,
                  source->Read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()}));
    if (count == 0) return output;
    output += count;
  }
}

struct BombCase {
  const char* name;
  std::string (*make)(std::uint64_t bytes);
  std::uint64_t least_ratio;
};

class Bombs : public ::testing::TestWithParam<BombCase> {};

TEST_P(Bombs, EndByRatioSoonAfterTheFreeBytes) {
  const std::string bomb = GetParam().make(kBombBytes);
  ASSERT_GT(kBombBytes / bomb.size(), GetParam().least_ratio);
  MemorySource packed(bomb);
  std::uint64_t output = 0;
  const PeakMemory memory;
  EXPECT_THAT(Drain(packed, {}, output), ErrorIs(ErrorCode::kResourceExhausted, "200 times"));
  EXPECT_LE(output, 65 * kMiB);
  if (kMeasuresMemory) {
    EXPECT_LE(memory.grown(), 16 * kMiB);
  }
}

TEST_P(Bombs, EndByOutputWhenTheRatioIsLifted) {
  MemorySource packed(GetParam().make(kBombBytes));
  std::uint64_t output = 0;
  EXPECT_THAT(Drain(packed, {.max_output_bytes = 100 * kMiB, .max_ratio = 1'000'000}, output),
              ErrorIs(ErrorCode::kResourceExhausted, "bytes"));
  EXPECT_LE(output, 100 * kMiB);
}

INSTANTIATE_TEST_SUITE_P(Of, Bombs,
                         ::testing::Values(BombCase{"Gzip1030To1", &GzipZeros, 1'000},
                                           BombCase{"Zstd32500To1", &ZstdZeros, 30'000}),
                         [](const auto& param) { return param.param.name; });

// Gives the headers of `count` empty files without holding them all.
class ManyFiles final : public ByteSource {
 public:
  explicit ManyFiles(std::uint64_t count) : left_(count) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (at_ == block_.size()) {
      if (left_ == 0) return std::size_t{0};
      block_ = TarBuilder::Header({.name = "var/lib/data/file-" + std::to_string(left_--)});
      at_ = 0;
    }
    const std::size_t count = std::min(into.size(), block_.size() - at_);
    std::memcpy(into.data(), block_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::uint64_t left_;
  std::string block_;
  std::size_t at_ = 0;
};

TEST(ManyEntries, CostFewBytesEachAndEndAtTheLimit) {
  constexpr std::uint64_t kLimit = 300'000;
  ManyFiles stream(kLimit + 1);
  TarReader reader(stream, {.max_entries = kLimit});
  EntryLog log;
  const PeakMemory memory;
  for (std::uint64_t i = 0; i < kLimit; ++i) log.Append(reader.Next().value()->entry);
  EXPECT_THAT(reader.Next(), ErrorIs(ErrorCode::kResourceExhausted, "300000 entries"));
  log.Finish();
  EXPECT_LT(log.bytes().size() / kLimit, 8u);
  if (kMeasuresMemory) {
    EXPECT_LE(memory.grown(), 16 * kMiB);
  }
}

}  // namespace
}  // namespace xzgate::layer
