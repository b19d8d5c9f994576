#include "scanner/facts/elf_image.h"

#include <algorithm>

#include "base/crypto/digest.h"
#include "scanner/facts/constant_return.h"
#include "scanner/facts/elf_reader.h"

namespace xzgate::facts {
namespace {

constexpr std::size_t kMaxSonameBytes = 256;
constexpr std::size_t kMaxNoteBytes = 64 * 1024;
constexpr std::size_t kMaxBuildIdBytes = 64;  // SHA-1 has 20, and nobody uses more than 32
constexpr std::uint32_t kNtGnuBuildId = 3;

// The one that the dynamic linker takes: the last.
const ElfSegment* FindDynamic(const std::vector<ElfSegment>& segments) {
  const auto found =
      std::ranges::find(segments.rbegin(), segments.rend(), kPtDynamic, &ElfSegment::type);
  return found == segments.rend() ? nullptr : &*found;
}

std::uint64_t RoundUp(std::uint64_t size, std::uint64_t align) {
  return (size + align - 1) / align * align;
}

// The build id among the notes of one segment; empty if there is none.
Bytes FindBuildId(const ElfFields& fields, Bytes notes, std::uint64_t align) {
  while (notes.size() >= 12) {
    const std::uint64_t name_size = fields.U32(notes, 0);
    const std::uint64_t size = fields.U32(notes, 4);
    const std::uint64_t at = RoundUp(12 + name_size, align);
    const std::uint64_t end = RoundUp(at + size, align);
    if (at + size > notes.size()) return {};
    const bool is_gnu =
        name_size == 4 && AsText(notes.subspan(12, 4)) == std::string_view("GNU\0", 4);
    if (is_gnu && fields.U32(notes, 8) == kNtGnuBuildId && size <= kMaxBuildIdBytes) {
      return notes.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
    }
    notes = notes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(end, notes.size())));
  }
  return {};
}

}  // namespace

ElfImage::ElfImage(const ElfLimits& limits)
    : max_segments_(limits.max_segments),
      max_sections_(limits.max_sections),
      max_symbol_bytes_(limits.max_symbol_bytes),
      max_symbols_(limits.max_symbols),
      window_(limits.head_bytes, limits.piece_bytes) {}

std::optional<Bytes> ElfImage::SegmentTable() const {
  if (header_->phentsize != header_->segment_bytes() || header_->phnum == 0 ||
      header_->phnum > max_segments_)
    return std::nullopt;
  return window_.Get(header_->phoff, header_->phnum * header_->segment_bytes());
}

std::optional<Bytes> ElfImage::SectionTable() const {
  // More sections than 16 bits count (shnum 0) are beyond our limit anyway.
  if (header_->shentsize != header_->section_bytes() || header_->shnum == 0 ||
      header_->shnum > max_sections_)
    return std::nullopt;
  return window_.Get(header_->shoff, header_->shnum * header_->section_bytes());
}

void ElfImage::ReadHeaders() {
  if (!header_) header_ = ParseElfHeader(window_.head());
  if (!header_) return;
  if (!segments_) {
    if (const auto table = SegmentTable()) segments_ = ParseSegments(*header_, *table);
  }
  if (!sections_) {
    if (const auto table = SectionTable()) sections_ = ParseSections(*header_, *table);
  }
}

void ElfImage::ReadDynamic() {
  if (dynamic_ || !segments_) return;
  const ElfSegment* segment = FindDynamic(*segments_);
  if (segment == nullptr) return;
  const std::uint64_t offset = DynamicOffset(*segments_, *segment);
  ElfDynamic dynamic =
      ParseDynamic(*header_, *segments_, window_.GetSome(offset, kMaxDynamicBytes));
  // Without its end the array was not kept whole, or not yet.
  if (dynamic.has_end) dynamic_ = dynamic;
}

void ElfImage::Plan(const std::vector<std::string>& names, const PatternSearch* passed) {
  ReadHeaders();
  if (!header_) return;
  if (header_->phnum <= max_segments_)
    window_.Want(header_->phoff, header_->phnum * header_->segment_bytes());
  if (header_->shnum <= max_sections_)
    window_.Want(header_->shoff, header_->shnum * header_->section_bytes());
  if (!segments_) return;
  if (const ElfSegment* dynamic = FindDynamic(*segments_)) {
    window_.Want(DynamicOffset(*segments_, *dynamic),
                 std::clamp<std::uint64_t>(dynamic->file_size, 1, kMaxDynamicBytes));
  }
  ReadDynamic();
  if (!dynamic_ || !dynamic_->symbols) return;
  if (dynamic_->soname) window_.Want(*dynamic_->soname, kMaxSonameBytes);
  if (dynamic_->hash) window_.Want(*dynamic_->hash, kHashHeadBytes);
  const std::uint64_t count = CountSymbols(*header_, *dynamic_, window_);
  const std::uint64_t most = max_symbol_bytes_ / header_->symbol_bytes();
  window_.Want(*dynamic_->symbols,
               (count == 0 ? most : std::min(count, most)) * header_->symbol_bytes());
  for (const FoundSymbol& found : Symbols(names, passed).found) {
    const auto offset = FileOffset(*segments_, found.value);
    if (offset && !found.is_ifunc) window_.Want(*offset, kFunctionBytes);
  }
}

void ElfImage::Read() {
  ReadHeaders();
  ReadDynamic();
}

ElfCode ElfImage::MapCode() const {
  return ElfCode::Map(header_, segments_, sections_, window_.position());
}

std::string ElfImage::Soname() const {
  if (!dynamic_ || !dynamic_->soname) return "";
  const std::string_view text = AsText(window_.GetSome(*dynamic_->soname, kMaxSonameBytes));
  return std::string(text.substr(0, text.find('\0')));
}

std::string ElfImage::BuildId() const {
  if (!segments_) return "";
  for (const ElfSegment& segment : *segments_) {
    if (segment.type != kPtNote) continue;
    const Bytes notes =
        window_.GetSome(segment.offset, std::min<std::uint64_t>(segment.file_size, kMaxNoteBytes));
    const Bytes id = FindBuildId(header_->fields, notes, segment.align == 8 ? 8 : 4);
    if (!id.empty()) return crypto::HexEncode(id);
  }
  return "";
}

SymbolSearch ElfImage::Symbols(const std::vector<std::string>& names,
                               const PatternSearch* passed) const {
  SymbolSearch nothing;
  if (!header_ || names.empty()) return nothing;
  if (!segments_) {
    // Out of reach only if the file has such a table.
    const std::uint64_t size = header_->phnum * header_->segment_bytes();
    const bool is_there =
        header_->phoff <= window_.position() && size <= window_.position() - header_->phoff;
    nothing.is_complete = size == 0 || !is_there || header_->phentsize != header_->segment_bytes();
    return nothing;
  }
  if (!dynamic_) {
    const ElfSegment* segment = FindDynamic(*segments_);
    nothing.is_complete = segment == nullptr || !window_.head_is_full();
    return nothing;
  }
  const std::uint64_t count = CountSymbols(*header_, *dynamic_, window_);
  const std::uint64_t bounded = count == 0 ? max_symbols_ : std::min(count, max_symbols_);
  SymbolSearch search = FindSymbols(*header_, *dynamic_, window_, bounded, names, passed);
  // A count beyond the file's end is damage; one that the file could hold is our limit.
  const bool is_real = dynamic_->symbols && *dynamic_->symbols < window_.position() &&
                       count <= (window_.position() - *dynamic_->symbols) / header_->symbol_bytes();
  search.is_complete = search.is_complete && (count <= max_symbols_ || !is_real);
  return search;
}

std::optional<Bytes> ElfImage::Body(std::uint64_t vaddr) const {
  const auto offset = FileOffset(*segments_, vaddr);
  if (!offset || *offset >= window_.position()) return Bytes{};
  const std::uint64_t size = std::min<std::uint64_t>(kFunctionBytes, window_.position() - *offset);
  return window_.Get(*offset, size);
}

}  // namespace xzgate::facts
