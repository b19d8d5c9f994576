#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// Our own limits: a checkpoint has some hundred bytes and a handful of witnesses.
inline constexpr std::size_t kMaxNoteBytes = 64 * 1024;
inline constexpr std::size_t kMaxNoteSignatures = 100;

struct NoteSignature {
  std::string name;
  std::string hint;       // 4 bytes
  std::string signature;  // raw
};

// A C2SP signed note (c2sp.org/signed-note) as it came: bytes are never normalised.
struct Note {
  std::string text;  // the signed bytes, up to and with the newline before the blank line
  std::vector<NoteSignature> signatures;
};
// Errors: kInvalidArgument, kResourceExhausted.
Result<Note> ParseNote(std::string_view text);

// A checkpoint (c2sp.org/tlog-checkpoint): what the note of a log says. Errors: kInvalidArgument.
struct Checkpoint {
  std::string origin;
  std::uint64_t tree_size = 0;
  std::string root;  // 32 bytes
  std::vector<std::string> extensions;
};
Result<Checkpoint> ParseCheckpoint(std::string_view note_text);

// Whether this log signed the note: some line with its name and key hint verifies (signatures.md
// 3.7: ECDSA as Rekor v1 or v2, Ed25519 as Rekor v2). Lines of others (witnesses) are no matter.
// Errors: kIntegrity, saying which lines were there.
Result<void> CheckNote(const Note& note, const Checkpoint& checkpoint, const Log& log);

// Recomputes a root from a leaf (its bytes, not their hash) and its path (RFC 6962, section 2.1.1;
// RFC 9162, section 2.1.3.2). Errors: kIntegrity (too many or too few hashes, index beyond the
// tree, another root).
Result<void> CheckInclusion(std::string_view leaf, std::uint64_t index, std::uint64_t tree_size,
                            const std::vector<std::string>& hashes, std::string_view root);

}  // namespace xzgate::signature
