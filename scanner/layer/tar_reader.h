#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/layer/entry_log.h"

namespace xzgate::layer {

struct TarLimits {
  std::uint64_t max_entries = 5'000'000;
  std::size_t max_path_bytes = 4096;  // hardening.md 8.2
  std::size_t max_path_parts = 256;
  std::size_t max_pax_bytes = 1024 * 1024;
  std::size_t max_pax_records = 1024;
  std::size_t max_sparse_regions = 65536;
  // Zeros that Read makes up for sparse files, over the whole stream: they cost the sender nothing.
  std::uint64_t max_hole_bytes = 256ULL * 1024 * 1024;
};

// The next name of a layer. `entry` is cleaned and whiteouts are decoded.
struct TarEntry {
  Entry entry;
  // Bytes of content that Read will give (sparse holes included); 0 unless a file.
  std::uint64_t size = 0;
  bool after_end = false;  // stands behind tar's end marker: containerd would not unpack it
  // Something odd about this entry worth a note, "" if nothing: "pax and header size differ".
  std::string oddity;
};

// Walks a tar stream entry by entry: ustar, pax (local and global), GNU long names and sparse files
// (old, 0.0, 0.1, 1.0), base-256 sizes. After the end marker it looks for further archives, and
// marks what it finds there. Confined to one thread; borrows `stream`.
class TarReader final : public ByteSource {
 public:
  TarReader(ByteSource& stream, const TarLimits& limits);
  ~TarReader() override;

  // Skips what is left of the current content and reads the next header; absent at the end of the
  // stream. Errors: kIntegrity (bad checksum, truncation, garbage), kResourceExhausted (a limit),
  // errors of the stream. After an error no more calls.
  Result<std::optional<TarEntry>> Next();

  // The content of the current entry; 0 at its end. Errors: as Next; kResourceExhausted for too
  // many bytes of sparse holes.
  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

  // The same without a copy: the next piece of the content, empty at its end, valid until the next
  // call of any method.
  Result<Bytes> ReadView();

  // Where in the stream the next byte of the current content stands; absent in a sparse file, whose
  // content is not in the stream as it is.
  std::optional<std::uint64_t> content_position() const;

  // Bytes behind the end marker that are neither zero blocks nor entries.
  std::uint64_t trailing_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::layer
