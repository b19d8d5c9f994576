#include "scanner/worker/noting_source.h"

#include <utility>

#include "scanner/signature/candidates.h"

namespace xzgate::worker {

template <typename T>
Result<T> NotingSource::Noted(Result<T> answer) {
  if (!answer && !unanswered_ && signature::IsUnanswered(answer.error()))
    unanswered_ = answer.error();
  return answer;
}

Result<oci::Digest> NotingSource::Resolve(const oci::Reference& reference,
                                          const registry::Access& access) {
  auto digest = inner_.Resolve(reference, access);
  if (!digest && digest.error().code() == ErrorCode::kNotFound) return digest;
  return Noted(std::move(digest));
}

Result<registry::VerifiedBytes> NotingSource::FetchManifest(const oci::PinnedReference& reference,
                                                            const registry::Access& access) {
  return Noted(inner_.FetchManifest(reference, access));
}

Result<registry::VerifiedBytes> NotingSource::FetchBlob(const oci::Repository& repository,
                                                        const oci::Descriptor& blob,
                                                        std::size_t max_bytes,
                                                        const registry::Access& access) {
  return Noted(inner_.FetchBlob(repository, blob, max_bytes, access));
}

Result<std::unique_ptr<ByteSource>> NotingSource::OpenBlob(const oci::Repository& repository,
                                                           const oci::Descriptor& blob,
                                                           const registry::Access& access) {
  return Noted(inner_.OpenBlob(repository, blob, access));
}

Result<std::vector<std::string>> NotingSource::ListTags(const oci::Repository& repository,
                                                        std::size_t max_tags,
                                                        const registry::Access& access) {
  return Noted(inner_.ListTags(repository, max_tags, access));
}

Result<registry::ReferrerList> NotingSource::ListReferrers(const oci::PinnedReference& subject,
                                                           std::size_t max,
                                                           const registry::Access& access) {
  return Noted(inner_.ListReferrers(subject, max, access));
}

}  // namespace xzgate::worker
