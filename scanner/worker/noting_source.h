#pragma once

#include <optional>

#include "scanner/registry/image_source.h"

namespace xzgate::worker {

// Passes calls on and notes the first that a registry did not answer: a signature report tells in
// words alone why nothing could be decided. Confined to one thread; borrows the source.
class NotingSource final : public registry::ImageSource {
 public:
  explicit NotingSource(registry::ImageSource& inner) : inner_(inner) {}

  // Of the errors that say nothing about what was asked for (signature::IsUnanswered) the first;
  // that a tag does not exist is an answer.
  const std::optional<Error>& unanswered() const { return unanswered_; }

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
  std::chrono::milliseconds BusyFor(const std::string& host) const override {
    return inner_.BusyFor(host);
  }
  std::vector<std::string> BusyHosts() const override { return inner_.BusyHosts(); }

 private:
  template <typename T>
  Result<T> Noted(Result<T> answer);

  registry::ImageSource& inner_;
  std::optional<Error> unanswered_;
};

}  // namespace xzgate::worker
