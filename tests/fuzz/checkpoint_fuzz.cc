// A checkpoint that is read is written again, byte for byte, and no leaf is in its tree by chance.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/note.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xzgate::signature;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = ParseCheckpoint(text);
  if (!checkpoint) {
    const std::string& message = checkpoint.error().message();
    Check(message.size() < 4096 && xzgate::IsValidUtf8(message));
    return 0;
  }
  std::string again = checkpoint->origin + "\n" + std::to_string(checkpoint->tree_size) + "\n" +
                      xzgate::crypto::Base64Encode(xzgate::AsBytes(checkpoint->root)) + "\n";
  for (const std::string& line : checkpoint->extensions) again += line + "\n";
  Check(again == text);
  for (const std::uint64_t index : {std::uint64_t{0}, checkpoint->tree_size - 1, UINT64_MAX}) {
    const std::vector<std::string> hashes(index % 65, checkpoint->root);
    Check(!CheckInclusion(text, index, checkpoint->tree_size, hashes, checkpoint->root));
  }
  return 0;
}
