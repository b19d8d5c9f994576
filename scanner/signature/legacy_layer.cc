#include <optional>
#include <utility>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/log_entry_body.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

// cosign pkg/oci/internal/signature/layer.go: only the signature has the older prefix.
constexpr std::string_view kSignature = "dev.cosignproject.cosign/signature";
constexpr std::string_view kCertificate = "dev.sigstore.cosign/certificate";
constexpr std::string_view kChain = "dev.sigstore.cosign/chain";
constexpr std::string_view kRekorBundle = "dev.sigstore.cosign/bundle";
constexpr std::string_view kTimestamp = "dev.sigstore.cosign/rfc3161timestamp";

constexpr std::size_t kLogIdBytes = 32;  // SHA-256 of Rekor v1's key

// The annotation; "" when there is none, as cosign takes it.
Result<std::string_view> ReadAnnotation(const oci::Descriptor& layer, std::string_view name) {
  const std::string_view found = layer.FindAnnotation(name).value_or("");
  if (found.size() <= kMaxAnnotationBytes) return found;
  return ResourceExhausted(std::string(name) + ": want at most " +
                           std::to_string(kMaxAnnotationBytes) + " bytes, found " +
                           std::to_string(found.size()));
}

// Rekor v1's id of itself, which bundles spell in base64 and this annotation in hex.
Result<std::string> ReadLogId(const json::Value& payload) {
  XZGATE_ASSIGN(const std::string hex, json::GetString(payload, "logID", "$.Payload"));
  auto id = crypto::HexDecode(hex);
  if (!id || id->size() != kLogIdBytes || crypto::HexEncode(AsBytes(*id)) != hex) {
    return InvalidArgument("$.Payload.logID: want 64 lower-case hex digits, found " +
                           Quote(hex, 80));
  }
  return *std::move(id);
}

// The format has no kindVersion: the body speaks for itself, and is read for good when it is
// checked.
Result<void> ReadKind(LogEntry& entry) {
  XZGATE_ASSIGN(const json::Value body,
                json::Parse(entry.body, StrictLimits(LogEntryBody::kMaxBytes), "$.Payload.body"));
  XZGATE_ASSIGN(entry.kind, json::GetString(body, "kind", "$.Payload.body"));
  XZGATE_ASSIGN(entry.version, json::GetString(body, "apiVersion", "$.Payload.body"));
  return {};
}

// cosign pkg/cosign/bundle/rekor.go: {"SignedEntryTimestamp":"…","Payload":{…}}, numbers as
// numbers.
Result<LogEntry> ReadRekorBundle(std::string_view text) {
  XZGATE_ASSIGN(const json::Value root,
                json::Parse(text, StrictLimits(kMaxAnnotationBytes), "document"));
  XZGATE_RETURN_IF_ERROR(CheckMembers(root, {"SignedEntryTimestamp", "Payload"}, "$"));
  XZGATE_ASSIGN(const json::Value* payload, GetObject(root, "Payload", "$"));
  XZGATE_RETURN_IF_ERROR(
      CheckMembers(*payload, {"body", "integratedTime", "logIndex", "logID"}, "$.Payload"));
  LogEntry entry;
  XZGATE_ASSIGN(entry.signed_entry_timestamp, GetBytes(root, "SignedEntryTimestamp", "$"));
  XZGATE_ASSIGN(entry.body, GetBytes(*payload, "body", "$.Payload"));
  XZGATE_ASSIGN(const std::uint64_t time, json::GetUint(*payload, "integratedTime", "$.Payload"));
  XZGATE_ASSIGN(entry.index, json::GetUint(*payload, "logIndex", "$.Payload"));
  if (time > INT64_MAX || entry.index > INT64_MAX) {
    return InvalidArgument("$.Payload: a number beyond 2^63-1");
  }
  entry.integrated_time = static_cast<std::int64_t>(time);
  XZGATE_ASSIGN(entry.log_id, ReadLogId(*payload));
  XZGATE_RETURN_IF_ERROR(ReadKind(entry));
  return entry;
}

// cosign pkg/cosign/bundle/tsa.go.
Result<std::string> ReadTimestamp(std::string_view text) {
  XZGATE_ASSIGN(const json::Value root,
                json::Parse(text, StrictLimits(kMaxAnnotationBytes), "document"));
  XZGATE_RETURN_IF_ERROR(CheckMembers(root, {"SignedRFC3161Timestamp"}, "$"));
  XZGATE_ASSIGN(std::string der, GetBytes(root, "SignedRFC3161Timestamp", "$"));
  if (der.size() <= kMaxTimestampBytes) return der;
  return ResourceExhausted("$.SignedRFC3161Timestamp: want at most " +
                           std::to_string(kMaxTimestampBytes) + " bytes, found " +
                           std::to_string(der.size()));
}

Result<void> ReadCertificates(const oci::Descriptor& layer, Material& material) {
  XZGATE_ASSIGN(const std::string_view leaf, ReadAnnotation(layer, kCertificate));
  if (!leaf.empty()) {
    auto certificate = crypto::Certificate::FromPem(leaf);
    if (!certificate) return Annotate(certificate.error(), kCertificate);
    material.certificate = *std::move(certificate);
  }
  XZGATE_ASSIGN(const std::string_view chain, ReadAnnotation(layer, kChain));
  if (chain.empty()) return {};
  auto list = crypto::Certificate::ListFromPem(chain, kMaxChain);
  if (!list) return Annotate(list.error(), kChain);
  // cosign writes the root too. It is trusted from elsewhere or not at all.
  std::erase_if(*list, [](const crypto::Certificate& one) { return one.IsSelfIssued(); });
  material.intermediates = *std::move(list);
  return {};
}

Result<void> ReadProofs(const oci::Descriptor& layer, Material& material) {
  XZGATE_ASSIGN(const std::string_view bundle, ReadAnnotation(layer, kRekorBundle));
  if (!bundle.empty()) {
    auto entry = ReadRekorBundle(bundle);
    if (!entry) return Annotate(entry.error(), kRekorBundle);
    material.entries.push_back(*std::move(entry));
  }
  XZGATE_ASSIGN(const std::string_view timestamp, ReadAnnotation(layer, kTimestamp));
  if (!timestamp.empty()) {
    auto der = ReadTimestamp(timestamp);
    if (!der) return Annotate(der.error(), kTimestamp);
    material.timestamps.push_back(*std::move(der));
  }
  return {};
}

Result<MessageSignature> ReadSigned(std::string_view signature, std::string blob) {
  if (blob.size() > kMaxPayloadBytes) {
    return ResourceExhausted("signed document: want at most " + std::to_string(kMaxPayloadBytes) +
                             " bytes, found " + std::to_string(blob.size()));
  }
  if (blob.empty()) return InvalidArgument("signed document: empty");
  if (signature.empty()) return InvalidArgument(std::string(kSignature) + ": missing");
  auto bytes = crypto::Base64Decode(signature);
  if (!bytes) {
    return InvalidArgument(std::string(kSignature) + ": want base64, found " +
                           Quote(signature, 32));
  }
  return MessageSignature{.signature = *std::move(bytes), .digest = {}, .payload = std::move(blob)};
}

}  // namespace

Result<Material> ReadLegacyLayer(const oci::Descriptor& layer, std::string blob) {
  Material material;
  XZGATE_ASSIGN(const std::string_view signature, ReadAnnotation(layer, kSignature));
  if (layer.media_type == kSimpleSigningType) {
    material.format = Format::kSimpleSigning;
    XZGATE_ASSIGN(material.content, ReadSigned(signature, std::move(blob)));
  } else if (layer.media_type == kDsseLayerType) {
    // The annotation of an .att layer is there and empty: the envelope has the signature.
    if (!signature.empty()) {
      return InvalidArgument(std::string(kSignature) + ": want none beside an envelope, found " +
                             Quote(signature, 32));
    }
    material.format = Format::kLegacyAttestation;
    XZGATE_ASSIGN(material.content, ParseEnvelope(blob));
    material.envelope_text = std::move(blob);
  } else {
    return Unsupported("media type " + Quote(layer.media_type) + ": want " +
                       Quote(kSimpleSigningType) + " or " + Quote(kDsseLayerType));
  }
  XZGATE_RETURN_IF_ERROR(ReadCertificates(layer, material));
  XZGATE_RETURN_IF_ERROR(ReadProofs(layer, material));
  return material;
}

}  // namespace xzgate::signature
