#include "scanner/signature/note.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/log_signature.h"

namespace xzgate::signature {
namespace {

constexpr std::string_view kSplit = "\n\n";
constexpr std::string_view kLineStart = "\u2014 ";  // em dash, space
constexpr std::size_t kHintBytes = 4;
// Of lines with our log's name and hint: whoever hands a bundle over writes as many as it likes.
constexpr std::size_t kMaxTries = 8;

// White space outside ASCII, as Unicode's property White_Space has it.
constexpr std::array<std::string_view, 19> kSpaces = {
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
    "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool HasControls(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7F; });
}

// "A key name is non-empty and has no Unicode spaces and no plus."
bool IsKeyName(std::string_view name) {
  if (name.empty() || name.find_first_of(" +") != name.npos) return false;
  return std::ranges::none_of(
      kSpaces, [&](std::string_view space) { return name.find(space) != name.npos; });
}

Result<NoteSignature> ParseSignature(std::string_view line) {
  const auto refuse = [&](std::string_view why) {
    return InvalidArgument("note: signature line " + Quote(line, 64) + ": " + std::string(why));
  };
  if (!line.starts_with(kLineStart)) return refuse("want an em dash and a space in front");
  line.remove_prefix(kLineStart.size());
  const auto space = line.find(' ');
  if (space == line.npos) return refuse("no space after the name");
  const std::string_view name = line.substr(0, space);
  if (!IsKeyName(name)) return refuse("its name is none");
  const auto bytes = crypto::Base64Decode(line.substr(space + 1));
  if (!bytes) return refuse("want base64");
  if (bytes->size() <= kHintBytes) return refuse("nothing after the key hint");
  return NoteSignature{.name = std::string(name),
                       .hint = bytes->substr(0, kHintBytes),
                       .signature = bytes->substr(kHintBytes)};
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// Rekor v1 names its tree too, "host - 1193050959916656506", and signs as the host that it was
// given, which need not be that of its URL; hints are by key alone. Its key decides.
bool IsLineOfV1(const NoteSignature& line, std::string_view origin, const Log& log) {
  std::string_view rest = origin;
  if (!rest.starts_with(line.name)) return false;
  rest.remove_prefix(line.name.size());
  return rest.starts_with(" - ") && IsDigits(rest.substr(3)) &&
         log.key.Fingerprint().starts_with(line.hint);
}

// Rekor v2 signs as the host of its URL, which is its origin too.
bool IsLineOfV2(const NoteSignature& line, std::string_view origin, const Log& log) {
  if (origin != log.origin || line.name != log.origin) return false;
  return NoteKeyId(line.name, log.key).starts_with(line.hint) ||
         log.checkpoint_id.starts_with(line.hint);
}

std::string Names(const Note& note) {
  constexpr std::size_t kMost = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(note.signatures.size(), kMost); ++i) {
    names += (i == 0 ? "" : ", ") + Quote(note.signatures[i].name, 64);
  }
  return note.signatures.size() > kMost ? names + ", ..." : names;
}

}  // namespace

Result<Note> ParseNote(std::string_view text) {
  if (text.size() > kMaxNoteBytes) {
    return ResourceExhausted("note: want at most " + std::to_string(kMaxNoteBytes) +
                             " bytes, found " + std::to_string(text.size()));
  }
  if (!IsValidUtf8(text)) return InvalidArgument("note: not UTF-8");
  if (HasControls(text)) return InvalidArgument("note: control characters");
  // The last one: the text itself may hold empty lines.
  const auto split = text.rfind(kSplit);
  if (split == text.npos) return InvalidArgument("note: no empty line before the signatures");
  if (split == 0) return InvalidArgument("note: no text");
  Note note{.text = std::string(text.substr(0, split + 1)), .signatures = {}};
  std::string_view rest = text.substr(split + kSplit.size());
  if (rest.empty()) return InvalidArgument("note: no signatures");
  if (!rest.ends_with('\n')) return InvalidArgument("note: no line end after the last signature");
  rest.remove_suffix(1);
  for (const std::string_view line : Split(rest, '\n')) {
    if (note.signatures.size() == kMaxNoteSignatures) {
      return ResourceExhausted("note: more than " + std::to_string(kMaxNoteSignatures) +
                               " signatures");
    }
    XZGATE_ASSIGN(NoteSignature signature, ParseSignature(line));
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

Result<void> CheckNote(const Note& note, const Checkpoint& checkpoint, const Log& log) {
  std::size_t tries = 0;
  for (const NoteSignature& line : note.signatures) {
    if (!IsLineOfV1(line, checkpoint.origin, log) && !IsLineOfV2(line, checkpoint.origin, log)) {
      continue;
    }
    if (++tries > kMaxTries) break;
    const auto verified = VerifyByLog(log, note.text, line.signature);
    if (verified) return {};
    if (verified.error().code() == ErrorCode::kUnsupported) return verified;
  }
  const std::string place = "checkpoint of " + Quote(checkpoint.origin, 128) + ": ";
  if (tries > 0) {
    return Integrity(place + "the signature is not that of the log " + Quote(log.origin));
  }
  return Integrity(place + "no signature of the log " + Quote(log.origin) + ", found those of " +
                   Names(note));
}

}  // namespace xzgate::signature
