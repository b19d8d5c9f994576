#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/signing/test_key.h"

namespace xzgate::testing {

// A Merkle tree of RFC 6962, section 2.1. A value.
class TestTree {
 public:
  // Leaf `number` of a tree that a test fills with leaves nobody looks at.
  static std::string Filler(std::size_t number);

  void Add(std::string_view leaf);
  std::size_t size() const { return hashes_.size(); }
  std::string Root() const;
  std::vector<std::string> Proof(std::size_t index) const;  // 32 bytes each, from the leaf up

 private:
  std::string Root(std::size_t from, std::size_t to) const;
  std::vector<std::string> hashes_;
};

// "origin\nsize\nroot\n" and extension lines, each without its line end.
std::string CheckpointText(std::string_view origin, std::uint64_t size, std::string_view root,
                           const std::vector<std::string>& extensions = {});

// Key hints of signed notes: of Ed25519 by name and key (C2SP), of others the start of SHA-256 over
// the SubjectPublicKeyInfo.
std::string KeyHint(std::string_view name, const TestKey& key);
// The 32 bytes that hint is the start of.
std::string KeyId(std::string_view name, const TestKey& key);

// A signature line with its line end, "— name base64(hint || signature)".
std::string NoteLine(std::string_view name, std::string_view hint, std::string_view signature);
// The same, made by signing `text` as a log does.
std::string SignedNoteLine(std::string_view name, const TestKey& key, std::string_view text);
// `text`, the empty line and the lines.
std::string Note(std::string_view text, const std::vector<std::string>& lines);

}  // namespace xzgate::testing
