#include "scanner/facts/elf_format.h"

#include <algorithm>
#include <array>

namespace xzgate::facts {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {0x7F, 'E', 'L', 'F'};
constexpr std::size_t kIdentBytes = 16;
constexpr std::size_t kHeaderBytes32 = 52;
constexpr std::size_t kHeaderBytes64 = 64;

}  // namespace

bool IsElf(Bytes head) {
  return head.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), head.begin());
}

std::uint64_t ElfFields::Read(Bytes bytes, std::size_t at, std::size_t width) const {
  if (at > bytes.size() || bytes.size() - at < width) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = value << 8 | bytes[at + (is_big_endian_ ? i : width - 1 - i)];
  }
  return value;
}

std::optional<ElfHeader> ParseElfHeader(Bytes head) {
  if (head.size() < kIdentBytes) return std::nullopt;
  const std::uint8_t file_class = head[4];
  const std::uint8_t data = head[5];
  if ((file_class != 1 && file_class != 2) || (data != 1 && data != 2)) return std::nullopt;
  const bool is_64bit = file_class == 2;
  if (head.size() < (is_64bit ? kHeaderBytes64 : kHeaderBytes32)) return std::nullopt;
  const ElfFields fields(is_64bit, data == 2);
  const std::size_t word = is_64bit ? 8 : 4;
  const std::size_t sizes =
      24 + 3 * word + 4;  // e_ehsize: behind e_entry, e_phoff, e_shoff and e_flags
  return ElfHeader{.fields = fields,
                   .type = fields.U16(head, 16),
                   .machine = fields.U16(head, 18),
                   .phoff = fields.Word(head, 24 + word),
                   .phentsize = fields.U16(head, sizes + 2),
                   .phnum = fields.U16(head, sizes + 4),
                   .shoff = fields.Word(head, 24 + 2 * word),
                   .shentsize = fields.U16(head, sizes + 6),
                   .shnum = fields.U16(head, sizes + 8),
                   .shstrndx = fields.U16(head, sizes + 10)};
}

std::vector<ElfSegment> ParseSegments(const ElfHeader& header, Bytes table) {
  const ElfFields& fields = header.fields;
  const bool wide = fields.is_64bit();
  std::vector<ElfSegment> segments;
  for (; table.size() >= header.segment_bytes(); table = table.subspan(header.segment_bytes())) {
    segments.push_back({.type = fields.U32(table, 0),
                        .flags = fields.U32(table, wide ? 4 : 24),
                        .offset = fields.Word(table, wide ? 8 : 4),
                        .vaddr = fields.Word(table, wide ? 16 : 8),
                        .file_size = fields.Word(table, wide ? 32 : 16),
                        .memory_size = fields.Word(table, wide ? 40 : 20),
                        .align = fields.Word(table, wide ? 48 : 28)});
  }
  return segments;
}

std::vector<ElfSection> ParseSections(const ElfHeader& header, Bytes table) {
  const ElfFields& fields = header.fields;
  const bool wide = fields.is_64bit();
  std::vector<ElfSection> sections;
  for (; table.size() >= header.section_bytes(); table = table.subspan(header.section_bytes())) {
    sections.push_back({.type = fields.U32(table, 4),
                        .flags = fields.Word(table, 8),
                        .offset = fields.Word(table, wide ? 24 : 16),
                        .size = fields.Word(table, wide ? 32 : 20)});
  }
  return sections;
}

std::optional<std::uint64_t> FileOffset(const std::vector<ElfSegment>& segments,
                                        std::uint64_t vaddr) {
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    if (segment->type != kPtLoad || vaddr < segment->vaddr) continue;
    const std::uint64_t inside = vaddr - segment->vaddr;
    if (inside < segment->file_size && segment->offset <= UINT64_MAX - inside)
      return segment->offset + inside;
  }
  return std::nullopt;
}

}  // namespace xzgate::facts
