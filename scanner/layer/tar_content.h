#pragma once

#include <cstdint>

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/layer/tar_sparse.h"
#include "scanner/layer/tar_stream.h"

namespace xzgate::layer {

// The content of one tar entry: stored bytes, with a sparse map's holes filled with zeros. Confined
// to one thread; borrows the stream.
class TarContent {
 public:
  explicit TarContent(TarStream& stream) : stream_(stream) {}

  // Starts an entry of `stored` bytes in the archive.
  void Start(std::uint64_t stored);
  // The same, spread over a file of `size` bytes. `map` was checked by CheckSparseMap.
  void StartSparse(std::uint64_t stored, SparseMap map, std::uint64_t size);

  // The next piece, at most `max` bytes; empty at the end. Valid until the next call. Errors:
  // kIntegrity when the stream ends before the content, errors of the stream.
  Result<Bytes> Next(std::uint64_t max);

  // Passes what is left of the stored bytes and their padding. False when the stream ended inside
  // the content.
  Result<bool> Skip();

  bool is_sparse() const { return is_sparse_; }

  // Bytes of holes handed out since construction.
  std::uint64_t hole_bytes() const { return hole_bytes_; }

 private:
  Result<Bytes> NextStored(std::uint64_t max);

  TarStream& stream_;
  std::uint64_t stored_left_ = 0;
  std::uint64_t padding_ = 0;
  bool is_sparse_ = false;
  SparseMap map_;
  std::size_t region_ = 0;      // the first that is not yet passed
  std::uint64_t position_ = 0;  // in the file, when sparse
  std::uint64_t size_ = 0;
  std::uint64_t hole_bytes_ = 0;
};

}  // namespace xzgate::layer
