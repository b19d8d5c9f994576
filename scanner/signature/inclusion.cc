#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "scanner/signature/note.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kHashBytes = 32;

std::string Sha256(const std::string& text) {
  return crypto::HashBytes(crypto::Algorithm::kSha256, AsBytes(text));
}

// Leaves and nodes are told apart by their first byte: RFC 6962, section 2.1.
std::string HashLeaf(std::string_view leaf) {
  return Sha256(std::string(1, '\x00') + std::string(leaf));
}

std::string HashNode(const std::string& left, const std::string& right) {
  return Sha256('\x01' + left + right);
}

}  // namespace

// RFC 9162, section 2.1.3.2, with its names: fn is the node's number in its row, sn the last one's.
Result<void> CheckInclusion(std::string_view leaf, std::uint64_t index, std::uint64_t tree_size,
                            const std::vector<std::string>& hashes, std::string_view root) {
  if (index >= tree_size) {
    return Integrity("inclusion proof: index " + std::to_string(index) +
                     " is beyond the tree, which has " + std::to_string(tree_size) + " leaves");
  }
  std::uint64_t fn = index;
  std::uint64_t sn = tree_size - 1;
  std::string hash = HashLeaf(leaf);
  for (const std::string& sibling : hashes) {
    if (sibling.size() != kHashBytes) {
      return Integrity("inclusion proof: want hashes of 32 bytes, found one of " +
                       std::to_string(sibling.size()));
    }
    if (sn == 0) return Integrity("inclusion proof: too many hashes");
    if ((fn & 1) == 1 || fn == sn) {
      hash = HashNode(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {  // the last node of a row without a sibling moves up
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = HashNode(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Integrity("inclusion proof: too few hashes");
  if (hash != root) return Integrity("inclusion proof: it leads to another root");
  return {};
}

}  // namespace xzgate::signature
