#include "tests/support/signing/test_note.h"

#include "base/crypto/digest.h"
#include "tests/support/signing/require.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::testing {
namespace {

std::string Sha256(std::string_view bytes) {
  return crypto::HashBytes(crypto::Algorithm::kSha256, AsBytes(bytes));
}

// The largest power of two below `size`, which is at least 2.
std::size_t SplitOf(std::size_t size) {
  std::size_t split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

}  // namespace

std::string TestTree::Filler(std::size_t number) {
  return "filler " + std::to_string(number);
}

void TestTree::Add(std::string_view leaf) {
  hashes_.push_back(Sha256(std::string(1, '\0') + std::string(leaf)));
}

std::string TestTree::Root(std::size_t from, std::size_t to) const {
  if (from == to) return Sha256("");
  if (to - from == 1) return hashes_[from];
  const std::size_t split = from + SplitOf(to - from);
  return Sha256("\x01" + Root(from, split) + Root(split, to));
}

std::string TestTree::Root() const {
  return Root(0, hashes_.size());
}

std::vector<std::string> TestTree::Proof(std::size_t index) const {
  Require(index < hashes_.size());
  std::vector<std::string> proof;  // from the root down
  std::size_t from = 0;
  std::size_t to = hashes_.size();
  while (to - from > 1) {
    const std::size_t split = from + SplitOf(to - from);
    if (index < split) {
      proof.push_back(Root(split, to));
      to = split;
    } else {
      proof.push_back(Root(from, split));
      from = split;
    }
  }
  return {proof.rbegin(), proof.rend()};
}

std::string CheckpointText(std::string_view origin, std::uint64_t size, std::string_view root,
                           const std::vector<std::string>& extensions) {
  std::string text = std::string(origin) + "\n" + std::to_string(size) + "\n" + Base64(root) + "\n";
  for (const std::string& line : extensions) text += line + "\n";
  return text;
}

std::string KeyId(std::string_view name, const TestKey& key) {
  if (!key.IsEd25519()) return Sha256(key.Spki());
  return Sha256(std::string(name) + "\n\x01" + key.Raw());
}

std::string KeyHint(std::string_view name, const TestKey& key) {
  return KeyId(name, key).substr(0, 4);
}

std::string NoteLine(std::string_view name, std::string_view hint, std::string_view signature) {
  return "\u2014 " + std::string(name) + " " + Base64(std::string(hint) + std::string(signature)) +
         "\n";
}

std::string SignedNoteLine(std::string_view name, const TestKey& key, std::string_view text) {
  return NoteLine(name, KeyHint(name, key), key.Sign(text));
}

std::string Note(std::string_view text, const std::vector<std::string>& lines) {
  std::string note = std::string(text) + "\n";
  for (const std::string& line : lines) note += line;
  return note;
}

}  // namespace xzgate::testing
