#include "scanner/worker/stored_documents.h"

#include <utility>

namespace xzgate::worker {
namespace {

// What every small blob is called in the store, whatever its descriptor says, as configs are: a
// manifest that others fetch by this digest must not be taken for what a signature's layer calls it
// (ScanRun::Config).
constexpr std::string_view kBlob = oci::kOciConfig;

std::unexpected<Error> Offline(const std::string& what) {
  return Unavailable(what + ": not in the store, and the network is not asked");
}

}  // namespace

Result<oci::Digest> StoredDocuments::Resolve(const oci::Reference& reference,
                                             const registry::Access& access) {
  if (reference.digest()) return *reference.digest();
  if (inner_ == nullptr) return Offline("tag of " + reference.ToString());
  return inner_->Resolve(reference, access);
}

Result<registry::VerifiedBytes> StoredDocuments::FetchManifest(
    const oci::PinnedReference& reference, const registry::Access& access) {
  const oci::Digest& digest = reference.digest();
  auto known = store_.FindDocument(digest, clock_.WallNow());
  if (known && *known && (*known)->content_type != kBlob) {
    return registry::VerifiedBytes{digest, std::move((*known)->content_type),
                                   std::move((*known)->bytes)};
  }
  if (inner_ == nullptr) return Offline("manifest " + reference.ToString());
  auto fetched = inner_->FetchManifest(reference, access);
  // What one source calls the bytes must not spoil them for whoever has them from another.
  if (fetched && oci::ParseDocument(fetched->bytes, fetched->content_type, ""))
    (void)store_.PutDocument(digest, {fetched->content_type, fetched->bytes}, clock_.WallNow());
  return fetched;
}

Result<registry::VerifiedBytes> StoredDocuments::FetchBlob(const oci::Repository& repository,
                                                           const oci::Descriptor& blob,
                                                           std::size_t max_bytes,
                                                           const registry::Access& access) {
  const auto where = [&] {
    return "blob " + blob.digest.ToString() + " of " + repository.ToString();
  };
  auto known = store_.FindDocument(blob.digest, clock_.WallNow());
  if (known && *known) {
    std::string& bytes = (*known)->bytes;
    if (bytes.size() > max_bytes) {
      return ResourceExhausted(where() + ": " + std::to_string(bytes.size()) +
                               " bytes, want at most " + std::to_string(max_bytes));
    }
    if (bytes.size() != blob.size) {
      return Integrity(where() + ": want " + std::to_string(blob.size) + " bytes, got " +
                       std::to_string(bytes.size()));
    }
    return registry::VerifiedBytes{blob.digest, blob.media_type, std::move(bytes)};
  }
  if (inner_ == nullptr) return Offline(where());
  auto fetched = inner_->FetchBlob(repository, blob, max_bytes, access);
  if (fetched && fetched->bytes.size() <= kMaxKeptBytes) {
    (void)store_.PutDocument(blob.digest, {std::string(kBlob), fetched->bytes}, clock_.WallNow());
  }
  return fetched;
}

Result<std::unique_ptr<ByteSource>> StoredDocuments::OpenBlob(const oci::Repository& repository,
                                                              const oci::Descriptor& blob,
                                                              const registry::Access& access) {
  if (inner_ == nullptr) return Offline("blob " + blob.digest.ToString());
  return inner_->OpenBlob(repository, blob, access);
}

Result<std::vector<std::string>> StoredDocuments::ListTags(const oci::Repository& repository,
                                                           std::size_t max_tags,
                                                           const registry::Access& access) {
  if (inner_ == nullptr) return Offline("tags of " + repository.ToString());
  return inner_->ListTags(repository, max_tags, access);
}

Result<registry::ReferrerList> StoredDocuments::ListReferrers(const oci::PinnedReference& subject,
                                                              std::size_t max,
                                                              const registry::Access& access) {
  if (inner_ == nullptr) return Offline("referrers of " + subject.ToString());
  return inner_->ListReferrers(subject, max, access);
}

std::chrono::milliseconds StoredDocuments::BusyFor(const std::string& host) const {
  return inner_ == nullptr ? std::chrono::milliseconds(0) : inner_->BusyFor(host);
}

std::vector<std::string> StoredDocuments::BusyHosts() const {
  return inner_ == nullptr ? std::vector<std::string>() : inner_->BusyHosts();
}

}  // namespace xzgate::worker
