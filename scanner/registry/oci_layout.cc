#include "scanner/registry/oci_layout.h"

#include <algorithm>
#include <variant>

#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/registry/blob_source.h"

namespace xzgate::registry {
namespace {

constexpr std::size_t kMaxMarkerBytes = 4 * 1024;
constexpr std::string_view kLayoutVersion = "1.0.0";  // image-spec, image-layout.md

// image-spec, annotations.md; containerd writes the whole name beside it.
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr std::string_view kContainerdName = "io.containerd.image.name";

constexpr std::size_t kMaxNamesInMessage = 8;

// What `cosign save` writes to the entries of signatures and attestations, which have no tag there
// (cosign pkg/oci/layout).
constexpr std::string_view kCosignKind = "kind";
constexpr std::string_view kCosignSignatures = "dev.cosignproject.cosign/sigs";
constexpr std::string_view kCosignAttestations = "dev.cosignproject.cosign/atts";

// Of which image, only their bytes tell.
bool IsSavedByCosign(const oci::Descriptor& image) {
  const std::string_view kind = image.FindAnnotation(kCosignKind).value_or("");
  return kind == kCosignSignatures || kind == kCosignAttestations;
}

bool IsNamed(const oci::Descriptor& image, std::string_view tag) {
  return image.FindAnnotation(kRefName) == tag || image.FindAnnotation(kContainerdName) == tag;
}

Result<void> CheckMarker(const std::string& directory) {
  const std::string path = directory + "/oci-layout";
  XZGATE_ASSIGN(const std::string text, ReadFile(path, kMaxMarkerBytes));
  const std::string where = "file " + Quote(path);
  XZGATE_ASSIGN(const json::Value root,
                json::Parse(text, json::Limits{.max_bytes = kMaxMarkerBytes}, where));
  XZGATE_ASSIGN(const std::string version, json::GetString(root, "imageLayoutVersion", where));
  if (version != kLayoutVersion) {
    return Unsupported(where + ": imageLayoutVersion: want " + Quote(kLayoutVersion) + ", found " +
                       Quote(version));
  }
  return {};
}

Result<oci::Digest> FindByTag(const std::vector<oci::Descriptor>& images, const std::string& tag,
                              const std::string& where) {
  const oci::Descriptor* found = nullptr;
  std::vector<std::string> names;
  for (const oci::Descriptor& image : images) {
    if (!IsNamed(image, tag)) {
      const std::string_view name = image.FindAnnotation(kRefName).value_or("");
      if (!name.empty() && names.size() < kMaxNamesInMessage) names.push_back(Quote(name, 64));
      continue;
    }
    if (found != nullptr && found->digest != image.digest) {
      return InvalidArgument(where + ": two images are named " + Quote(tag));
    }
    found = &image;
  }
  if (found != nullptr) return found->digest;
  return NotFound(where + ": no image is named " + Quote(tag) +
                  (names.empty() ? ", none has a name" : "; found " + Join(names, ", ")));
}

// A path component of a repository out of the directory's name: letters and digits, dashes for the
// rest.
std::string Slug(std::string_view directory) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  constexpr std::size_t kMaxSlug = 64;
  std::string slug;
  for (const char c : ToLower(directory.substr(directory.rfind('/') + 1)).substr(0, kMaxSlug)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || (!slug.empty() && slug.back() != '-')) slug += plain ? c : '-';
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug.empty() ? "image" : slug;
}

}  // namespace

Result<std::unique_ptr<OciLayout>> OciLayout::Open(const LayoutReference& reference) {
  XZGATE_RETURN_IF_ERROR(CheckMarker(reference.directory));
  const std::string path = reference.directory + "/index.json";
  const std::string where = "file " + Quote(path);
  XZGATE_ASSIGN(std::string bytes, ReadFile(path, oci::kMaxManifestBytes));
  auto document = oci::ParseDocument(bytes, oci::kOciIndex, "");
  if (!document) return Annotate(document.error(), where);
  auto images = std::move(std::get<oci::Index>(*document).manifests);
  oci::Digest root = oci::Digest::Of(AsBytes(bytes));
  if (reference.tag) {
    XZGATE_ASSIGN(root, FindByTag(images, *reference.tag, where));
  }
  const oci::Repository repository{.host = "oci-layout.invalid", .path = Slug(reference.directory)};
  return std::unique_ptr<OciLayout>(
      new OciLayout(reference.directory, std::move(bytes), std::move(images),
                    oci::PinnedReference(repository, std::move(root))));
}

std::string OciLayout::PathOf(const oci::Digest& digest) const {
  const std::string text = digest.ToString();
  return directory_ + "/blobs/" + text.substr(0, text.find(':')) + "/" + digest.hex();
}

std::optional<oci::Digest> OciLayout::FindOnlyImage() {
  std::optional<oci::Digest> only;
  for (const oci::Descriptor& image : images_) {
    const std::string_view name = image.FindAnnotation(kRefName).value_or("");
    if (IsSavedByCosign(image) || name.ends_with(".sig") || name.ends_with(".att")) continue;
    const auto bytes = FetchManifest({root_.repository(), image.digest}, {});
    const auto document = bytes ? oci::ParseDocument(bytes->bytes, "", "")
                                : Result<oci::Document>(std::unexpected(bytes.error()));
    const auto* manifest = document ? std::get_if<oci::Manifest>(&*document) : nullptr;
    if (manifest != nullptr && manifest->subject) continue;
    if (only && *only != image.digest) return std::nullopt;
    only = image.digest;
  }
  return only;
}

Result<oci::Digest> OciLayout::Resolve(const oci::Reference& reference, const Access&) {
  if (reference.digest()) return *reference.digest();
  const std::string where = "OCI layout " + Quote(directory_);
  auto by_name = FindByTag(images_, reference.ToString(), where);
  return by_name ? by_name : FindByTag(images_, *reference.tag(), where);
}

Result<VerifiedBytes> OciLayout::FetchManifest(const oci::PinnedReference& reference,
                                               const Access&) {
  const oci::Digest& want = reference.digest();
  if (oci::Digest::Of(AsBytes(index_bytes_), want.algorithm()) == want) {
    return VerifiedBytes{
        .digest = want, .content_type = std::string(oci::kOciIndex), .bytes = index_bytes_};
  }
  const std::string path = PathOf(want);
  XZGATE_ASSIGN(std::string bytes, ReadFile(path, oci::kMaxManifestBytes));
  const oci::Digest found = oci::Digest::Of(AsBytes(bytes), want.algorithm());
  if (found != want) {
    return Integrity("file " + Quote(path) + ": found digest " + found.ToString());
  }
  return VerifiedBytes{.digest = want, .content_type = {}, .bytes = std::move(bytes)};
}

Result<VerifiedBytes> OciLayout::FetchBlob(const oci::Repository& repository,
                                           const oci::Descriptor& blob, std::size_t max_bytes,
                                           const Access& access) {
  const std::string where = "file " + Quote(PathOf(blob.digest));
  if (blob.size > max_bytes) {
    return ResourceExhausted(where + ": " + std::to_string(blob.size) + " bytes, want at most " +
                             std::to_string(max_bytes));
  }
  XZGATE_ASSIGN(const auto source, OpenBlob(repository, blob, access));
  XZGATE_ASSIGN(std::string bytes, ReadAll(*source, max_bytes, where));
  const oci::Digest found = oci::Digest::Of(AsBytes(bytes), blob.digest.algorithm());
  if (found != blob.digest) return Integrity(where + ": found digest " + found.ToString());
  return VerifiedBytes{.digest = blob.digest, .content_type = {}, .bytes = std::move(bytes)};
}

Result<std::unique_ptr<ByteSource>> OciLayout::OpenBlob(const oci::Repository&,
                                                        const oci::Descriptor& blob,
                                                        const Access&) {
  const std::string path = PathOf(blob.digest);
  XZGATE_ASSIGN(auto file, FileSource::Open(path));
  const std::string where = "file " + Quote(path);
  if (file->size() != blob.size) {
    return Integrity(where + ": want " + std::to_string(blob.size) + " bytes, found " +
                     std::to_string(file->size()));
  }
  return std::make_unique<BlobSource>(std::move(file), blob.size, where);
}

Result<std::vector<std::string>> OciLayout::ListTags(const oci::Repository&, std::size_t max_tags,
                                                     const Access&) {
  std::vector<std::string> tags;
  for (const oci::Descriptor& image : images_) {
    const std::string_view tag = image.FindAnnotation(kRefName).value_or("");
    if (tag.empty()) continue;
    if (tags.size() == max_tags) {
      return ResourceExhausted("OCI layout " + Quote(directory_) + ": more than " +
                               std::to_string(max_tags) + " tags");
    }
    tags.emplace_back(tag);
  }
  return tags;
}

Result<ReferrerList> OciLayout::ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                              const Access& access) {
  ReferrerList list;
  for (const oci::Descriptor& image : images_) {
    const auto bytes = FetchManifest({subject.repository(), image.digest}, access);
    const auto document = bytes ? oci::ParseDocument(bytes->bytes, "", "")
                                : Result<oci::Document>(std::unexpected(bytes.error()));
    const auto* manifest = document ? std::get_if<oci::Manifest>(&*document) : nullptr;
    const bool refers = manifest != nullptr &&
                        (IsSavedByCosign(image) ||
                         (manifest->subject && manifest->subject->digest == subject.digest()));
    if (document && !refers) continue;
    if (!document || list.manifests.size() >= max) {
      list.has_more = true;
      continue;
    }
    list.manifests.push_back(image);
    if (list.manifests.back().artifact_type.empty())
      list.manifests.back().artifact_type = manifest->artifact_type;
  }
  return list;
}

}  // namespace xzgate::registry
