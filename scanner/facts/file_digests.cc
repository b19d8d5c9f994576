#include "scanner/facts/file_digests.h"

#include <algorithm>

#include "scanner/layer/tar_stream.h"

namespace xzgate::facts {
namespace {

// The tar reader is behind the decompressor by its buffer at most, so that an older border has
// passed; a part has a byte at least, so that this bounds the list, too.
constexpr std::uint64_t kMaxLag = 2 * layer::TarStream::kBufferBytes;

}  // namespace

void PartList::Add(std::uint64_t offset, std::uint64_t size, std::string_view sha256) {
  const std::string line = std::to_string(offset) + ":" + std::to_string(size) + ":" +
                           std::to_string(sha256.size()) + ":" + std::string(sha256) + ";";
  hasher_.Update(AsBytes(line));
  ++count_;
}

std::string PartList::FinishHex() {
  count_ = 0;
  return hasher_.FinishHex();
}

void FileDigests::AddBorder(std::uint64_t offset) {
  while (!borders_.empty() && borders_.front() + kMaxLag < offset) borders_.pop_front();
  borders_.push_back(offset);
}

void FileDigests::Start(bool wants_whole) {
  wants_whole_ = wants_whole;
  has_parts_ = true;
  size_ = 0;
  part_size_ = 0;
}

void FileDigests::Feed(Bytes piece, std::optional<std::uint64_t> position) {
  if (wants_whole_) whole_.Update(piece);
  has_parts_ = has_parts_ && position.has_value();
  if (has_parts_) FeedPart(piece, *position);
}

void FileDigests::FeedPart(Bytes piece, std::uint64_t position) {
  while (!piece.empty()) {
    while (!borders_.empty() && borders_.front() <= position) {
      if (borders_.front() == position && part_size_ > 0) EndPart();
      borders_.pop_front();
    }
    const std::uint64_t room = borders_.empty() ? piece.size() : borders_.front() - position;
    const Bytes part =
        piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), room)));
    part_.Update(part);
    part_size_ += part.size();
    size_ += part.size();
    position += part.size();
    piece = piece.subspan(part.size());
  }
}

void FileDigests::EndPart() {
  parts_.Add(size_ - part_size_, part_size_, part_.FinishHex());
  part_size_ = 0;
}

FileDigests::Digests FileDigests::Finish() {
  Digests digests;
  if (wants_whole_) digests.whole = whole_.FinishHex();
  EndPart();  // also where nothing came: it makes the hasher start afresh
  const bool is_cut = parts_.count() > 1 && has_parts_;
  const std::string list = parts_.FinishHex();
  if (is_cut) digests.parts = list;
  return digests;
}

}  // namespace xzgate::facts
