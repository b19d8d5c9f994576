#include "scanner/facts/elf_code.h"

#include <algorithm>
#include <utility>

namespace xzgate::facts {
namespace {

constexpr std::uint64_t kPage = 4096;  // the smallest page of any Linux machine

bool LiesInside(std::uint64_t offset, std::uint64_t size, std::uint64_t file_size) {
  return offset <= file_size && size <= file_size - offset;
}

// Whether a loader could map these: what it checks (file range, congruence modulo the page,
// ascending addresses) and one executable segment at least.
bool CanBeLoaded(const std::vector<ElfSegment>& segments, std::uint64_t file_size) {
  bool has_code = false;
  std::uint64_t last = 0;
  for (const ElfSegment& segment : segments) {
    if (segment.type != kPtLoad) continue;
    if (!LiesInside(segment.offset, segment.file_size, file_size)) return false;
    if (segment.file_size > segment.memory_size || segment.vaddr < last) return false;
    if (segment.file_size > 0 && (segment.vaddr - segment.offset) % kPage != 0) return false;
    last = segment.vaddr;
    has_code = has_code || ((segment.flags & kPfX) != 0 && segment.file_size > 0);
  }
  return has_code;
}

// The bytes of the file that an executable segment brings into memory: whole pages, so also what
// lies around the segment in its first and last page.
std::pair<std::uint64_t, std::uint64_t> MappedPages(const ElfSegment& segment) {
  const std::uint64_t start = segment.offset / kPage * kPage;
  const std::uint64_t end = segment.offset + segment.file_size;  // CanBeLoaded: inside the file
  return {start, (end + kPage - 1) / kPage * kPage - start};
}

bool IsCode(const ElfSection& section) {
  return (section.flags & kShfExecInstr) != 0 && section.type != kShtNobits && section.size > 0;
}

// Whether a linker could use these: the first is the empty one, the names' section holds strings,
// all lie in the file, and one holds code.
bool CanBeLinked(const ElfHeader& header, const std::vector<ElfSection>& sections,
                 std::uint64_t file_size) {
  constexpr std::uint32_t kShtStrtab = 3;
  if (sections.empty() || sections.front() != ElfSection{}) return false;
  if (header.shstrndx >= sections.size() || sections[header.shstrndx].type != kShtStrtab)
    return false;
  for (const ElfSection& section : sections) {
    if (section.type == 0 || section.type == kShtNobits) continue;
    if (!LiesInside(section.offset, section.size, file_size)) return false;
  }
  return std::ranges::any_of(sections, IsCode);
}

}  // namespace

ElfCode ElfCode::Map(const std::optional<ElfHeader>& header,
                     const std::optional<std::vector<ElfSegment>>& segments,
                     const std::optional<std::vector<ElfSection>>& sections,
                     std::uint64_t file_size) {
  ElfCode code;
  if (!header || !header->HasKnownType()) {
    code.any_machine_ = true;
    return code;
  }
  code.machine_ = header->machine;
  const bool sections_hold = sections && CanBeLinked(*header, *sections, file_size);
  if (sections_hold) {
    for (const ElfSection& section : *sections) {
      if (IsCode(section)) code.sections_.push_back({section.offset, section.size});
    }
  }
  if (header->type == kEtRel) {
    code.everywhere_ = !sections_hold;
    return code;
  }
  code.everywhere_ = !segments || !CanBeLoaded(*segments, file_size);
  if (code.everywhere_) return code;
  for (const ElfSegment& segment : *segments) {
    if (segment.type != kPtLoad || (segment.flags & kPfX) == 0 || segment.file_size == 0) continue;
    const auto [offset, size] = MappedPages(segment);
    code.segments_.push_back({offset, size});
  }
  return code;
}

bool ElfCode::Holds(std::uint64_t offset, std::uint64_t size, std::uint16_t machine) const {
  const auto covers = [offset, size](const Range& range) {
    return offset >= range.offset && offset - range.offset <= range.size &&
           size <= range.size - (offset - range.offset);
  };
  if (any_machine_ || std::ranges::any_of(sections_, covers)) return true;
  if (machine != machine_) return false;
  return everywhere_ || std::ranges::any_of(segments_, covers);
}

}  // namespace xzgate::facts
