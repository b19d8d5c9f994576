#include "scanner/signature/bundle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/signature/bundle_reader.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

using crypto::Algorithm;

struct MediaType {
  std::string_view name;
  Format format;
};
// Sigstore's bundle.proto, Bundle.media_type: all that there are.
constexpr std::array<MediaType, 4> kMediaTypes = {{
    {"application/vnd.dev.sigstore.bundle+json;version=0.1", Format::kBundleV01},
    {"application/vnd.dev.sigstore.bundle+json;version=0.2", Format::kBundleV02},
    {"application/vnd.dev.sigstore.bundle+json;version=0.3", Format::kBundleV03},
    {"application/vnd.dev.sigstore.bundle.v0.3+json", Format::kBundleV03},
}};

struct HashName {
  std::string_view name;
  Algorithm algorithm;
};
// Sigstore's common.proto, HashAlgorithm, without those that sign nothing here.
constexpr std::array<HashName, 3> kHashNames = {{{"SHA2_256", Algorithm::kSha256},
                                                 {"SHA2_384", Algorithm::kSha384},
                                                 {"SHA2_512", Algorithm::kSha512}}};

Result<Format> ReadMediaType(const json::Value& root) {
  XZGATE_ASSIGN(const std::string type, json::GetString(root, "mediaType", "$"));
  const auto* found = std::ranges::find(kMediaTypes, type, &MediaType::name);
  if (found != kMediaTypes.end()) return found->format;
  return Unsupported("$.mediaType: want a bundle of version 0.1, 0.2 or 0.3, found " + Quote(type));
}

Result<void> ReadContent(const json::Value& root, Material& material) {
  XZGATE_ASSIGN(const json::Value* envelope, FindObject(root, "dsseEnvelope", "$"));
  XZGATE_ASSIGN(const json::Value* message, FindObject(root, "messageSignature", "$"));
  if ((envelope == nullptr) == (message == nullptr)) {
    return InvalidArgument(
        std::string("$: want one of \"dsseEnvelope\" and \"messageSignature\", found ") +
        (envelope == nullptr ? "none" : "both"));
  }
  if (envelope != nullptr) {
    XZGATE_ASSIGN(material.content, ReadEnvelope(*envelope, "$.dsseEnvelope"));
  } else {
    XZGATE_ASSIGN(material.content, ReadMessageSignature(*message, "$.messageSignature"));
  }
  return {};
}

// What `cosign sign-blob --bundle` wrote before version 3, and writes with
// --new-bundle-format=false.
bool IsOfOldCosign(const json::Value& root) {
  return root.Find("base64Signature") != nullptr && root.Find("mediaType") == nullptr;
}

Result<Material> ReadBundle(const json::Value& root) {
  if (IsOfOldCosign(root)) {
    return Unsupported(
        "$: this is cosign's own bundle of before Sigstore's (\"base64Signature\"): sign with "
        "cosign 3, or with --new-bundle-format");
  }
  XZGATE_RETURN_IF_ERROR(CheckMembers(
      root, {"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"}, "$"));
  Material material;
  XZGATE_ASSIGN(material.format, ReadMediaType(root));
  XZGATE_RETURN_IF_ERROR(ReadContent(root, material));
  XZGATE_ASSIGN(const json::Value* proofs, GetObject(root, "verificationMaterial", "$"));
  XZGATE_RETURN_IF_ERROR(ReadVerificationMaterial(*proofs, "$.verificationMaterial", material));
  return material;
}

}  // namespace

Result<MessageSignature> ReadMessageSignature(const json::Value& object, std::string_view path) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object, {"messageDigest", "signature"}, path));
  MessageSignature message;
  XZGATE_ASSIGN(message.signature, GetBytes(object, "signature", path));
  XZGATE_ASSIGN(const json::Value* digest, FindObject(object, "messageDigest", path));
  // cosign 3 writes an empty one beside Ed25519 keys; to protojson it is the same as none.
  if (digest == nullptr || digest->AsObject()->empty()) return message;
  const std::string place = MemberPath(path, "messageDigest");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*digest, {"algorithm", "digest"}, place));
  XZGATE_ASSIGN(const std::string name, json::GetString(*digest, "algorithm", place));
  const auto* hash = std::ranges::find(kHashNames, name, &HashName::name);
  if (hash == kHashNames.end()) {
    return Unsupported(place + ".algorithm: want SHA2_256, SHA2_384 or SHA2_512, found " +
                       Quote(name, 64));
  }
  XZGATE_ASSIGN(const std::string bytes, GetBytes(*digest, "digest", place));
  if (bytes.size() != crypto::DigestSize(hash->algorithm)) {
    return InvalidArgument(place + ".digest: want " +
                           std::to_string(crypto::DigestSize(hash->algorithm)) + " bytes, found " +
                           std::to_string(bytes.size()));
  }
  message.digest = crypto::HexEncode(AsBytes(bytes));
  message.digest_algorithm = hash->algorithm;
  return message;
}

Result<Material> ParseBundle(std::string_view json) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(json, StrictLimits(kMaxBundleBytes), "bundle"));
  auto material = ReadBundle(root);
  if (!material) return Annotate(material.error(), "bundle");
  return material;
}

}  // namespace xzgate::signature
