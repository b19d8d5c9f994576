#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/crypto/certificate.h"
#include "base/crypto/digest.h"

namespace xzgate::signature {

// One leaf of a transparency log, as the signer handed it over.
struct InclusionProof {
  std::uint64_t index = 0;  // in the tree, not in all shards
  std::uint64_t tree_size = 0;
  std::string root;                 // 32 bytes
  std::vector<std::string> hashes;  // 32 bytes each
  std::string checkpoint;           // a signed note (C2SP)
};

struct LogEntry {
  std::uint64_t index = 0;  // over all shards: what the SET signs
  std::string log_id;       // raw bytes
  std::string kind;         // "hashedrekord"; of the body itself where the format does not say
  std::string version;      // "0.0.1"; the same
  std::optional<std::int64_t> integrated_time;  // seconds; worth nothing without a valid SET
  std::string signed_entry_timestamp;           // "" if none
  std::optional<InclusionProof> proof;
  std::string body;  // canonicalizedBody
};

// A DSSE envelope (secure-systems-lab/dsse, envelope.md) with its one signature.
struct Envelope {
  std::string payload_type;
  std::string payload;
  std::string signature;
  std::string key_id;  // a hint
};

// The bytes that a DSSE signature covers (dsse, protocol.md).
std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload);

// Where a signature stood: said in reports and metrics.
enum class Format : std::uint8_t {
  kSimpleSigning,      // cosign's legacy .sig tag
  kLegacyAttestation,  // cosign's .att tag
  kBundleV01,
  kBundleV02,
  kBundleV03,
};
std::string_view ToString(Format format);

// A signature over bytes that are known, or over an artifact of which only the digest is.
struct MessageSignature {
  std::string signature;
  // The artifact's digest as the bundle hints, in lower-case hex, "" if none: must agree with the
  // artifact. SHA-384 and SHA-512 stand beside keys on P-384 and P-521.
  std::string digest;
  crypto::Algorithm digest_algorithm = crypto::Algorithm::kSha256;
  std::string payload;  // simple signing: the signed document; "" for a blob's bundle
};

// All that came with one signature, in one form whatever format it had. Nothing of it is trusted:
// only SignatureVerifier turns it into a VerifiedSignature. A value.
struct Material {
  Format format = Format::kBundleV03;
  std::variant<MessageSignature, Envelope> content;
  std::optional<crypto::Certificate> certificate;
  // Legacy chains and v0.1/v0.2 bundles: for private authorities only. Fulcio's intermediates come
  // from the trusted root.
  std::vector<crypto::Certificate> intermediates;
  std::string key_hint;
  std::vector<LogEntry> entries;
  std::vector<std::string> timestamps;  // DER TimeStampResp (RFC 3161, section 2.4.2)
  // .att layers: the whole envelope as it came, which their timestamps are over; else "".
  std::string envelope_text;

  const std::string& signature() const;
  // What the timestamps are over: envelope_text where there is one, else the raw signature.
  const std::string& timestamped() const;
};

}  // namespace xzgate::signature
