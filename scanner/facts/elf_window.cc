#include "scanner/facts/elf_window.h"

#include <algorithm>
#include <cstring>

namespace xzgate::facts {

ElfWindow::ElfWindow(std::size_t head_bytes, std::size_t piece_bytes)
    : head_bytes_(head_bytes),
      piece_bytes_(piece_bytes),
      head_(std::make_unique_for_overwrite<std::uint8_t[]>(head_bytes)) {}

ElfWindow::Taken ElfWindow::Take(Bytes bytes) {
  const bool filled_before = head_is_full();
  std::uint64_t count = bytes.size();
  if (!filled_before) count = std::min<std::uint64_t>(count, head_bytes_ - head_size_);
  for (const Piece& piece : pieces_) {
    const std::uint64_t end = piece.offset + piece.size;
    if (end > position_) count = std::min(count, end - position_);
  }
  const Bytes taken = bytes.first(static_cast<std::size_t>(count));
  if (!filled_before) {
    std::memcpy(head_.get() + head_size_, taken.data(), taken.size());
    head_size_ += taken.size();
  }
  Taken result{.bytes = taken.size(), .event = head_is_full() && !filled_before};
  for (Piece& piece : pieces_) {
    const std::uint64_t from = std::max(piece.offset, position_);
    const std::uint64_t to = std::min(piece.offset + piece.size, position_ + count);
    if (from >= to) continue;
    const Bytes part = taken.subspan(static_cast<std::size_t>(from - position_),
                                     static_cast<std::size_t>(to - from));
    piece.bytes.insert(piece.bytes.end(), part.begin(), part.end());
    result.event = result.event || piece.bytes.size() == piece.size;
  }
  position_ += count;
  return result;
}

bool ElfWindow::Want(std::uint64_t offset, std::uint64_t size) {
  if (size == 0 || Get(offset, size)) return true;
  if (offset > UINT64_MAX - size) return false;
  const auto covers = [offset, size](const Piece& piece) {
    return piece.offset <= offset && offset + size <= piece.offset + piece.size;
  };
  if (std::ranges::any_of(pieces_, covers)) return true;
  if (pieces_.size() == kMaxPieces || size > piece_bytes_) return false;
  Piece piece{.offset = offset, .size = size, .bytes = {}};
  if (offset < position_) {
    const Bytes passed = GetSome(offset, position_ - offset);
    if (passed.size() != position_ - offset) return false;
    piece.bytes.assign(passed.begin(), passed.end());
  }
  piece_bytes_ -= static_cast<std::size_t>(size);
  pieces_.push_back(std::move(piece));
  return true;
}

std::optional<Bytes> ElfWindow::Get(std::uint64_t offset, std::uint64_t size) const {
  const Bytes some = GetSome(offset, size);
  if (some.size() != size) return std::nullopt;
  return some;
}

Bytes ElfWindow::GetSome(std::uint64_t offset, std::uint64_t size) const {
  Bytes best;
  const auto consider = [&best, offset, size](std::uint64_t start, Bytes kept) {
    if (offset < start || offset - start >= kept.size()) return;
    Bytes some = kept.subspan(static_cast<std::size_t>(offset - start));
    if (some.size() > size) some = some.first(static_cast<std::size_t>(size));
    if (some.size() > best.size()) best = some;
  };
  consider(0, head());
  for (const Piece& piece : pieces_) consider(piece.offset, piece.bytes);
  return best;
}

}  // namespace xzgate::facts
