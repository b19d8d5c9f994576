#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/probes.h"

namespace xzgate::facts {

class HashThread;

// How much of one ELF file is kept while it streams by.
struct ElfLimits {
  std::size_t head_bytes = 16 * 1024 * 1024;
  std::size_t piece_bytes = 16 * 1024 * 1024;      // all pieces beyond the head together
  std::size_t max_symbol_bytes = 8 * 1024 * 1024;  // of a symbol table beyond the head
  std::uint64_t max_symbols = 1'000'000;
  std::size_t max_segments = 4096;  // Linux takes 1,170
  std::size_t max_sections = 4096;  // hardening.md 8.4
};

// What was read from one ELF file.
struct ElfReading {
  ElfFile file;
  std::vector<Incomplete> incomplete;
};

// Reads one ELF file as it streams by, in memory bounded by `limits` and in time linear in the
// file. All of it is hashed and searched for the patterns; headers, dynamic array, symbols and the
// watched functions' bodies are taken from a window over its head and from pieces planned ahead.
// The result does not depend on how the file was cut into calls. Confined to one thread; borrows
// `probes`.
//
// Damage is no `incomplete`: a file whose headers do not hold cannot be loaded, so it exports
// nothing, and its bytes were searched all the same (see elf_code.h for what counts as a hit then).
// `incomplete` says that the file may have more than we kept: "elf symbols beyond 16 MiB" when a
// watched name passed by and its symbol, or the body of its function, was out of reach.
class ElfExtractor {
 public:
  // `hasher`: borrowed, for a file's digest; null makes one.
  ElfExtractor(std::string path, const Probes& probes, const ElfLimits& limits = {},
               HashThread* hasher = nullptr);
  ~ElfExtractor();
  ElfExtractor(const ElfExtractor&) = delete;
  ElfExtractor& operator=(const ElfExtractor&) = delete;

  // The next bytes of the file, which starts with ELF's magic (IsElf in elf_format.h).
  void Feed(Bytes bytes);

  // Call once, at the end of the file.
  ElfReading Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::facts
