#include "scanner/oci/manifest.h"

#include <algorithm>

#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/oci/document_fields.h"

namespace xzgate::oci {
namespace {

constexpr std::string_view kTarEndings[] = {".tar", ".tar+gzip", ".tar.gzip", ".tar+zstd",
                                            ".tar.zstd"};

constexpr json::Limits kLimits{.max_bytes = kMaxManifestBytes, .refuse_case_variants = true};

// Docker image manifest version 2, schema 1: its content is not addressed by digest, so nothing in
// it can be checked.
constexpr std::string_view kSchema1Prefix = "application/vnd.docker.distribution.manifest.v1+";
constexpr std::string_view kInToto = "application/vnd.in-toto+json";

// Readers in Go hold sizes as int64.
constexpr std::uint64_t kMaxSize = INT64_MAX;

bool IsManifestType(std::string_view type) {
  return type == kOciManifest || type == kDockerManifest;
}
bool IsIndexType(std::string_view type) {
  return type == kOciIndex || type == kDockerIndex;
}

// "Application/JSON; charset=utf-8" -> "application/json" (RFC 9110, section 8.3.1: case means
// nothing).
std::string EssenceOf(std::string_view content_type) {
  return ToLower(Trim(content_type.substr(0, content_type.find(';'))));
}

Result<Descriptor> ReadDescriptor(const json::Value& value, const std::string& where) {
  XZGATE_RETURN_IF_ERROR(CheckKeys(
      value, {"mediaType", "digest", "size", "platform", "artifactType", "annotations"}, where));
  XZGATE_ASSIGN(std::string media_type, json::GetString(value, "mediaType", where));
  if (media_type.empty()) return InvalidArgument(where + ": mediaType: empty");
  XZGATE_ASSIGN(const std::string digest_text, json::GetString(value, "digest", where));
  auto digest = Digest::Parse(digest_text);
  if (!digest) return Annotate(digest.error(), where);
  XZGATE_ASSIGN(const std::uint64_t size, json::GetUint(value, "size", where));
  if (size > kMaxSize) {
    return InvalidArgument(where + ": size: want at most 2^63-1, found " + std::to_string(size));
  }
  Descriptor descriptor{.media_type = std::move(media_type),
                        .digest = std::move(*digest),
                        .size = size,
                        .platform = {},
                        .artifact_type = {},
                        .annotations = {}};
  if (const json::Value* platform = value.Find("platform");
      platform != nullptr && !platform->is_null()) {
    XZGATE_ASSIGN(descriptor.platform, GetPlatform(*platform, where + ": platform"));
  }
  XZGATE_ASSIGN(descriptor.artifact_type, json::GetStringOr(value, "artifactType", "", where));
  XZGATE_ASSIGN(descriptor.annotations, GetStringMap(value, "annotations", where));
  return descriptor;
}

Result<std::vector<Descriptor>> ReadDescriptors(const json::Value& root, std::string_view key,
                                                std::size_t max_count, std::string_view where) {
  const json::Value* value = root.Find(key);
  const std::string place = std::string(where) + ": " + std::string(key);
  if (value == nullptr || value->is_null()) return InvalidArgument(place + ": missing");
  const json::Array* array = value->AsArray();
  if (array == nullptr) {
    return InvalidArgument(place + ": want array, found " + std::string(value->TypeName()));
  }
  if (array->size() > max_count) {
    return ResourceExhausted(place + ": " + std::to_string(array->size()) + ", want at most " +
                             std::to_string(max_count));
  }
  std::vector<Descriptor> descriptors;
  descriptors.reserve(array->size());
  for (const json::Value& item : *array) {
    XZGATE_ASSIGN(auto descriptor,
                  ReadDescriptor(item, place + "[" + std::to_string(descriptors.size()) + "]"));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

// CVE-2021-41190: a document that two readers take for two different things. A key counts also when
// its value is null or empty.
Result<void> RefuseKeys(const json::Value& root, std::initializer_list<std::string_view> keys,
                        std::string_view where) {
  for (const std::string_view key : keys) {
    if (root.Find(key) != nullptr) {
      return InvalidArgument(std::string(where) + ": ambiguous: has " + Quote(key));
    }
  }
  return {};
}

Result<Document> ReadManifest(const json::Value& root, std::string media_type) {
  constexpr std::string_view kWhere = "image manifest";
  XZGATE_RETURN_IF_ERROR(RefuseKeys(root, {"manifests", "fsLayers"}, kWhere));
  const json::Value* config_value = root.Find("config");
  if (config_value == nullptr) return InvalidArgument(std::string(kWhere) + ": config: missing");
  XZGATE_ASSIGN(auto config, ReadDescriptor(*config_value, std::string(kWhere) + ": config"));
  XZGATE_ASSIGN(auto layers, ReadDescriptors(root, "layers", kMaxLayers, kWhere));
  Manifest manifest{.media_type = std::move(media_type),
                    .artifact_type = {},
                    .config = std::move(config),
                    .layers = std::move(layers),
                    .subject = {}};
  XZGATE_ASSIGN(manifest.artifact_type, json::GetStringOr(root, "artifactType", "", kWhere));
  if (const json::Value* subject = root.Find("subject");
      subject != nullptr && !subject->is_null()) {
    XZGATE_ASSIGN(manifest.subject, ReadDescriptor(*subject, std::string(kWhere) + ": subject"));
  }
  return manifest;
}

Result<Document> ReadIndex(const json::Value& root, std::string media_type) {
  constexpr std::string_view kWhere = "image index";
  XZGATE_RETURN_IF_ERROR(RefuseKeys(root, {"config", "layers", "fsLayers"}, kWhere));
  XZGATE_ASSIGN(auto manifests, ReadDescriptors(root, "manifests", kMaxPlatforms, kWhere));
  return Index{.media_type = std::move(media_type), .manifests = std::move(manifests)};
}

// The one media type that header, descriptor and document agree on; empty when none of them says
// one.
Result<std::string> AgreedType(const json::Value& root, std::string_view content_type,
                               std::string_view expected) {
  XZGATE_ASSIGN(const std::string own, json::GetStringOr(root, "mediaType", "", "manifest"));
  const std::pair<std::string_view, std::string> claims[] = {
      {"mediaType", own},
      {"Content-Type", EssenceOf(content_type)},
      {"descriptor", std::string(expected)}};
  const std::pair<std::string_view, std::string>* agreed = nullptr;
  for (const auto& claim : claims) {
    if (claim.second.empty()) continue;
    if (agreed == nullptr) agreed = &claim;
    if (agreed->second != claim.second) {
      return InvalidArgument("manifest: ambiguous: " + std::string(agreed->first) + " says " +
                             Quote(agreed->second) + ", " + std::string(claim.first) + " says " +
                             Quote(claim.second));
    }
  }
  return agreed == nullptr ? std::string() : agreed->second;
}

Result<void> CheckSchema(const json::Value& root) {
  const json::Value* version = root.Find("schemaVersion");
  if (version == nullptr) return InvalidArgument("manifest: schemaVersion: missing");
  const auto number = version->AsUint();
  if (number == 1U) return Unsupported("manifest: docker schema 1: want schema 2 or OCI");
  if (number != 2U) return InvalidArgument("manifest: schemaVersion: want 2");
  return {};
}

}  // namespace

bool IsTarLayer(std::string_view media_type) {
  return std::any_of(std::begin(kTarEndings), std::end(kTarEndings),
                     [media_type](std::string_view end) { return media_type.ends_with(end); });
}

std::optional<std::string_view> Descriptor::FindAnnotation(std::string_view name) const {
  const auto found =
      std::ranges::find(annotations, name, &decltype(annotations)::value_type::first);
  if (found == annotations.end()) return std::nullopt;
  return found->second;
}

bool Manifest::IsImage() const {
  return config.media_type == kOciConfig || config.media_type == kDockerConfig;
}

bool Manifest::IsAttestation() const {
  return !layers.empty() && std::all_of(layers.begin(), layers.end(), [](const Descriptor& layer) {
    return layer.media_type == kInToto;
  });
}

Result<Document> ParseDocument(std::string_view bytes, std::string_view content_type,
                               std::string_view expected) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(bytes, kLimits, "manifest"));
  XZGATE_RETURN_IF_ERROR(CheckKeys(root,
                                   {"schemaVersion", "mediaType", "artifactType", "config",
                                    "layers", "manifests", "fsLayers", "subject"},
                                   "manifest"));
  XZGATE_RETURN_IF_ERROR(CheckSchema(root));
  XZGATE_ASSIGN(std::string type, AgreedType(root, content_type, expected));
  if (type.starts_with(kSchema1Prefix)) {
    return Unsupported("manifest: media type " + Quote(type) + ": want schema 2 or OCI");
  }
  // `mediaType` is optional in an OCI document (image-spec, manifest.md): then its shape says what
  // it is.
  if (type.empty()) type = root.Find("manifests") != nullptr ? kOciIndex : kOciManifest;
  if (IsManifestType(type)) return ReadManifest(root, std::move(type));
  if (IsIndexType(type)) return ReadIndex(root, std::move(type));
  return Unsupported("manifest: unknown media type " + Quote(type));
}

}  // namespace xzgate::oci
