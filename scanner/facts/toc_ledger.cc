#include "scanner/facts/toc_ledger.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"
#include "scanner/layer/tar_name.h"
#include "scanner/oci/digest.h"

namespace xzgate::facts {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Tables are written by Go programs: JSON holds no invalid UTF-8, and encoding/json puts U+FFFD in
// the place of each such byte.
std::string RepairUtf8(const std::string& text) {
  if (IsValidUtf8(text)) return text;
  std::string repaired;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = Utf8Length(rest);
    repaired += length == 0 ? kReplacement : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return repaired;
}

std::optional<layer::EntryType> TypeOf(std::string_view type) {
  if (type == "reg") return layer::EntryType::kFile;
  if (type == "dir") return layer::EntryType::kDirectory;
  if (type == "symlink") return layer::EntryType::kSymlink;
  if (type == "hardlink") return layer::EntryType::kHardLink;
  if (type == "char" || type == "block" || type == "fifo") return layer::EntryType::kOther;
  return std::nullopt;
}

// Hex; "" for what is no SHA-256.
std::string Sha256Of(std::string_view digest) {
  const auto parsed = oci::Digest::Parse(digest);
  return parsed && parsed->algorithm() == crypto::Algorithm::kSha256 ? parsed->hex() : "";
}

std::string Framed(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

std::string Frame(const TocLedger::Line& line) {
  return std::to_string(static_cast<int>(line.type)) + Framed(line.path) + Framed(line.target) +
         std::to_string(line.size) + "," + Framed(line.sha256);
}

}  // namespace

std::string TocLedger::Chain(crypto::Hasher& hasher, const std::string& before, const Line& line) {
  hasher.Update(AsBytes(before + Frame(line)));
  return hasher.FinishHex();
}

TocLedger::Mark TocLedger::MarkOf(const Line& line) {
  const std::hash<std::string> hash;
  return {.name = static_cast<std::uint32_t>(hash(line.path)),
          .rest = static_cast<std::uint32_t>(hash(Frame(line)))};
}

void TocLedger::Add(const layer::Entry& entry, std::uint64_t size,
                    const FileDigests::Digests& digests) {
  if (++count_ > kMaxEntries) return;
  const bool has_content = entry.type == layer::EntryType::kFile && size > 0;
  const Line line{.type = entry.type,
                  .path = RepairUtf8(entry.path),
                  .target = RepairUtf8(entry.target),
                  .size = has_content ? size : 0,
                  .sha256 = has_content ? digests.whole : ""};
  chain_ = Chain(hasher_, chain_, line);
  marks_.push_back(MarkOf(line));
  if (has_content && !digests.parts.empty() && parts_.size() < kMaxParted) {
    parts_.push_back({count_ - 1, digests.parts});
  }
}

void TocComparison::Differ(std::string what) {
  if (difference_.empty()) difference_ = std::move(what);
}

void TocComparison::Add(const TocRow& row) {
  if (!difference_.empty()) return;
  if (row.type == "chunk") return AddChunk(row);
  EndFile();
  StartEntry(row);
}

void TocComparison::StartEntry(const TocRow& row) {
  const auto type = TypeOf(row.type);
  if (!type) return Differ(Quote(row.name) + " has the unknown type " + Quote(row.type, 32));
  layer::Entry entry{.type = *type, .path = {}, .target = {}};
  const auto path = layer::CleanPath(row.name, layer::TarLimits{});
  if (!path) return Differ(path.error().message());
  entry.path = *path;
  if (*type == layer::EntryType::kSymlink) entry.target = row.link;
  if (*type == layer::EntryType::kHardLink) entry.target = layer::CleanPath(row.link);
  layer::DecodeWhiteout(entry);
  TocLedger::Line line{.type = entry.type,
                       .path = std::move(entry.path),
                       .target = std::move(entry.target),
                       .size = 0,
                       .sha256 = {}};
  if (line.type != layer::EntryType::kFile) return Compare(line);
  line.size = row.size;
  File file;
  file.line = std::move(line);
  file.digest = row.digest;
  file.chunk_digest = row.chunk_digest;
  open_ = std::move(file);
  list_.FinishHex();
  TakeChunk(row);
}

void TocComparison::AddChunk(const TocRow& row) {
  if (!open_) return Differ("a chunk of " + Quote(row.name) + " belongs to no file");
  // Readers take a chunk for one of the file before it, whatever its name.
  if (!row.name.empty() && layer::CleanPath(row.name) != open_->line.path) {
    return Differ("a chunk of " + Quote(row.name) + " follows " + Quote(open_->line.path));
  }
  TakeChunk(row);
}

// A size of 0 means up to the end of the file.
void TocComparison::TakeChunk(const TocRow& row) {
  File& file = *open_;
  const std::uint64_t rest = file.line.size - file.end;
  const std::uint64_t size = row.chunk_size == 0 ? rest : row.chunk_size;
  const bool is_empty = size == 0 && (file.line.size > 0 || file.chunks > 0);
  if (row.chunk_offset != file.end || size > rest || is_empty) file.is_whole = false;
  if (!file.is_whole) return;
  file.end += size;
  ++file.chunks;
  if (!row.chunk_digest.empty()) ++file.with_digests;
  list_.Add(row.chunk_offset, size, Sha256Of(row.chunk_digest));
}

void TocComparison::EndFile() {
  if (!open_) return;
  File file = std::move(*open_);
  open_.reset();
  if (!file.is_whole || file.end != file.line.size) {
    return Differ("the chunks of " + Quote(file.line.path) + " do not make up the file");
  }
  const std::size_t entry = count_;
  TakeDigest(file);
  Compare(file.line);
  if (file.chunks > 1) CompareParts(file, entry);
}

// The digest of the whole file; that of its only chunk is one too. Some runtimes check the one,
// some the other.
void TocComparison::TakeDigest(File& file) {
  if (file.line.size == 0) return;
  const bool is_one_chunk = file.chunks == 1;
  file.line.sha256 =
      Sha256Of(file.digest.empty() && is_one_chunk ? file.chunk_digest : file.digest);
  if (file.line.sha256.empty()) return Differ("no SHA-256 of " + Quote(file.line.path));
  if (is_one_chunk && file.with_digests > 0 && Sha256Of(file.chunk_digest) != file.line.sha256) {
    Differ("two digests of " + Quote(file.line.path));
  }
}

// Chunks without digests are checked by nobody: the file's own counts for them.
void TocComparison::CompareParts(const File& file, std::size_t entry) {
  if (file.with_digests == 0) return;
  const auto& known = ledger_.parts_;
  while (next_parts_ < known.size() && known[next_parts_].entry < entry) ++next_parts_;
  const bool is_known = next_parts_ < known.size() && known[next_parts_].entry == entry;
  if (is_known && known[next_parts_].digest == list_.FinishHex()) return;
  Differ("the chunks of " + Quote(file.line.path) +
         " are not the parts that the layer packs it in");
}

void TocComparison::Compare(const TocLedger::Line& line) {
  if (count_ >= ledger_.marks_.size()) {
    return Differ(Quote(line.path) + " is not in the archive");
  }
  const TocLedger::Mark want = ledger_.marks_[count_++];
  const TocLedger::Mark found = TocLedger::MarkOf(line);
  chain_ = TocLedger::Chain(hasher_, chain_, line);
  if (found == want) return;
  Differ(found.name != want.name
             ? Quote(line.path) + " stands where the archive has another entry"
             : Quote(line.path) + " has another type, size, digest or target in the archive");
}

std::string TocComparison::Finish() {
  EndFile();
  if (count_ < ledger_.count()) {
    Differ("it has " + std::to_string(ledger_.count() - count_) +
           " entries fewer than the archive");
  }
  if (chain_ != ledger_.chain_) Differ("an entry is another one in the archive");
  return difference_;
}

}  // namespace xzgate::facts
