#include <optional>
#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/note.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kRootBytes = 32;  // SHA-256

// A decimal number in its one spelling.
std::optional<std::uint64_t> ParseSize(std::string_view text) {
  if (text.size() > 1 && text.starts_with('0')) return std::nullopt;
  return ParseUint(text);
}

}  // namespace

Result<Checkpoint> ParseCheckpoint(std::string_view note_text) {
  if (!note_text.ends_with('\n')) return InvalidArgument("checkpoint: no line end at the end");
  note_text.remove_suffix(1);
  const std::vector<std::string_view> lines = Split(note_text, '\n');
  if (lines.size() < 3) {
    return InvalidArgument("checkpoint: want origin, size and root, found " +
                           std::to_string(lines.size()) + " lines");
  }
  for (const std::string_view line : lines) {
    if (line.empty()) return InvalidArgument("checkpoint: an empty line");
  }
  const auto size = ParseSize(lines[1]);
  if (!size)
    return InvalidArgument("checkpoint: size: want a number, found " + Quote(lines[1], 64));
  auto root = crypto::Base64Decode(lines[2]);
  if (!root || root->size() != kRootBytes) {
    return InvalidArgument("checkpoint: root: want 32 bytes in base64, found " +
                           Quote(lines[2], 64));
  }
  return Checkpoint{.origin = std::string(lines[0]),
                    .tree_size = *size,
                    .root = *std::move(root),
                    .extensions = {lines.begin() + 3, lines.end()}};
}

}  // namespace xzgate::signature
