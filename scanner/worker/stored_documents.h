#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "scanner/registry/image_source.h"
#include "scanner/store/store.h"

namespace xzgate::worker {

// A registry whose manifests and small blobs are kept in the store: what was fetched once by its
// digest is not asked for again, so that an image can be verified anew without the network. Tags,
// lists and large blobs are passed on. A store that fails costs a call, not the answer.
// Thread-safe; borrows everything.
class StoredDocuments final : public registry::ImageSource {
 public:
  // Larger blobs are fetched each time. (Most bundles have a few kilobytes; an SBOM may have many.)
  static constexpr std::size_t kMaxKeptBytes = 4 * 1024 * 1024;

  StoredDocuments(registry::ImageSource& inner, store::Store& store, const Clock& clock)
      : inner_(&inner), store_(store), clock_(clock) {}
  // Offline: what is not in the store is kUnavailable.
  StoredDocuments(store::Store& store, const Clock& clock)
      : inner_(nullptr), store_(store), clock_(clock) {}

  Result<oci::Digest> Resolve(const oci::Reference& reference,
                              const registry::Access& access) override;
  Result<registry::VerifiedBytes> FetchManifest(const oci::PinnedReference& reference,
                                                const registry::Access& access) override;
  Result<registry::VerifiedBytes> FetchBlob(const oci::Repository& repository,
                                            const oci::Descriptor& blob, std::size_t max_bytes,
                                            const registry::Access& access) override;
  Result<std::unique_ptr<ByteSource>> OpenBlob(const oci::Repository& repository,
                                               const oci::Descriptor& blob,
                                               const registry::Access& access) override;
  Result<std::vector<std::string>> ListTags(const oci::Repository& repository, std::size_t max_tags,
                                            const registry::Access& access) override;
  Result<registry::ReferrerList> ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                               const registry::Access& access) override;
  std::chrono::milliseconds BusyFor(const std::string& host) const override;
  std::vector<std::string> BusyHosts() const override;

 private:
  registry::ImageSource* const inner_;  // null: offline
  store::Store& store_;
  const Clock& clock_;
};

}  // namespace xzgate::worker
