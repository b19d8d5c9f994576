#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xzgate::fuzz {

// `good` with the edits of `script`: three bytes each, where (big-endian, modulo the size) and what
// to XOR with. So that a fuzzer can reach what a signature covers, whose keys no corpus knows.
inline std::string Mutated(std::string good, std::string_view script) {
  const auto at = [script](std::size_t i) { return static_cast<unsigned char>(script[i]); };
  for (std::size_t i = 0; i + 3 <= script.size() && !good.empty(); i += 3) {
    const std::size_t where = (std::size_t{at(i)} * 256 + at(i + 1)) % good.size();
    good[where] = static_cast<char>(static_cast<unsigned char>(good[where]) ^ at(i + 2));
  }
  return good;
}

}  // namespace xzgate::fuzz
