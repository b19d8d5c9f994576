#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/facts/elf_format.h"
#include "scanner/facts/elf_window.h"
#include "scanner/facts/pattern_search.h"

namespace xzgate::facts {

// A segment's dynamic array is read as far as this; real ones have some 40 entries of 16 bytes.
inline constexpr std::size_t kMaxDynamicBytes = 64 * 1024;

// Bytes of DT_HASH that tell its size.
inline constexpr std::size_t kHashHeadBytes = 16;

// What the dynamic linker needs to know, as offsets in the file.
struct ElfDynamic {
  std::optional<std::uint64_t> symbols;   // DT_SYMTAB
  std::optional<std::uint64_t> strings;   // DT_STRTAB
  std::optional<std::uint64_t> hash;      // DT_HASH
  std::optional<std::uint64_t> gnu_hash;  // DT_GNU_HASH
  std::optional<std::uint64_t> soname;    // DT_SONAME, already an offset in the file
  bool has_end = false;                   // DT_NULL was seen
};

// Where the array lies: the address counts, as for the dynamic linker; the offset only where no
// segment brings that address.
std::uint64_t DynamicOffset(const std::vector<ElfSegment>& segments, const ElfSegment& dynamic);

ElfDynamic ParseDynamic(const ElfHeader& header, const std::vector<ElfSegment>& segments,
                        Bytes array);

// How many symbols the table has at most: the largest of what DT_HASH and the chains of DT_GNU_HASH
// say, else the distance from the table to its strings; 0 when nothing tells. Bounded by what is
// kept; costs a walk over the hash table.
std::uint64_t CountSymbols(const ElfHeader& header, const ElfDynamic& dynamic,
                           const ElfWindow& window);

// Definitions kept of one file's watched names: they are few, and versioned ones repeat.
inline constexpr std::size_t kMaxFoundSymbols = 64;

// A watched name found defined.
struct FoundSymbol {
  std::string name;
  bool is_ifunc = false;
  std::uint64_t value = 0;

  bool operator==(const FoundSymbol&) const = default;
};

struct SymbolSearch {
  std::vector<FoundSymbol> found;  // without repetition
  bool is_complete = true;         // false: a part of the table or of its names was not kept
};

// Looks through at most `count` symbols for the names. `passed` says where in the part of the file
// that was not kept a name (with the NUL behind it) passed by; null when all was kept.
SymbolSearch FindSymbols(const ElfHeader& header, const ElfDynamic& dynamic,
                         const ElfWindow& window, std::uint64_t count,
                         const std::vector<std::string>& names, const PatternSearch* passed);

}  // namespace xzgate::facts
