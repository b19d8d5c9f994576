#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xzgate::facts {

// Bytes to look for in executable segments of ELF files of one machine.
struct Pattern {
  std::string name;   // "xz_payload_prologue"
  std::string bytes;  // held masked in the rule pack and on disk; only in memory in clear
  std::uint16_t machine = 0;
};

// What the extractors look for beyond what they always read. Comes from the rule packs. A value.
struct Probes {
  std::vector<Pattern> patterns;
  std::vector<std::string> symbols;  // names of dynamic symbols worth a fact

  // Names this set and the extractors' own version: facts read with another one are read again.
  std::string Version() const;
};

}  // namespace xzgate::facts
