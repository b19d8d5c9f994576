#include <optional>
#include <utility>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/bundle_reader.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

// Bytes in standard or URL-safe base64: DSSE's protocol.md has readers take both.
Result<std::string> GetDsseBytes(const json::Value& object, std::string_view key,
                                 std::string_view path) {
  XZGATE_ASSIGN(const std::string text, json::GetString(object, key, path));
  std::optional<std::string> bytes = crypto::Base64DecodeAnyAlphabet(text);
  if (!bytes || bytes->empty()) {
    return InvalidArgument(MemberPath(path, key) + ": want base64, found " + Quote(text, 32));
  }
  return *std::move(bytes);
}

// Sigstore's bundle.proto: exactly one. With several, one reader checks the first and another any
// (sigstore-go issue 225).
Result<const json::Value*> GetOnlySignature(const json::Value& object, std::string_view path) {
  XZGATE_ASSIGN(const json::Array* signatures, json::GetArrayOrEmpty(object, "signatures", path));
  if (signatures->size() == 1) return &signatures->front();
  return InvalidArgument(MemberPath(path, "signatures") + ": want exactly one, found " +
                         std::to_string(signatures->size()));
}

}  // namespace

Result<Envelope> ReadEnvelope(const json::Value& object, std::string_view path) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object, {"payload", "payloadType", "signatures"}, path));
  Envelope envelope;
  XZGATE_ASSIGN(envelope.payload_type, json::GetString(object, "payloadType", path));
  if (envelope.payload_type.empty()) {
    return InvalidArgument(MemberPath(path, "payloadType") + ": empty");
  }
  XZGATE_ASSIGN(envelope.payload, GetDsseBytes(object, "payload", path));
  XZGATE_ASSIGN(const json::Value* signature, GetOnlySignature(object, path));
  const std::string place = ElementPath(MemberPath(path, "signatures"), 0);
  XZGATE_RETURN_IF_ERROR(CheckMembers(*signature, {"sig", "keyid"}, place));
  XZGATE_ASSIGN(envelope.signature, GetDsseBytes(*signature, "sig", place));
  XZGATE_ASSIGN(envelope.key_id, json::GetStringOr(*signature, "keyid", "", place));
  return envelope;
}

Result<Envelope> ParseEnvelope(std::string_view json) {
  XZGATE_ASSIGN(const json::Value root,
                json::Parse(json, StrictLimits(kMaxBundleBytes), "envelope"));
  auto envelope = ReadEnvelope(root, "$");
  if (!envelope) return Annotate(envelope.error(), "envelope");
  return envelope;
}

}  // namespace xzgate::signature
