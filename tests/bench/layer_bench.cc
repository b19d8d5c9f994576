// Reads one packed layer and prints what that took: either by the raw loop of the decompressor, or
// by the pipeline of xzgate without its extractors (blob digest, decompression, tar walk, ELF
// sniff), all on one thread.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "scanner/layer/decompress.h"
#include "scanner/layer/tar_reader.h"
#include "tests/bench/raw_loops.h"

namespace xzgate::bench {
namespace {

struct Reading {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t elf_files = 0;
  std::string digest;
};

// Passes bytes on and hashes them.
class HashedSource final : public ByteSource {
 public:
  explicit HashedSource(ByteSource& source) : source_(source) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = source_.Read(into);
    if (count) hasher_.Update(into.first(*count));
    return count;
  }
  std::string FinishHex() { return hasher_.FinishHex(); }

 private:
  ByteSource& source_;
  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
};

Result<Reading> RunPipeline(const std::string& path) {
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  HashedSource blob(*file);
  XZGATE_ASSIGN(const auto stream, layer::DecompressedSource::Open(blob, {}));
  layer::TarReader tar(*stream, {});
  constexpr std::string_view kElfMagic = "\x7F\x45LF";
  Reading reading;
  while (true) {
    XZGATE_ASSIGN(const auto entry, tar.Next());
    if (!entry) break;
    ++reading.entries;
    if (entry->entry.type != layer::EntryType::kFile || entry->size == 0) continue;
    reading.bytes += entry->size;
    XZGATE_ASSIGN(const Bytes start, tar.ReadView());
    if (AsText(start).starts_with(kElfMagic)) ++reading.elf_files;
  }
  reading.digest = blob.FinishHex();
  return reading;
}

Result<Reading> Run(std::string_view what, const std::string& path) {
  if (what == "pipeline") return RunPipeline(path);
  Reading reading;
  if (what == "raw-gzip") {
    XZGATE_ASSIGN(reading.bytes, RunRawGzip(path));
  } else if (what == "raw-zstd") {
    XZGATE_ASSIGN(reading.bytes, RunRawZstd(path));
  } else {
    return InvalidArgument("want pipeline, raw-gzip or raw-zstd");
  }
  return reading;
}

// Of all threads of this process: a helper thread would not make it look better.
double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace
}  // namespace xzgate::bench

int main(int argc, char** argv) {
  using namespace xzgate::bench;
  if (argc != 3) {
    std::fputs("usage: layer_bench pipeline|raw-gzip|raw-zstd FILE\n", stderr);
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = CpuSeconds();
  const auto reading = Run(argv[1], argv[2]);
  const double cpu = CpuSeconds() - cpu_start;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  if (!reading) {
    std::fprintf(stderr, "layer_bench: %s\n", reading.error().message().c_str());
    return 1;
  }
  fmt::print(
      R"({{"cpu":{:.6f},"wall":{:.6f},"bytes":{},"entries":{},"elf_files":{},"digest":"{}","library":"{}"}})"
      "\n",
      cpu, wall.count(), reading->bytes, reading->entries, reading->elf_files, reading->digest,
      RawGzipLibrary());
  return 0;
}
