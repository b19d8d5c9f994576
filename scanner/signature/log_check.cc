#include "scanner/signature/log_check.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/log_entry_body.h"
#include "scanner/signature/log_signature.h"
#include "scanner/signature/note.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kHintBytes = 4;
// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
constexpr std::int64_t kLastSecond = 253'402'300'799;
// The only kind of Rekor v2, which signs no entry and knows no time (signatures.md 3.8).
constexpr std::string_view kVersionOfV2 = "0.0.2";

bool IsRekorV2(const LogEntry& entry) {
  return entry.kind == "hashedrekord" && entry.version == kVersionOfV2;
}

// Ids are 32 bytes, or the 4 of them that stand in notes.
bool IsSameId(std::string_view a, std::string_view b) {
  if (a.size() == kHintBytes || b.size() == kHintBytes) {
    return a.size() >= kHintBytes && b.size() >= kHintBytes &&
           a.substr(0, kHintBytes) == b.substr(0, kHintBytes);
  }
  return !a.empty() && a == b;
}

// Who the entry says took it up. Ids of Rekor v2 are key ids of notes, which roots spell in several
// ways, and 4 bytes may be shared.
std::vector<const Log*> FindLogs(const LogEntry& entry, const TrustedRoot& root) {
  std::vector<const Log*> found;
  for (const Log& log : root.tlogs()) {
    if (log.id == entry.log_id) return {&log};
    if (IsSameId(log.checkpoint_id, entry.log_id) || IsSameId(log.id, entry.log_id) ||
        (IsRekorV2(entry) && IsSameId(NoteKeyId(log.origin, log.key), entry.log_id))) {
      found.push_back(&log);
    }
  }
  return found;
}

// What a signed entry timestamp covers, in canonical JSON (RFC 8785): names in order, no white
// space; nothing in it needs an escape.
std::string SignedEntry(const LogEntry& entry, std::int64_t time) {
  return R"({"body":")" + crypto::Base64Encode(AsBytes(entry.body)) + R"(","integratedTime":)" +
         std::to_string(time) + R"(,"logID":")" + crypto::HexEncode(AsBytes(entry.log_id)) +
         R"(","logIndex":)" + std::to_string(entry.index) + "}";
}

// The time that the log vouches for.
Result<WallTime> CheckSignedTimestamp(const LogEntry& entry, const Log& log) {
  if (IsRekorV2(entry)) return Integrity("a signed entry timestamp where Rekor v2 makes none");
  if (!entry.integrated_time || *entry.integrated_time <= 0 ||
      *entry.integrated_time > kLastSecond) {
    return Integrity("a signed entry timestamp without a time");
  }
  const std::int64_t seconds = *entry.integrated_time;
  const auto verified = VerifyByLog(log, SignedEntry(entry, seconds), entry.signed_entry_timestamp);
  if (!verified) return Annotate(verified.error(), "signed entry timestamp");
  const WallTime time{std::chrono::seconds(seconds)};
  if (!log.valid.Covers(time)) {
    return Integrity("the log was not trusted when it took the entry up, " + ToRfc3339(time));
  }
  return time;
}

Result<void> CheckProof(const LogEntry& entry, const InclusionProof& proof, const Log& log) {
  XZGATE_ASSIGN(const Note note, ParseNote(proof.checkpoint));
  XZGATE_ASSIGN(const Checkpoint checkpoint, ParseCheckpoint(note.text));
  XZGATE_RETURN_IF_ERROR(CheckNote(note, checkpoint, log));
  if (checkpoint.tree_size != proof.tree_size) {
    return Integrity("inclusion proof: it is for a tree of " + std::to_string(proof.tree_size) +
                     " leaves, the checkpoint for one of " + std::to_string(checkpoint.tree_size));
  }
  if (checkpoint.root != proof.root) {
    return Integrity("inclusion proof: its root is not that of the checkpoint");
  }
  return CheckInclusion(entry.body, proof.index, proof.tree_size, proof.hashes, checkpoint.root);
}

// Which of the two a format must have (signatures.md 2.1 and 1.2); the other is checked where it
// is.
Result<void> CheckPresence(const LogEntry& entry, Format format) {
  const bool needs_timestamp = format == Format::kSimpleSigning ||
                               format == Format::kLegacyAttestation || format == Format::kBundleV01;
  if (needs_timestamp && entry.signed_entry_timestamp.empty()) {
    return Integrity("no signed entry timestamp, which this format must have");
  }
  if (!needs_timestamp && !entry.proof) {
    return Integrity("no inclusion proof, which this format must have");
  }
  return {};
}

// The digest that the body must have; absent when it is one that we cannot tell.
std::optional<std::string> WantedDigest(const LogEntryBody& body, const BoundTo& bound) {
  const auto hash = [&](std::string_view text) {
    return crypto::HashBytes(body.algorithm, AsBytes(text));
  };
  if (const auto* envelope = std::get_if<Envelope>(&bound.material.content)) {
    if (body.over == LogEntryBody::Over::kPayload) return hash(envelope->payload);
    return hash(PreAuthEncoding(envelope->payload_type, envelope->payload));
  }
  if (body.over == LogEntryBody::Over::kPayload) return std::nullopt;
  const auto& message = std::get<MessageSignature>(bound.material.content);
  if (!message.payload.empty()) return hash(message.payload);
  if (bound.artifact_digest.empty()) return std::nullopt;
  if (body.algorithm == crypto::Algorithm::kSha256) return crypto::HexDecode(bound.artifact_digest);
  if (!bound.artifact) return std::nullopt;
  return hash(*bound.artifact);
}

// That the entry is about this signature and none else (CVE-2022-23649, CVE-2026-22703).
Result<void> CheckBinding(const LogEntryBody& body, const BoundTo& bound) {
  if (body.signature != bound.material.signature()) return Integrity("it has another signature");
  const std::optional<crypto::Certificate>& certificate = bound.material.certificate;
  if (certificate && body.certificate != certificate->der()) {
    return Integrity("it has another certificate, or a key where the signature has a certificate");
  }
  if (!certificate && body.key != bound.key.der()) {
    return Integrity("it has another key, or a certificate where the signature has none");
  }
  const auto wanted = WantedDigest(body, bound);
  if (!wanted || wanted->empty() || body.digest != *wanted) {
    return Integrity("it has another digest");
  }
  return {};
}

Result<Logged> CheckWith(const LogEntry& entry, const BoundTo& bound, const Log& log) {
  XZGATE_RETURN_IF_ERROR(CheckPresence(entry, bound.material.format));
  Logged logged{
      .log_id = log.run_by.empty() ? log.id : log.run_by, .time = {}, .log_valid = log.valid};
  if (!entry.signed_entry_timestamp.empty()) {
    XZGATE_ASSIGN(logged.time, CheckSignedTimestamp(entry, log));
  }
  if (entry.proof) XZGATE_RETURN_IF_ERROR(CheckProof(entry, *entry.proof, log));
  XZGATE_ASSIGN(const LogEntryBody body, ParseLogEntryBody(entry.body, entry.kind, entry.version));
  XZGATE_RETURN_IF_ERROR(CheckBinding(body, bound));
  return logged;
}

}  // namespace

Result<std::optional<Logged>> CheckLogEntry(const LogEntry& entry, const BoundTo& bound,
                                            const TrustedRoot& root) {
  std::optional<Error> error;
  for (const Log* log : FindLogs(entry, root)) {
    auto logged = CheckWith(entry, bound, *log);
    if (logged) return *std::move(logged);
    error = logged.error();
  }
  if (!error) return std::nullopt;
  const std::string message = "log entry " + std::to_string(entry.index) + ": " + error->message();
  // Whatever is not well-formed is not what the log vouches for.
  if (error->code() == ErrorCode::kUnsupported) return Unsupported(message);
  return Integrity(message);
}

}  // namespace xzgate::signature
