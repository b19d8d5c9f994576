#include "scanner/layer/tar_content.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xzgate::layer {

namespace {

constexpr std::array<std::uint8_t, 64 * 1024> kZeros = {};

}  // namespace

void TarContent::Start(std::uint64_t stored) {
  stored_left_ = stored;
  padding_ = PaddingOf(stored);
  is_sparse_ = false;
}

void TarContent::StartSparse(std::uint64_t stored, SparseMap map, std::uint64_t size) {
  Start(stored);
  is_sparse_ = true;
  map_ = std::move(map);
  region_ = 0;
  position_ = 0;
  size_ = size;
}

Result<Bytes> TarContent::NextStored(std::uint64_t max) {
  max = std::min(max, stored_left_);
  if (max == 0) return Bytes();
  XZGATE_ASSIGN(const Bytes bytes, stream_.NextBytes(max));
  if (bytes.empty()) {
    return Integrity("tar: the stream ends " + std::to_string(stored_left_) +
                     " bytes before the end of an entry");
  }
  stored_left_ -= bytes.size();
  return bytes;
}

Result<Bytes> TarContent::Next(std::uint64_t max) {
  if (!is_sparse_) return NextStored(max);
  max = std::min(max, size_ - position_);
  if (max == 0) return Bytes();
  while (region_ < map_.size() && position_ >= map_[region_].offset + map_[region_].length) {
    ++region_;
  }
  const std::uint64_t data_at = region_ < map_.size() ? map_[region_].offset : size_;
  if (position_ < data_at) {
    const auto count = std::min({max, data_at - position_, std::uint64_t{kZeros.size()}});
    position_ += count;
    hole_bytes_ += count;
    return Bytes(kZeros).first(static_cast<std::size_t>(count));
  }
  const std::uint64_t data_end = data_at + map_[region_].length;
  XZGATE_ASSIGN(const Bytes bytes, NextStored(std::min(max, data_end - position_)));
  position_ += bytes.size();
  return bytes;
}

Result<bool> TarContent::Skip() {
  const std::uint64_t left = std::exchange(stored_left_, 0);
  XZGATE_ASSIGN(const std::uint64_t skipped, stream_.Skip(left));
  if (skipped < left) return false;
  // Padding that is missing at the very end is forgiven, as Go's reader does.
  XZGATE_RETURN_IF_ERROR(stream_.Skip(std::exchange(padding_, 0)));
  size_ = position_;
  return true;
}

}  // namespace xzgate::layer
