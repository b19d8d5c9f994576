#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto/digest.h"

namespace xzgate::signature {

// Names a structure by its content: SHA-256 over fields that carry their length and lists that
// carry their count, so that no two structures of one schema give the same bytes. Confined to one
// thread.
class Fingerprinter {
 public:
  // `schema` names what is written and in which order; change it when either changes.
  explicit Fingerprinter(std::string_view schema) { Add(schema); }

  void Add(std::string_view text) {
    Count(text.size());
    hasher_.Update(AsBytes(text));
  }
  // Of a number, a flag, an enum, or how many items of a list follow.
  void Count(std::uint64_t number);

  std::string FinishHex() { return hasher_.FinishHex(); }

 private:
  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
};

}  // namespace xzgate::signature
