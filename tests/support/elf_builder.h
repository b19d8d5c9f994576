#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xzgate::testing {

// One dynamic symbol of a file that BuildElf writes.
struct ElfTestSymbol {
  std::string name;
  std::string body = {};  // its code; empty: undefined
  unsigned type = 2;      // STT_FUNC; 10 is STT_GNU_IFUNC
  unsigned binding = 1;   // STB_GLOBAL
};

// What BuildElf writes: a small shared object with everything in its place, unless the test moves
// something.
struct ElfSpec {
  bool is_64bit = true;
  bool is_big_endian = false;
  std::uint16_t type = 3;      // ET_DYN; 1 is ET_REL
  std::uint16_t machine = 62;  // EM_X86_64
  std::string code = "code";   // in .text, in the executable segment
  std::string data = "data";   // in .rodata, in a segment that is only readable
  std::vector<ElfTestSymbol> symbols = {};
  std::string soname = {};
  std::string build_id = {};  // raw bytes
  enum class Hash { kGnu, kSysv, kNone } hash = Hash::kGnu;
  bool has_dynamic = true;
  bool has_sections = true;
  std::size_t pad_symbols = 0;  // bytes before hash, symbol and string tables
  std::size_t pad_code = 0;     // before .text
  std::size_t pad_dynamic = 0;  // before .dynamic
  bool strings_at_end = false;  // behind .dynamic, where patchelf puts them
  std::size_t pad_strings = 0;  // before strings at the end
  bool phdrs_at_end = false;    // program headers behind all else
};

// Writes ELF files byte by byte in any class and byte order; addresses equal file offsets. Pure.
class ElfBuilder {
 public:
  static std::string Build(const ElfSpec& spec) { return ElfBuilder(spec).Write(); }

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };

  explicit ElfBuilder(const ElfSpec& spec) : spec_(spec) {}

  std::size_t word() const { return spec_.is_64bit ? 8 : 4; }
  std::size_t header_bytes() const { return spec_.is_64bit ? 64 : 52; }
  std::size_t segment_bytes() const { return spec_.is_64bit ? 56 : 32; }

  std::string Number(std::uint64_t value, std::size_t width) const {
    std::string bytes(width, '\0');
    for (std::size_t i = 0; i < width; ++i) {
      bytes[spec_.is_big_endian ? width - 1 - i : i] = static_cast<char>(value >> (8 * i));
    }
    return bytes;
  }
  std::string U16(std::uint64_t v) const { return Number(v, 2); }
  std::string U32(std::uint64_t v) const { return Number(v, 4); }
  std::string Word(std::uint64_t v) const { return Number(v, word()); }

  Place Put(std::string_view bytes, std::size_t align = 16) {
    Align(align);
    const Place place{file_.size(), bytes.size()};
    file_ += bytes;
    return place;
  }
  void Align(std::size_t align) { file_.append((align - file_.size() % align) % align, '\0'); }

  std::string Write() {
    file_.assign(header_bytes() + (spec_.phdrs_at_end ? 0 : kSegments * segment_bytes()), '\0');
    if (spec_.type == 1) {
      text_ = Put(spec_.code);
      rodata_ = Put(spec_.data);
    } else {
      WriteLoaded();
    }
    std::uint64_t phoff = header_bytes();
    if (spec_.type != 1) {
      if (spec_.phdrs_at_end) {
        Align(16);
        phoff = file_.size();
        file_ += Segments();
      } else {
        const std::string table = Segments();
        file_.replace(static_cast<std::size_t>(phoff), table.size(), table);
      }
    }
    const std::uint64_t shoff = spec_.has_sections ? WriteSections() : 0;
    WriteHeader(spec_.type == 1 ? 0 : phoff, shoff);
    return std::move(file_);
  }

  void WriteLoaded() {
    MakeStrings();
    if (!spec_.build_id.empty()) {
      note_ = Put(U32(4) + U32(spec_.build_id.size()) + U32(3) + std::string("GNU\0", 4) +
                  spec_.build_id);
    }
    rodata_ = Put(spec_.data);
    file_.append(spec_.pad_symbols, '\0');
    // The symbols' values are known only once their code has a place: the tables get their room now
    // and their bytes later.
    hash_ = Put(HashTable());
    symtab_ = Put(std::string(SymbolTable().size(), '\0'));
    if (!spec_.strings_at_end) strtab_ = Put(strings_);
    first_end_ = file_.size();
    file_.append(spec_.pad_code, '\0');
    text_ = Put(spec_.code, kPage);
    for (const ElfTestSymbol& symbol : spec_.symbols) {
      if (!symbol.body.empty()) values_.push_back(Put(symbol.body).offset);
    }
    text_.size = file_.size() - text_.offset;
    file_.append(spec_.pad_dynamic, '\0');
    Align(kPage);
    if (spec_.has_dynamic) {
      dynamic_ = Put(std::string(Dynamic().size(), '\0'));
      if (spec_.strings_at_end) {
        file_.append(spec_.pad_strings, '\0');
        strtab_ = Put(strings_);
      }
      const std::string bytes = Dynamic();
      file_.replace(static_cast<std::size_t>(dynamic_.offset), bytes.size(), bytes);
    }
    const std::string symbols = SymbolTable();
    file_.replace(static_cast<std::size_t>(symtab_.offset), symbols.size(), symbols);
    last_end_ = file_.size();
  }

  // Undefined symbols first, as GNU hash wants it.
  std::vector<ElfTestSymbol> Ordered() const {
    std::vector<ElfTestSymbol> ordered;
    for (const auto& symbol : spec_.symbols) {
      if (symbol.body.empty()) ordered.push_back(symbol);
    }
    for (const auto& symbol : spec_.symbols) {
      if (!symbol.body.empty()) ordered.push_back(symbol);
    }
    return ordered;
  }

  void MakeStrings() {
    strings_ = std::string(1, '\0');
    for (const auto& symbol : Ordered()) {
      names_.push_back(strings_.size());
      strings_ += symbol.name + '\0';
    }
    soname_ = strings_.size();
    if (!spec_.soname.empty()) strings_ += spec_.soname + '\0';
  }

  std::string SymbolTable() const {
    std::string table(spec_.is_64bit ? 24 : 16, '\0');
    const auto ordered = Ordered();
    std::size_t defined = 0;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      const bool is_defined = !ordered[i].body.empty();
      const std::uint64_t value = is_defined && defined < values_.size() ? values_[defined] : 0;
      if (is_defined) ++defined;
      const std::string info =
          Number(ordered[i].binding << 4 | ordered[i].type, 1) + std::string(1, '\0');
      const std::string section = U16(is_defined ? 1 : 0);
      const std::string name = U32(names_[i]);
      const std::string size = Word(ordered[i].body.size());
      table += spec_.is_64bit ? name + info + section + Word(value) + size
                              : name + Word(value) + size + info + section;
    }
    return table;
  }

  static std::uint32_t GnuHash(std::string_view name) {
    std::uint32_t hash = 5381;
    for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    return hash;
  }

  std::string HashTable() const {
    const auto ordered = Ordered();
    if (spec_.hash == ElfSpec::Hash::kNone) return "";
    if (spec_.hash == ElfSpec::Hash::kSysv) {
      std::string table = U32(1) + U32(ordered.size() + 1) + U32(1);
      for (std::size_t i = 0; i <= ordered.size(); ++i)
        table += U32(i == ordered.size() || i == 0 ? 0 : i + 1);
      return table;
    }
    std::size_t undefined = 0;
    while (undefined < ordered.size() && ordered[undefined].body.empty()) ++undefined;
    const bool has_any = undefined < ordered.size();
    std::string table = U32(1) + U32(undefined + 1) + U32(1) + U32(0) + Word(~std::uint64_t{0});
    table += U32(has_any ? undefined + 1 : 0);
    for (std::size_t i = undefined; i < ordered.size(); ++i) {
      table += U32((GnuHash(ordered[i].name) & ~1U) | (i + 1 == ordered.size() ? 1U : 0U));
    }
    return table;
  }

  std::string Dynamic() const {
    std::string array;
    const auto add = [this, &array](std::uint64_t tag, std::uint64_t value) {
      array += Word(tag) + Word(value);
    };
    if (!spec_.soname.empty()) add(14, soname_);
    if (spec_.hash == ElfSpec::Hash::kGnu) add(0x6FFFFEF5, hash_.offset);
    if (spec_.hash == ElfSpec::Hash::kSysv) add(4, hash_.offset);
    add(5, strtab_.offset);
    add(6, symtab_.offset);
    add(10, strings_.size());
    add(0, 0);
    return array;
  }

  std::string Segment(std::uint32_t type, std::uint32_t flags, Place place,
                      std::uint64_t align) const {
    const std::string at = Word(place.offset);
    const std::string sizes = Word(place.size) + Word(place.size);
    return spec_.is_64bit ? U32(type) + U32(flags) + at + at + at + sizes + Word(align)
                          : U32(type) + at + at + at + sizes + U32(flags) + Word(align);
  }

  std::string Segments() const {
    const Place tail{dynamic_.offset, spec_.has_dynamic ? last_end_ - dynamic_.offset : 0};
    std::string table = Segment(1, 4, {0, first_end_}, kPage) + Segment(1, 5, text_, kPage);
    table += spec_.has_dynamic ? Segment(1, 6, tail, kPage) + Segment(2, 6, dynamic_, 8)
                               : Segment(0, 0, {}, 0) + Segment(0, 0, {}, 0);
    return table + Segment(spec_.build_id.empty() ? 0 : 4, 4, note_, 4);
  }

  std::string Section(std::uint32_t type, std::uint64_t flags, Place place) const {
    return U32(0) + U32(type) + Word(flags) + Word(place.offset) + Word(place.offset) +
           Word(place.size) + U32(0) + U32(0) + Word(1) + Word(0);
  }

  std::uint64_t WriteSections() {
    const Place names = Put(std::string("\0.shstrtab\0", 11));
    Align(16);
    const std::uint64_t shoff = file_.size();
    file_ +=
        Section(0, 0, {}) + Section(1, 2, rodata_) + Section(1, 6, text_) + Section(3, 0, names);
    return shoff;
  }

  void WriteHeader(std::uint64_t phoff, std::uint64_t shoff) {
    std::string header =
        "\x7F"
        "ELF";
    header += static_cast<char>(spec_.is_64bit ? 2 : 1);
    header += static_cast<char>(spec_.is_big_endian ? 2 : 1);
    header += '\1';
    header.resize(16, '\0');
    header += U16(spec_.type) + U16(spec_.machine) + U32(1) + Word(0) + Word(phoff) + Word(shoff) +
              U32(0);
    header += U16(header_bytes()) + U16(phoff == 0 ? 0 : segment_bytes()) +
              U16(phoff == 0 ? 0 : kSegments);
    header += U16(spec_.is_64bit ? 64 : 40) + U16(shoff == 0 ? 0 : 4) + U16(shoff == 0 ? 0 : 3);
    file_.replace(0, header.size(), header);
  }

  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kSegments = 5;

  const ElfSpec& spec_;
  std::string file_;
  std::string strings_;
  std::vector<std::size_t> names_;
  std::vector<std::uint64_t> values_;
  std::size_t soname_ = 0;
  std::uint64_t first_end_ = 0;
  std::uint64_t last_end_ = 0;
  Place note_, rodata_, hash_, symtab_, strtab_, text_, dynamic_;
};

inline std::string BuildElf(const ElfSpec& spec) {
  return ElfBuilder::Build(spec);
}

}  // namespace xzgate::testing
