#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "scanner/oci/digest.h"
#include "scanner/oci/platform.h"

namespace xzgate::oci {

// Limits of hardening.md 8.3.
inline constexpr std::size_t kMaxManifestBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxConfigBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMaxLayers = 256;
inline constexpr std::size_t kMaxPlatforms = 64;
inline constexpr std::size_t kMaxIndexDepth =
    2;  // an index may hold an index, which holds manifests

// OCI image-spec v1.1, media-types.md; Docker distribution, manifest-v2-2.md.
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerIndex =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";

// Points at content: media type, digest, size (OCI image-spec, descriptor.md). `urls` and `data` of
// a descriptor are ignored: content comes from the repository that was asked, nowhere else. A
// value.
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  std::optional<Platform> platform = {};  // in an index
  std::string artifact_type = {};
  std::vector<std::pair<std::string, std::string>> annotations = {};

  // The value of an annotation, which is borrowed; absent when there is none of this name.
  std::optional<std::string_view> FindAnnotation(std::string_view name) const;

  bool operator==(const Descriptor&) const = default;
};

// Whether runtimes unpack a layer of this media type as a tar archive, packed or not (OCI
// image-spec, layer.md; Docker distribution, manifest-v2-2.md). What they do with another (EROFS,
// say) is not known.
bool IsTarLayer(std::string_view media_type);

// An image manifest, OCI or Docker schema 2. A value.
struct Manifest {
  std::string media_type;
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;

  // Whether this can be run: its config is an image config (OCI or Docker). Else it is an artifact
  // (`not_an_image`).
  bool IsImage() const;
  // Whether every layer is an in-toto statement (buildx attestation): such a child of an index is
  // no platform (design.md section 4).
  bool IsAttestation() const;
};

// An index, OCI or Docker manifest list. A value.
struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
};

using Document = std::variant<Manifest, Index>;

// Reads a manifest or an index from bytes whose digest was already checked. `content_type` is the
// answer's header and `expected` the descriptor's media type, each empty when there was none; both
// must agree with the document's own mediaType (CVE-2021-41190). Errors: kUnsupported (schema 1, an
// unknown media type), kInvalidArgument (ambiguous: manifests beside config or layers; media types
// that disagree; a missing `layers`; damage; duplicate keys), kResourceExhausted (a limit above).
Result<Document> ParseDocument(std::string_view bytes, std::string_view content_type,
                               std::string_view expected);

// The part of an image config that we use (OCI image-spec, config.md). A value.
struct ImageConfig {
  Platform platform;
  std::vector<std::string> env;
  std::vector<std::string> diff_ids;
};

// Errors: kInvalidArgument, kResourceExhausted.
Result<ImageConfig> ParseConfig(std::string_view bytes);

}  // namespace xzgate::oci
