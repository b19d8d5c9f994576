// A note that is read is written again, byte for byte, from what was read of it: nothing was
// normalised or passed over.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

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
  const auto note = ParseNote(text);
  if (!note) {
    Check(note.error().message().size() < 4096 && xzgate::IsValidUtf8(note.error().message()));
    return 0;
  }
  Check(!note->signatures.empty() && note->signatures.size() <= kMaxNoteSignatures);
  std::string again = note->text + "\n";
  for (const NoteSignature& line : note->signatures) {
    Check(line.hint.size() == 4 && !line.signature.empty());
    again += "\u2014 " + line.name + " " +
             xzgate::crypto::Base64Encode(xzgate::AsBytes(line.hint + line.signature)) + "\n";
  }
  Check(again == text);
  (void)ParseCheckpoint(note->text);
  return 0;
}
