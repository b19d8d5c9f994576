#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scanner/facts/elf_format.h"

namespace xzgate::facts {

// Which bytes of an ELF file count as code when a pattern was found there. A pattern's bytes as
// mere data (another scanner's rules) must not count (xz.md 3.1), and no damage to the headers may
// hide them (hardening.md 8.4). So:
//   - an executable PT_LOAD segment counts, with all of its first and last page, as they are mapped
//     whole, if the file's machine is the pattern's;
//   - a section of instructions counts whatever machine the header names: where code of another
//   machine stands between code, the header lies;
//   - where the headers do not describe a file that can be loaded or linked, they cannot tell code
//   from data, and every byte counts
//     (for the file's machine; and for any machine once class, byte order or type are none that
//     exist).
class ElfCode {
 public:
  // `header` absent: no valid e_ident. The tables are absent when the file has none or they could
  // not be read whole. `file_size` is what came.
  static ElfCode Map(const std::optional<ElfHeader>& header,
                     const std::optional<std::vector<ElfSegment>>& segments,
                     const std::optional<std::vector<ElfSection>>& sections,
                     std::uint64_t file_size);

  // Whether [offset, offset + size) is code of `machine`.
  bool Holds(std::uint64_t offset, std::uint64_t size, std::uint16_t machine) const;

 private:
  struct Range {
    std::uint64_t offset;
    std::uint64_t size;
  };

  bool any_machine_ = false;
  bool everywhere_ = false;
  std::uint16_t machine_ = 0;
  std::vector<Range> segments_;
  std::vector<Range> sections_;
};

}  // namespace xzgate::facts
