#include "scanner/facts/elf_dynamic.h"

#include <algorithm>

namespace xzgate::facts {
namespace {

// Tags of the dynamic array (gABI, chapter 5; DT_GNU_HASH from elf.h).
constexpr std::uint64_t kDtNull = 0;
constexpr std::uint64_t kDtHash = 4;
constexpr std::uint64_t kDtStrtab = 5;
constexpr std::uint64_t kDtSymtab = 6;
constexpr std::uint64_t kDtSoname = 14;
constexpr std::uint64_t kDtGnuHash = 0x6FFFFEF5;

constexpr unsigned kStbLocal = 0;
constexpr unsigned kSttGnuIfunc = 10;
constexpr std::uint16_t kShnUndef = 0;

struct Symbol {
  std::uint32_t name;
  std::uint8_t info;
  std::uint16_t section;
  std::uint64_t value;
};

Symbol ReadSymbol(const ElfFields& fields, Bytes entry) {
  if (fields.is_64bit())
    return {fields.U32(entry, 0), entry[4], fields.U16(entry, 6), fields.U64(entry, 8)};
  return {fields.U32(entry, 0), entry[12], fields.U16(entry, 14), fields.U32(entry, 4)};
}

// The table's second word, nchain. Words have 8 bytes on two machines (psABI of Alpha and s390x),
// else 4.
std::uint64_t CountByHash(const ElfHeader& header, std::uint64_t offset, const ElfWindow& window) {
  constexpr std::uint16_t kEmS390 = 22;
  constexpr std::uint16_t kEmAlpha = 0x9026;
  const bool is_wide =
      header.machine == kEmAlpha || (header.machine == kEmS390 && header.fields.is_64bit());
  const Bytes words = window.GetSome(offset, kHashHeadBytes);
  return is_wide ? header.fields.U64(words, 8) : header.fields.U32(words, 4);
}

// The last symbol is at the end of the chain that starts at the highest bucket.
std::uint64_t CountByGnuHash(const ElfFields& fields, std::uint64_t offset,
                             const ElfWindow& window) {
  const Bytes table = window.GetSome(offset, UINT64_MAX);
  const std::uint64_t bucket_count = fields.U32(table, 0);
  const std::uint64_t first = fields.U32(table, 4);
  const std::uint64_t bloom_count = fields.U32(table, 8);
  const std::uint64_t buckets = 16 + bloom_count * (fields.is_64bit() ? 8 : 4);
  const std::uint64_t chains = buckets + bucket_count * 4;  // at most 36 bits: no overflow
  if (chains > table.size()) return 0;
  std::uint32_t last = 0;
  for (std::uint64_t at = buckets; at < chains; at += 4)
    last = std::max(last, fields.U32(table, static_cast<std::size_t>(at)));
  if (last < first || last == 0) return 0;
  std::uint64_t symbol = last;
  for (std::uint64_t at = chains + std::uint64_t{last - first} * 4; at + 4 <= table.size();
       at += 4, ++symbol) {
    if ((fields.U32(table, static_cast<std::size_t>(at)) & 1) != 0) break;
  }
  return symbol + 1;
}

// Compares one symbol's name with those that are watched.
class NameMatcher {
 public:
  NameMatcher(const std::vector<std::string>& names, std::uint64_t strings, const ElfWindow& window,
              const PatternSearch* passed)
      : names_(names),
        passed_(passed),
        strings_(strings),
        kept_(AsText(window.GetSome(strings, UINT64_MAX))) {}

  // The name that stands at `offset` of the string table, or null.
  const std::string* Match(std::uint32_t offset) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string& name = names_[i];
      if (offset < kept_.size() && kept_.size() - offset > name.size()) {
        if (kept_.compare(offset, name.size(), name) == 0 && kept_[offset + name.size()] == '\0')
          return &name;
      } else if (passed_ != nullptr) {
        const auto& hits = passed_->hits(i);
        if (std::ranges::binary_search(hits.offsets, strings_ + offset)) return &name;
        if (hits.more) is_complete_ = false;
      }
    }
    return nullptr;
  }
  bool is_complete() const { return is_complete_; }

 private:
  const std::vector<std::string>& names_;
  const PatternSearch* passed_;
  std::uint64_t strings_;
  std::string_view kept_;
  bool is_complete_ = true;
};

}  // namespace

std::uint64_t DynamicOffset(const std::vector<ElfSegment>& segments, const ElfSegment& dynamic) {
  return FileOffset(segments, dynamic.vaddr).value_or(dynamic.offset);
}

ElfDynamic ParseDynamic(const ElfHeader& header, const std::vector<ElfSegment>& segments,
                        Bytes array) {
  const ElfFields& fields = header.fields;
  const std::size_t word = fields.is_64bit() ? 8 : 4;
  ElfDynamic dynamic;
  std::optional<std::uint64_t> soname;
  for (; array.size() >= 2 * word; array = array.subspan(2 * word)) {
    const std::uint64_t value = fields.Word(array, word);
    switch (fields.Word(array, 0)) {
      case kDtNull:
        dynamic.has_end = true;
        break;
      case kDtHash:
        dynamic.hash = FileOffset(segments, value);
        break;
      case kDtStrtab:
        dynamic.strings = FileOffset(segments, value);
        break;
      case kDtSymtab:
        dynamic.symbols = FileOffset(segments, value);
        break;
      case kDtGnuHash:
        dynamic.gnu_hash = FileOffset(segments, value);
        break;
      case kDtSoname:
        soname = value;
        break;
      default:
        break;
    }
    if (dynamic.has_end) break;
  }
  if (dynamic.strings && soname && *soname <= UINT64_MAX - *dynamic.strings)
    dynamic.soname = *dynamic.strings + *soname;
  return dynamic;
}

std::uint64_t CountSymbols(const ElfHeader& header, const ElfDynamic& dynamic,
                           const ElfWindow& window) {
  std::uint64_t count = 0;
  if (dynamic.hash) count = CountByHash(header, *dynamic.hash, window);
  if (dynamic.gnu_hash)
    count = std::max(count, CountByGnuHash(header.fields, *dynamic.gnu_hash, window));
  if (count == 0 && dynamic.symbols && dynamic.strings && *dynamic.strings > *dynamic.symbols) {
    count = (*dynamic.strings - *dynamic.symbols) / header.symbol_bytes();
  }
  return count;
}

SymbolSearch FindSymbols(const ElfHeader& header, const ElfDynamic& dynamic,
                         const ElfWindow& window, std::uint64_t count,
                         const std::vector<std::string>& names, const PatternSearch* passed) {
  SymbolSearch search;
  if (names.empty() || !dynamic.symbols || !dynamic.strings || count == 0) return search;
  const std::size_t entry_bytes = header.symbol_bytes();
  const Bytes table = window.GetSome(*dynamic.symbols, count * entry_bytes);
  NameMatcher matcher(names, *dynamic.strings, window, passed);
  for (std::size_t at = 0; at + entry_bytes <= table.size(); at += entry_bytes) {
    const Symbol symbol = ReadSymbol(header.fields, table.subspan(at, entry_bytes));
    if (symbol.section == kShnUndef || symbol.info >> 4 == kStbLocal) continue;
    const std::string* name = matcher.Match(symbol.name);
    if (name == nullptr) continue;
    FoundSymbol found{
        .name = *name, .is_ifunc = (symbol.info & 15) == kSttGnuIfunc, .value = symbol.value};
    if (std::ranges::find(search.found, found) != search.found.end()) continue;
    if (search.found.size() == kMaxFoundSymbols) return {std::move(search.found), false};
    search.found.push_back(std::move(found));
  }
  // A table that ends behind the file is damage: only what the file has could have been kept.
  const std::uint64_t in_file =
      window.position() > *dynamic.symbols ? window.position() - *dynamic.symbols : 0;
  search.is_complete =
      matcher.is_complete() && table.size() >= std::min(count * entry_bytes, in_file);
  return search;
}

}  // namespace xzgate::facts
