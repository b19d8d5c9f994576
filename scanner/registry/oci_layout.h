#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/registry/image_source.h"
#include "scanner/registry/layout_reference.h"

namespace xzgate::registry {

// Images in an OCI layout (image-spec, image-layout.md) of the operator: `oci-layout`,
// `index.json`, `blobs/ALGORITHM/HEX`. Thread-safe; reads the index once and blobs when asked.
// Repositories mean nothing to it: it has one.
class OciLayout final : public ImageSource {
 public:
  // Errors: kNotFound (no such directory, file or TAG), kPermissionDenied, kUnsupported (another
  // layout version), kInvalidArgument (damage, several images named TAG), kResourceExhausted (an
  // index above kMaxManifestBytes).
  static Result<std::unique_ptr<OciLayout>> Open(const LayoutReference& reference);

  // What the reference names: the image with that TAG, else `index.json` itself as the index of all
  // that is in the layout. Its repository is made up ("oci-layout.invalid/DIR": RFC 6761 keeps such
  // hosts from existing).
  const oci::PinnedReference& root() const { return root_; }

  // The image that is meant where neither TAG nor digest is given: the only entry of the index that
  // is no signature or other referrer. Absent where there are several, or none. Reads manifests.
  std::optional<oci::Digest> FindOnlyImage();

  Result<oci::Digest> Resolve(const oci::Reference& reference, const Access& access) override;
  Result<VerifiedBytes> FetchManifest(const oci::PinnedReference& reference,
                                      const Access& access) override;
  Result<VerifiedBytes> FetchBlob(const oci::Repository& repository, const oci::Descriptor& blob,
                                  std::size_t max_bytes, const Access& access) override;
  Result<std::unique_ptr<ByteSource>> OpenBlob(const oci::Repository& repository,
                                               const oci::Descriptor& blob,
                                               const Access& access) override;
  Result<std::vector<std::string>> ListTags(const oci::Repository& repository, std::size_t max_tags,
                                            const Access& access) override;
  // The manifests that `index.json` names (64 at most) and whose `subject` it is, and what
  // `cosign save` put there, whose image nothing names. One that cannot be read sets has_more.
  Result<ReferrerList> ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                     const Access& access) override;
  std::chrono::milliseconds BusyFor(const std::string&) const override { return {}; }

 private:
  OciLayout(std::string directory, std::string index_bytes, std::vector<oci::Descriptor> images,
            oci::PinnedReference root)
      : directory_(std::move(directory)),
        index_bytes_(std::move(index_bytes)),
        images_(std::move(images)),
        root_(std::move(root)) {}

  // Made from a Digest alone: no name from a document ever becomes part of a path.
  std::string PathOf(const oci::Digest& digest) const;

  const std::string directory_;
  const std::string index_bytes_;
  const std::vector<oci::Descriptor> images_;  // what the index names
  const oci::PinnedReference root_;
};

}  // namespace xzgate::registry
