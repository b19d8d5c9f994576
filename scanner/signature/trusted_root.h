#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"
#include "base/crypto/public_key.h"
#include "base/result.h"

namespace xzgate::signature {

// A time span; both ends belong to it (signatures.md 3.10). Without `end` it goes on.
struct Validity {
  WallTime start;
  std::optional<WallTime> end = {};
  bool Covers(WallTime time) const { return start <= time && (!end || time <= *end); }
};

// A transparency log (tlog) or a certificate transparency log (ctlog) that is trusted.
struct Log {
  std::string origin;         // host of its baseUrl, which names it in checkpoints (Rekor v2)
  std::string id;             // raw bytes of logId.keyId
  std::string checkpoint_id;  // raw bytes of checkpointKeyId, "" if none
  crypto::PublicKey key;
  Validity valid;
  crypto::Scheme scheme = {};  // how it signs, from keyDetails
  std::string run_by = {};     // its `operator`: logs of one count as one; "" if not said
};

// A certificate authority (Fulcio, or a private one) or a timestamp authority.
struct Anchor {
  std::string uri;
  // Certificate authority: intermediates, the root last. Timestamp authority: its leaf first.
  std::vector<crypto::Certificate> chain;
  Validity valid;
  std::string run_by = {};  // as of Log
  // Each certificate of `chain` was found to be signed by the next when it was read: not asked
  // again.
  bool is_chain_verified = false;
};

// Whom to believe about keyless signatures: trusted_root.json (Sigstore protobuf-specs,
// TrustedRoot). A value: immutable, thread-compatible.
class TrustedRoot {
 public:
  static constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;
  static constexpr std::size_t kMaxEntries = 64;  // of each list

  // Errors: kInvalidArgument with the path of the offence (syntax, unknown or duplicate keys, a
  // missing validFor.start, two logs with one id, an inconsistent chain, nothing in it),
  // kUnsupported (media type), kResourceExhausted. A log or authority with a kind of key that is
  // not known is left out and named in notes().
  static Result<TrustedRoot> Parse(std::string_view json, std::string_view name);
  // The public-good instance, compiled in; roots/README.md says where it came from and when.
  static std::shared_ptr<const TrustedRoot> BuiltIn();

  const std::vector<Log>& tlogs() const { return tlogs_; }
  const std::vector<Log>& ctlogs() const { return ctlogs_; }
  const std::vector<Anchor>& certificate_authorities() const { return certificate_authorities_; }
  const std::vector<Anchor>& timestamp_authorities() const { return timestamp_authorities_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::string& name() const { return name_; }
  // SHA-256 of the text in hex: part of a stored report's key.
  const std::string& digest() const { return digest_; }
  // When it cannot wholly verify what is signed after: nothing is left of its certificate
  // authorities, or of its certificate logs, or of its witnesses (logs and timestamp authorities).
  // A kind that it has none of does not count. Absent for never. What was signed before still
  // verifies: this is for warnings.
  std::optional<WallTime> expires() const;

 private:
  TrustedRoot() = default;

  std::string name_;
  std::string digest_;
  std::vector<Log> tlogs_;
  std::vector<Log> ctlogs_;
  std::vector<Anchor> certificate_authorities_;
  std::vector<Anchor> timestamp_authorities_;
  std::vector<std::string> notes_;
};

}  // namespace xzgate::signature
