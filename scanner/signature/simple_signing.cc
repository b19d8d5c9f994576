#include "scanner/signature/simple_signing.h"

#include <utility>

#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

// sigstore/sigstore pkg/signature/payload: cosign's own verifier does not look at it, so that any
// document of the key's with this digest in it would pass.
constexpr std::string_view kCosignType = "cosign container image signature";

// `optional` holds what the signer likes, also keys that differ in case.
constexpr json::Limits kLimits{.max_bytes = kMaxPayloadBytes, .max_values = 20'000};

Result<oci::Digest> ReadDigest(const json::Value& critical) {
  constexpr std::string_view kPath = "$.critical.image";
  XZGATE_ASSIGN(const json::Value* image, GetObject(critical, "image", "$.critical"));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*image, {"docker-manifest-digest"}, kPath));
  XZGATE_ASSIGN(const std::string text, json::GetString(*image, "docker-manifest-digest", kPath));
  auto digest = oci::Digest::Parse(text);
  if (!digest) {
    return InvalidArgument(std::string(kPath) +
                           ".docker-manifest-digest: " + digest.error().message());
  }
  return digest;
}

Result<std::string> ReadReference(const json::Value& critical) {
  constexpr std::string_view kPath = "$.critical.identity";
  XZGATE_ASSIGN(const json::Value* identity, GetObject(critical, "identity", "$.critical"));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*identity, {"docker-reference"}, kPath));
  return json::GetString(*identity, "docker-reference", kPath);
}

Result<SimpleSigning> ReadDocument(const json::Value& root) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(root, {"critical", "optional"}, "$"));
  XZGATE_ASSIGN(const json::Value* critical, GetObject(root, "critical", "$"));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*critical, {"identity", "image", "type"}, "$.critical"));
  XZGATE_ASSIGN(const std::string type, json::GetString(*critical, "type", "$.critical"));
  if (type != kCosignType) {
    return InvalidArgument("$.critical.type: want " + Quote(kCosignType) + ", found " +
                           Quote(type));
  }
  XZGATE_ASSIGN(oci::Digest digest, ReadDigest(*critical));
  SimpleSigning document{.digest = std::move(digest), .docker_reference = {}, .annotations = {}};
  XZGATE_ASSIGN(document.docker_reference, ReadReference(*critical));
  XZGATE_ASSIGN(const json::Value* optional, FindObject(root, "optional", "$"));
  if (optional == nullptr) return document;
  for (const auto& [name, value] : *optional->AsObject()) {
    if (const std::string* text = value.AsString()) document.annotations.emplace_back(name, *text);
  }
  return document;
}

}  // namespace

Result<SimpleSigning> ParseSimpleSigning(std::string_view json) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(json, kLimits, "signed document"));
  auto document = ReadDocument(root);
  if (!document) return Annotate(document.error(), "signed document");
  return document;
}

}  // namespace xzgate::signature
