#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/bundle_reader.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kHashBytes = 32;  // SHA-256: RFC 6962, section 2.1
constexpr std::size_t kMaxLogIdBytes = 64;

// An int64 as protojson writes it, a decimal text; none of ours may be negative. Missing: 0.
Result<std::uint64_t> GetInt64(const json::Value& object, std::string_view key,
                               std::string_view path) {
  XZGATE_ASSIGN(const std::string text, json::GetStringOr(object, key, "0", path));
  const bool is_one_spelling = text.size() == 1 || !text.starts_with('0');
  const auto number = ParseUint(text);
  if (!is_one_spelling || !number || *number > INT64_MAX) {
    return InvalidArgument(MemberPath(path, key) +
                           ": want a decimal number from 0 to 2^63-1, found " + Quote(text, 32));
  }
  return *number;
}

Result<std::string> GetHash(std::string bytes, const std::string& path) {
  if (bytes.size() == kHashBytes) return bytes;
  return InvalidArgument(path + ": want " + std::to_string(kHashBytes) + " bytes, found " +
                         std::to_string(bytes.size()));
}

Result<std::vector<std::string>> ReadHashes(const json::Value& object, std::string_view path) {
  XZGATE_ASSIGN(const json::Array* list, GetList(object, "hashes", kMaxProofHashes, path));
  std::vector<std::string> hashes;
  hashes.reserve(list->size());
  for (const json::Value& item : *list) {
    const std::string here = ElementPath(MemberPath(path, "hashes"), hashes.size());
    const std::string* text = item.AsString();
    if (text == nullptr) {
      return InvalidArgument(here + ": want string, found " + std::string(item.TypeName()));
    }
    auto bytes = crypto::Base64Decode(*text);
    if (!bytes) return InvalidArgument(here + ": want base64, found " + Quote(*text, 32));
    XZGATE_ASSIGN(std::string hash, GetHash(*std::move(bytes), here));
    hashes.push_back(std::move(hash));
  }
  return hashes;
}

// "" when there is none.
Result<std::string> ReadCheckpoint(const json::Value& object, std::string_view path) {
  XZGATE_ASSIGN(const json::Value* checkpoint, FindObject(object, "checkpoint", path));
  if (checkpoint == nullptr) return std::string();
  const std::string place = MemberPath(path, "checkpoint");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*checkpoint, {"envelope"}, place));
  XZGATE_ASSIGN(std::string note, json::GetStringOr(*checkpoint, "envelope", "", place));
  if (note.size() <= kMaxCheckpointBytes) return note;
  return ResourceExhausted(place + ".envelope: want at most " +
                           std::to_string(kMaxCheckpointBytes) + " bytes, found " +
                           std::to_string(note.size()));
}

// Absent when there is none, and when a bundle of version 0.1 has one without a checkpoint, which
// proves nothing: such an entry stands by its promise, which that version has to have.
Result<std::optional<InclusionProof>> ReadProof(const json::Value& object, std::string_view path,
                                                Format format) {
  XZGATE_ASSIGN(const json::Value* member, FindObject(object, "inclusionProof", path));
  if (member == nullptr) return std::nullopt;
  const std::string place = MemberPath(path, "inclusionProof");
  XZGATE_RETURN_IF_ERROR(
      CheckMembers(*member, {"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"}, place));
  InclusionProof proof;
  XZGATE_ASSIGN(proof.index, GetInt64(*member, "logIndex", place));
  XZGATE_ASSIGN(proof.tree_size, GetInt64(*member, "treeSize", place));
  XZGATE_ASSIGN(std::string root, GetBytes(*member, "rootHash", place));
  XZGATE_ASSIGN(proof.root, GetHash(std::move(root), MemberPath(place, "rootHash")));
  XZGATE_ASSIGN(proof.hashes, ReadHashes(*member, place));
  XZGATE_ASSIGN(proof.checkpoint, ReadCheckpoint(*member, place));
  if (!proof.checkpoint.empty()) return proof;
  if (format == Format::kBundleV01) return std::nullopt;
  return InvalidArgument(place + ": no checkpoint");
}

// "" when there is none.
Result<std::string> ReadPromise(const json::Value& object, std::string_view path) {
  XZGATE_ASSIGN(const json::Value* promise, FindObject(object, "inclusionPromise", path));
  if (promise == nullptr) return std::string();
  const std::string place = MemberPath(path, "inclusionPromise");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*promise, {"signedEntryTimestamp"}, place));
  XZGATE_ASSIGN(const std::string text,
                json::GetStringOr(*promise, "signedEntryTimestamp", "", place));
  if (text.empty()) return std::string();
  return GetBytes(*promise, "signedEntryTimestamp", place);
}

Result<void> ReadKind(const json::Value& object, std::string_view path, LogEntry& entry) {
  XZGATE_ASSIGN(const json::Value* kind, GetObject(object, "kindVersion", path));
  const std::string place = MemberPath(path, "kindVersion");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*kind, {"kind", "version"}, place));
  XZGATE_ASSIGN(entry.kind, json::GetString(*kind, "kind", place));
  XZGATE_ASSIGN(entry.version, json::GetString(*kind, "version", place));
  if (entry.kind.empty() || entry.version.empty()) return InvalidArgument(place + ": empty");
  return {};
}

Result<void> ReadLogId(const json::Value& object, std::string_view path, LogEntry& entry) {
  XZGATE_ASSIGN(const json::Value* id, GetObject(object, "logId", path));
  const std::string place = MemberPath(path, "logId");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*id, {"keyId"}, place));
  XZGATE_ASSIGN(entry.log_id, GetBytes(*id, "keyId", place));
  if (entry.log_id.size() <= kMaxLogIdBytes) return {};
  return InvalidArgument(place + ".keyId: want at most " + std::to_string(kMaxLogIdBytes) +
                         " bytes, found " + std::to_string(entry.log_id.size()));
}

// What a version must have of an entry (signatures.md 2.1).
Result<void> CheckVersion(const LogEntry& entry, std::string_view path, Format format) {
  if (format == Format::kBundleV01) {
    if (!entry.signed_entry_timestamp.empty()) return {};
    return InvalidArgument(std::string(path) +
                           ": no inclusionPromise, which version 0.1 must have");
  }
  if (entry.proof) return {};
  return InvalidArgument(std::string(path) +
                         ": no inclusionProof, which versions 0.2 and 0.3 must have");
}

Result<LogEntry> ReadLogEntry(const json::Value& object, const std::string& path, Format format) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object,
                                      {"logIndex", "logId", "kindVersion", "integratedTime",
                                       "inclusionPromise", "inclusionProof", "canonicalizedBody"},
                                      path));
  LogEntry entry;
  XZGATE_ASSIGN(entry.index, GetInt64(object, "logIndex", path));
  XZGATE_RETURN_IF_ERROR(ReadLogId(object, path, entry));
  XZGATE_RETURN_IF_ERROR(ReadKind(object, path, entry));
  XZGATE_ASSIGN(const std::uint64_t time, GetInt64(object, "integratedTime", path));
  if (time != 0) entry.integrated_time = static_cast<std::int64_t>(time);  // Rekor v2 knows none
  XZGATE_ASSIGN(entry.signed_entry_timestamp, ReadPromise(object, path));
  XZGATE_ASSIGN(entry.proof, ReadProof(object, path, format));
  XZGATE_ASSIGN(entry.body, GetBytes(object, "canonicalizedBody", path));
  XZGATE_RETURN_IF_ERROR(CheckVersion(entry, path, format));
  return entry;
}

}  // namespace

Result<std::vector<LogEntry>> ReadLogEntries(const json::Value& object, std::string_view path,
                                             Format format) {
  XZGATE_ASSIGN(const json::Array* list, GetList(object, "tlogEntries", kMaxLogEntries, path));
  std::vector<LogEntry> entries;
  entries.reserve(list->size());
  for (const json::Value& item : *list) {
    const std::string here = ElementPath(MemberPath(path, "tlogEntries"), entries.size());
    XZGATE_ASSIGN(LogEntry entry, ReadLogEntry(item, here, format));
    const bool is_known = std::ranges::any_of(entries, [&entry](const LogEntry& other) {
      return other.index == entry.index && other.log_id == entry.log_id;
    });
    if (is_known) return InvalidArgument(here + ": the same log and logIndex as an entry before");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace xzgate::signature
