#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_source.h"

namespace xzgate::facts {

// The parts of the ELF format that we read (System V gABI, chapters 4 and 5; elf.h names). Nothing
// is cast: every number is put together from bytes at an offset, in the file's own class and byte
// order, and what lies outside the bytes reads as 0.

inline constexpr std::uint16_t kEtRel = 1;
inline constexpr std::uint16_t kEtExec = 2;
inline constexpr std::uint16_t kEtDyn = 3;
inline constexpr std::uint16_t kEtCore = 4;
inline constexpr std::uint16_t kEm386 = 3;
inline constexpr std::uint16_t kEmX8664 = 62;
inline constexpr std::uint16_t kEmAarch64 = 183;
inline constexpr std::uint32_t kPtLoad = 1;
inline constexpr std::uint32_t kPtDynamic = 2;
inline constexpr std::uint32_t kPtNote = 4;
inline constexpr std::uint32_t kPfX = 1;
inline constexpr std::uint64_t kShfExecInstr = 4;
inline constexpr std::uint32_t kShtNobits = 8;

// Whether a file is one for the ELF extractor: by its first 4 bytes, whatever its name.
bool IsElf(Bytes head);

// Reads numbers of one file.
class ElfFields {
 public:
  ElfFields(bool is_64bit, bool is_big_endian)
      : is_64bit_(is_64bit), is_big_endian_(is_big_endian) {}

  std::uint16_t U16(Bytes bytes, std::size_t at) const {
    return static_cast<std::uint16_t>(Read(bytes, at, 2));
  }
  std::uint32_t U32(Bytes bytes, std::size_t at) const {
    return static_cast<std::uint32_t>(Read(bytes, at, 4));
  }
  std::uint64_t U64(Bytes bytes, std::size_t at) const { return Read(bytes, at, 8); }
  // An address or offset: 4 or 8 bytes.
  std::uint64_t Word(Bytes bytes, std::size_t at) const {
    return Read(bytes, at, is_64bit_ ? 8 : 4);
  }

  bool is_64bit() const { return is_64bit_; }
  bool is_big_endian() const { return is_big_endian_; }

 private:
  std::uint64_t Read(Bytes bytes, std::size_t at, std::size_t width) const;

  bool is_64bit_;
  bool is_big_endian_;
};

// The file header. `phoff` and the like are the file's word, not checked.
struct ElfHeader {
  ElfFields fields;
  std::uint16_t type = 0;
  std::uint16_t machine = 0;
  std::uint64_t phoff = 0;
  std::uint16_t phentsize = 0;
  std::uint16_t phnum = 0;
  std::uint64_t shoff = 0;
  std::uint16_t shentsize = 0;
  std::uint16_t shnum = 0;
  std::uint16_t shstrndx = 0;

  std::size_t segment_bytes() const { return fields.is_64bit() ? 56 : 32; }
  std::size_t section_bytes() const { return fields.is_64bit() ? 64 : 40; }
  std::size_t symbol_bytes() const { return fields.is_64bit() ? 24 : 16; }
  // Whether its type is one that the gABI names. Nothing loads or links another one.
  bool HasKnownType() const { return type >= kEtRel && type <= kEtCore; }
};

// Absent when the bytes are too few or e_ident's class or byte order is not one of the two that
// exist: no loader takes such a file.
std::optional<ElfHeader> ParseElfHeader(Bytes head);

struct ElfSegment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t vaddr = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t align = 0;
};

struct ElfSection {
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  bool operator==(const ElfSection&) const = default;
};

// As many entries as `table` holds.
std::vector<ElfSegment> ParseSegments(const ElfHeader& header, Bytes table);
std::vector<ElfSection> ParseSections(const ElfHeader& header, Bytes table);

// Where the byte at address `vaddr` lies in the file; absent when no PT_LOAD brings it from the
// file. Where segments overlap the last one counts, as the dynamic linker maps them in order.
std::optional<std::uint64_t> FileOffset(const std::vector<ElfSegment>& segments,
                                        std::uint64_t vaddr);

}  // namespace xzgate::facts
