#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/facts/elf_code.h"
#include "scanner/facts/elf_dynamic.h"
#include "scanner/facts/elf_format.h"
#include "scanner/facts/elf_window.h"

namespace xzgate::facts {

struct ElfLimits;

// One ELF file as its headers describe it, read from the window over its bytes. While the file
// streams by, Plan asks the window for what lies ahead; at its end, Read and then the questions.
// Confined to one thread; borrows nothing.
class ElfImage {
 public:
  explicit ElfImage(const ElfLimits& limits);

  ElfWindow& window() { return window_; }
  const ElfWindow& window() const { return window_; }

  // At each event of the window: header -> tables of headers -> dynamic array -> symbol table ->
  // bodies of the functions named.
  void Plan(const std::vector<std::string>& names, const PatternSearch* passed);

  // Once, at the end of the file.
  void Read();

  const std::optional<ElfHeader>& header() const { return header_; }
  ElfCode MapCode() const;
  std::string Soname() const;
  std::string BuildId() const;  // hex
  // Definitions of the names; complete where the file has no dynamic array (a static program
  // exports nothing) and where damage makes it unloadable.
  SymbolSearch Symbols(const std::vector<std::string>& names, const PatternSearch* passed) const;
  // The first bytes of the function at `vaddr`: empty where no segment brings that address, absent
  // where they were not kept.
  std::optional<Bytes> Body(std::uint64_t vaddr) const;

 private:
  void ReadHeaders();
  void ReadDynamic();
  // The table that the header names, if its entries have the right size and all of it was kept.
  std::optional<Bytes> SegmentTable() const;
  std::optional<Bytes> SectionTable() const;

  std::size_t max_segments_;
  std::size_t max_sections_;
  std::size_t max_symbol_bytes_;
  std::uint64_t max_symbols_;
  ElfWindow window_;
  std::optional<ElfHeader> header_;
  std::optional<std::vector<ElfSegment>> segments_;
  std::optional<std::vector<ElfSection>> sections_;
  std::optional<ElfDynamic> dynamic_;
};

}  // namespace xzgate::facts
