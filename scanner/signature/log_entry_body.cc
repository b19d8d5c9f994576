#include "scanner/signature/log_entry_body.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/crypto/pem.h"
#include "base/crypto/public_key.h"
#include "base/text.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

using crypto::Algorithm;
using json::GetString;
using json::Value;

constexpr std::string_view kSpec = "$.spec";

struct HashName {
  std::string_view v1;  // as Rekor v1 spells it
  std::string_view v2;  // as the enum HashAlgorithm of protobuf-specs does
  Algorithm algorithm;
};
constexpr std::array<HashName, 3> kHashNames = {{{"sha256", "SHA2_256", Algorithm::kSha256},
                                                 {"sha384", "SHA2_384", Algorithm::kSha384},
                                                 {"sha512", "SHA2_512", Algorithm::kSha512}}};

Result<Algorithm> FindHash(std::string_view name, std::string_view HashName::* spelling,
                           std::string_view path) {
  const auto* found = std::ranges::find(kHashNames, name, spelling);
  if (found != kHashNames.end()) return found->algorithm;
  return Unsupported(std::string(path) + ": hash " + Quote(name, 64) + " is not known");
}

Result<void> CheckDigestSize(const LogEntryBody& body, std::string_view path) {
  if (body.digest.size() == DigestSize(body.algorithm)) return {};
  return InvalidArgument(std::string(path) + ": want " +
                         std::to_string(DigestSize(body.algorithm)) + " bytes, found " +
                         std::to_string(body.digest.size()));
}

// {"algorithm":"sha256","value":"<hex>"}
Result<void> ReadHashV1(const Value& owner, std::string_view key, std::string_view owner_path,
                        LogEntryBody& body) {
  const std::string path = MemberPath(owner_path, key);
  XZGATE_ASSIGN(const Value* hash, GetObject(owner, key, owner_path));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*hash, {"algorithm", "value"}, path));
  XZGATE_ASSIGN(const std::string name, GetString(*hash, "algorithm", path));
  XZGATE_ASSIGN(body.algorithm, FindHash(name, &HashName::v1, path));
  XZGATE_ASSIGN(const std::string hex, GetString(*hash, "value", path));
  auto digest = crypto::HexDecode(hex);
  if (!digest) return InvalidArgument(path + ".value: want hex, found " + Quote(hex, 64));
  body.digest = *std::move(digest);
  return CheckDigestSize(body, path);
}

// A digest that is not looked at, in its form.
Result<void> SkipHashV1(const Value& owner, std::string_view key, std::string_view owner_path) {
  XZGATE_ASSIGN(const Value* hash, FindObject(owner, key, owner_path));
  if (hash == nullptr) return {};
  return CheckMembers(*hash, {"algorithm", "value"}, MemberPath(owner_path, key));
}

// Base64 of one PEM block: a certificate or a public key.
Result<void> ReadVerifierV1(const Value& owner, std::string_view key, std::string_view owner_path,
                            LogEntryBody& body) {
  XZGATE_ASSIGN(const std::string pem, GetBytes(owner, key, owner_path));
  const std::string path = MemberPath(owner_path, key);
  if (pem.find("-----BEGIN CERTIFICATE-----") != pem.npos) {
    // Not parsed: it is only compared, and parsing would cost more than all the rest.
    auto blocks = crypto::ReadPem(pem, crypto::PemWish::kCertificate, 1);
    if (!blocks) return Annotate(blocks.error(), path);
    body.certificate = std::move(blocks->front().der);
    return {};
  }
  const auto public_key = crypto::PublicKey::FromPem(pem);
  if (!public_key) return Annotate(public_key.error(), path);
  body.key = public_key->der();
  return {};
}

// The one element of an array of objects.
Result<const Value*> GetOnly(const Value& owner, std::string_view key, std::string_view path) {
  XZGATE_ASSIGN(const json::Array* array, json::GetArrayOrEmpty(owner, key, path));
  if (array->size() != 1) {
    return InvalidArgument(MemberPath(path, key) + ": want one, found " +
                           std::to_string(array->size()));
  }
  return &array->front();
}

Result<LogEntryBody> ReadHashedRekordV1(const Value& spec) {
  LogEntryBody body;
  XZGATE_RETURN_IF_ERROR(CheckMembers(spec, {"data", "signature"}, kSpec));
  XZGATE_ASSIGN(const Value* data, GetObject(spec, "data", kSpec));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*data, {"hash"}, "$.spec.data"));
  XZGATE_RETURN_IF_ERROR(ReadHashV1(*data, "hash", "$.spec.data", body));
  constexpr std::string_view kPath = "$.spec.signature";
  XZGATE_ASSIGN(const Value* signature, GetObject(spec, "signature", kSpec));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*signature, {"content", "publicKey"}, kPath));
  XZGATE_ASSIGN(body.signature, GetBytes(*signature, "content", kPath));
  XZGATE_ASSIGN(const Value* key, GetObject(*signature, "publicKey", kPath));
  constexpr std::string_view kKeyPath = "$.spec.signature.publicKey";
  XZGATE_RETURN_IF_ERROR(CheckMembers(*key, {"content"}, kKeyPath));
  XZGATE_RETURN_IF_ERROR(ReadVerifierV1(*key, "content", kKeyPath, body));
  return body;
}

Result<LogEntryBody> ReadDsse(const Value& spec) {
  LogEntryBody body;
  body.over = LogEntryBody::Over::kPayload;
  XZGATE_RETURN_IF_ERROR(CheckMembers(spec, {"envelopeHash", "payloadHash", "signatures"}, kSpec));
  // Of the envelope as it was uploaded, which need not be the one at hand.
  XZGATE_RETURN_IF_ERROR(SkipHashV1(spec, "envelopeHash", kSpec));
  XZGATE_RETURN_IF_ERROR(ReadHashV1(spec, "payloadHash", kSpec, body));
  XZGATE_ASSIGN(const Value* signature, GetOnly(spec, "signatures", kSpec));
  constexpr std::string_view kPath = "$.spec.signatures[0]";
  XZGATE_RETURN_IF_ERROR(CheckMembers(*signature, {"signature", "verifier"}, kPath));
  XZGATE_ASSIGN(body.signature, GetBytes(*signature, "signature", kPath));
  XZGATE_RETURN_IF_ERROR(ReadVerifierV1(*signature, "verifier", kPath, body));
  return body;
}

Result<LogEntryBody> ReadIntoto(const Value& spec) {
  LogEntryBody body;
  body.over = LogEntryBody::Over::kPayload;
  XZGATE_RETURN_IF_ERROR(CheckMembers(spec, {"content"}, kSpec));
  XZGATE_ASSIGN(const Value* content, GetObject(spec, "content", kSpec));
  constexpr std::string_view kContent = "$.spec.content";
  XZGATE_RETURN_IF_ERROR(CheckMembers(*content, {"envelope", "hash", "payloadHash"}, kContent));
  XZGATE_RETURN_IF_ERROR(SkipHashV1(*content, "hash", kContent));
  XZGATE_RETURN_IF_ERROR(ReadHashV1(*content, "payloadHash", kContent, body));
  XZGATE_ASSIGN(const Value* envelope, GetObject(*content, "envelope", kContent));
  constexpr std::string_view kEnvelope = "$.spec.content.envelope";
  XZGATE_RETURN_IF_ERROR(CheckMembers(*envelope, {"payloadType", "signatures"}, kEnvelope));
  XZGATE_ASSIGN(const Value* signature, GetOnly(*envelope, "signatures", kEnvelope));
  constexpr std::string_view kPath = "$.spec.content.envelope.signatures[0]";
  XZGATE_RETURN_IF_ERROR(CheckMembers(*signature, {"keyid", "publicKey", "sig"}, kPath));
  // Base64 of the text in the envelope, which is base64 itself (sigstore/sigstore-python#1902), in
  // either alphabet (dsse, protocol.md).
  XZGATE_ASSIGN(const std::string text, GetBytes(*signature, "sig", kPath));
  auto raw = crypto::Base64DecodeAnyAlphabet(text);
  if (!raw || raw->empty()) {
    return InvalidArgument(MemberPath(kPath, "sig") + ": want base64 of base64");
  }
  body.signature = *std::move(raw);
  XZGATE_RETURN_IF_ERROR(ReadVerifierV1(*signature, "publicKey", kPath, body));
  return body;
}

// {"keyDetails":..., "x509Certificate":{"rawBytes":...}} or with "publicKey".
Result<void> ReadVerifierV2(const Value& signature, LogEntryBody& body) {
  constexpr std::string_view kOwner = "$.spec.hashedRekordV002.signature";
  constexpr std::string_view kPath = "$.spec.hashedRekordV002.signature.verifier";
  XZGATE_ASSIGN(const Value* verifier, GetObject(signature, "verifier", kOwner));
  XZGATE_RETURN_IF_ERROR(
      CheckMembers(*verifier, {"keyDetails", "publicKey", "x509Certificate"}, kPath));
  // Says what the key or certificate says too.
  XZGATE_ASSIGN([[maybe_unused]] const std::string details,
                GetString(*verifier, "keyDetails", kPath));
  XZGATE_ASSIGN(const Value* key, FindObject(*verifier, "publicKey", kPath));
  XZGATE_ASSIGN(const Value* certificate, FindObject(*verifier, "x509Certificate", kPath));
  if ((key == nullptr) == (certificate == nullptr)) {
    return InvalidArgument(std::string(kPath) + ": want publicKey or x509Certificate");
  }
  const bool is_key = key != nullptr;
  const std::string path = MemberPath(kPath, is_key ? "publicKey" : "x509Certificate");
  const Value& holder = is_key ? *key : *certificate;
  XZGATE_RETURN_IF_ERROR(CheckMembers(holder, {"rawBytes"}, path));
  XZGATE_ASSIGN((is_key ? body.key : body.certificate), GetBytes(holder, "rawBytes", path));
  return {};
}

Result<LogEntryBody> ReadHashedRekordV2(const Value& spec) {
  constexpr std::string_view kRecord = "$.spec.hashedRekordV002";
  LogEntryBody body;
  XZGATE_RETURN_IF_ERROR(CheckMembers(spec, {"hashedRekordV002"}, kSpec));
  XZGATE_ASSIGN(const Value* record, GetObject(spec, "hashedRekordV002", kSpec));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*record, {"data", "signature"}, kRecord));
  const std::string path = MemberPath(kRecord, "data");
  XZGATE_ASSIGN(const Value* data, GetObject(*record, "data", kRecord));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*data, {"algorithm", "digest"}, path));
  XZGATE_ASSIGN(const std::string name, GetString(*data, "algorithm", path));
  XZGATE_ASSIGN(body.algorithm, FindHash(name, &HashName::v2, path));
  XZGATE_ASSIGN(body.digest, GetBytes(*data, "digest", path));
  XZGATE_RETURN_IF_ERROR(CheckDigestSize(body, path));
  const std::string signature_path = MemberPath(kRecord, "signature");
  XZGATE_ASSIGN(const Value* signature, GetObject(*record, "signature", kRecord));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*signature, {"content", "verifier"}, signature_path));
  XZGATE_ASSIGN(body.signature, GetBytes(*signature, "content", signature_path));
  XZGATE_RETURN_IF_ERROR(ReadVerifierV2(*signature, body));
  return body;
}

struct Kind {
  std::string_view kind;
  std::string_view version;
  Result<LogEntryBody> (*read)(const Value& spec);
};
constexpr std::array<Kind, 4> kKinds = {{{"hashedrekord", "0.0.1", ReadHashedRekordV1},
                                         {"hashedrekord", "0.0.2", ReadHashedRekordV2},
                                         {"dsse", "0.0.1", ReadDsse},
                                         {"intoto", "0.0.2", ReadIntoto}}};

}  // namespace

Result<LogEntryBody> ParseLogEntryBody(std::string_view body, std::string_view kind,
                                       std::string_view version) {
  const auto* reader = std::ranges::find_if(
      kKinds, [&](const Kind& k) { return k.kind == kind && k.version == version; });
  if (reader == kKinds.end()) {
    return Unsupported("log entry of kind " + Quote(kind, 64) + " version " + Quote(version, 64));
  }
  const auto read = [&]() -> Result<LogEntryBody> {
    XZGATE_ASSIGN(const Value root,
                  json::Parse(body, StrictLimits(LogEntryBody::kMaxBytes), "body"));
    XZGATE_RETURN_IF_ERROR(CheckMembers(root, {"apiVersion", "kind", "spec"}, "$"));
    XZGATE_ASSIGN(const std::string inner_kind, GetString(root, "kind", "$"));
    XZGATE_ASSIGN(const std::string inner_version, GetString(root, "apiVersion", "$"));
    if (inner_kind != kind || inner_version != version) {
      return InvalidArgument("said to be " + Quote(kind) + " " + Quote(version) + ", is " +
                             Quote(inner_kind, 64) + " " + Quote(inner_version, 64));
    }
    XZGATE_ASSIGN(const Value* spec, GetObject(root, "spec", "$"));
    return reader->read(*spec);
  };
  auto result = read();
  if (!result) return Annotate(result.error(), "body of the log entry");
  return result;
}

}  // namespace xzgate::signature
