#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "scanner/registry/image_source.h"

namespace xzgate::testing {

// A registry in memory: tags, manifests and blobs by digest, counted calls, and an error on demand.
// Thread-safe.
class FakeImageSource final : public registry::ImageSource {
 public:
  // Puts bytes and returns their descriptor.
  oci::Descriptor Put(const std::string& media_type, std::string bytes) {
    const std::lock_guard lock(mutex_);
    oci::Descriptor descriptor{.media_type = media_type,
                               .digest = oci::Digest::Of(AsBytes(bytes)),
                               .size = bytes.size(),
                               .platform = {},
                               .artifact_type = {},
                               .annotations = {}};
    content_.insert_or_assign(
        descriptor.digest,
        registry::VerifiedBytes{descriptor.digest, media_type, std::move(bytes)});
    return descriptor;
  }
  void Remove(const oci::Digest& digest) {
    const std::lock_guard lock(mutex_);
    content_.erase(digest);
  }
  // Serves the content as something else than it is.
  void CallIt(const oci::Digest& digest, const std::string& content_type) {
    const std::lock_guard lock(mutex_);
    content_.at(digest).content_type = content_type;
  }
  void Tag(const std::string& reference, const oci::Digest& digest) {
    const std::lock_guard lock(mutex_);
    tags_.insert_or_assign(oci::Reference::Parse(reference)->ToString(), digest);
  }
  // Adds a referrer of `subject`; what it refers to is the listing's word, not the content's.
  void Refer(const oci::PinnedReference& subject, oci::Descriptor referrer) {
    const std::lock_guard lock(mutex_);
    referrers_[subject].push_back(std::move(referrer));
  }
  // What every ListReferrers fails with until it is taken back by std::nullopt: kUnsupported is a
  // registry without that API.
  void FailReferrersWith(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    referrers_error_ = std::move(error);
  }
  // Fetching this content fails.
  void FailOn(const oci::Digest& digest, Error error) {
    const std::lock_guard lock(mutex_);
    broken_.insert_or_assign(digest, std::move(error));
  }
  // Resolving this tag fails.
  void FailOn(const std::string& reference, Error error) {
    const std::lock_guard lock(mutex_);
    broken_tags_.insert_or_assign(oci::Reference::Parse(reference)->ToString(), std::move(error));
  }
  // Every call fails with this until it is taken back by std::nullopt.
  void FailWith(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  // Runs before each Resolve answers, without a lock; an error it returns is that call's answer.
  using ResolveHook =
      std::function<std::optional<Error>(const oci::Reference&, const registry::Access&)>;
  void OnResolve(ResolveHook hook) { on_resolve_ = std::move(hook); }

  int resolves() const { return Count(resolves_); }
  int manifests() const { return Count(manifests_); }
  int blobs() const { return Count(blobs_); }
  int referrer_lists() const { return Count(referrer_lists_); }
  // How often this content was asked for, as whatever.
  int Fetches(const oci::Digest& digest) const {
    const std::lock_guard lock(mutex_);
    const auto found = fetches_.find(digest);
    return found == fetches_.end() ? 0 : found->second;
  }

  Result<oci::Digest> Resolve(const oci::Reference& reference,
                              const registry::Access& access) override {
    const std::optional<Error> error = on_resolve_ ? on_resolve_(reference, access) : std::nullopt;
    const std::lock_guard lock(mutex_);
    ++resolves_;
    if (error) return std::unexpected(*error);
    if (error_) return std::unexpected(*error_);
    if (reference.digest()) return *reference.digest();
    if (const auto broken = broken_tags_.find(reference.ToString()); broken != broken_tags_.end())
      return std::unexpected(broken->second);
    const auto found = tags_.find(reference.ToString());
    if (found == tags_.end()) return NotFound("no such tag: " + reference.ToString());
    return found->second;
  }
  Result<registry::VerifiedBytes> FetchManifest(const oci::PinnedReference& reference,
                                                const registry::Access&) override {
    const std::lock_guard lock(mutex_);
    ++manifests_;
    return Find(reference.digest());
  }
  Result<registry::VerifiedBytes> FetchBlob(const oci::Repository&, const oci::Descriptor& blob,
                                            std::size_t, const registry::Access&) override {
    const std::lock_guard lock(mutex_);
    return Find(blob.digest);
  }
  Result<std::unique_ptr<ByteSource>> OpenBlob(const oci::Repository&, const oci::Descriptor& blob,
                                               const registry::Access&) override {
    const std::lock_guard lock(mutex_);
    ++blobs_;
    auto found = Find(blob.digest);
    if (!found) return std::unexpected(found.error());
    return std::make_unique<MemorySource>(std::move(found->bytes));
  }
  Result<std::vector<std::string>> ListTags(const oci::Repository& repository, std::size_t,
                                            const registry::Access&) override {
    const std::lock_guard lock(mutex_);
    if (error_) return std::unexpected(*error_);
    std::vector<std::string> list;
    for (const auto& [text, digest] : tags_) {
      const auto reference = oci::Reference::Parse(text);
      if (reference->repository() == repository) list.push_back(*reference->tag());
    }
    return list;
  }
  Result<registry::ReferrerList> ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                               const registry::Access&) override {
    const std::lock_guard lock(mutex_);
    ++referrer_lists_;
    if (error_) return std::unexpected(*error_);
    if (referrers_error_) return std::unexpected(*referrers_error_);
    registry::ReferrerList list;
    for (const oci::Descriptor& referrer : referrers_[subject]) {
      list.has_more = list.manifests.size() >= max;
      if (list.has_more) break;
      list.manifests.push_back(referrer);
    }
    return list;
  }
  std::chrono::milliseconds BusyFor(const std::string&) const override { return {}; }

 private:
  Result<registry::VerifiedBytes> Find(const oci::Digest& digest) {
    ++fetches_[digest];
    if (error_) return std::unexpected(*error_);
    if (const auto broken = broken_.find(digest); broken != broken_.end())
      return std::unexpected(broken->second);
    const auto found = content_.find(digest);
    if (found == content_.end()) return NotFound("no such content: " + digest.ToString());
    return found->second;
  }
  int Count(const int& counter) const {
    const std::lock_guard lock(mutex_);
    return counter;
  }

  mutable std::mutex mutex_;
  std::map<oci::Digest, registry::VerifiedBytes> content_;
  std::map<std::string, oci::Digest> tags_;
  std::map<oci::PinnedReference, std::vector<oci::Descriptor>> referrers_;
  std::map<oci::Digest, Error> broken_;
  std::map<std::string, Error> broken_tags_;
  std::map<oci::Digest, int> fetches_;
  std::optional<Error> error_;
  std::optional<Error> referrers_error_;
  ResolveHook on_resolve_;
  int resolves_ = 0;
  int manifests_ = 0;
  int blobs_ = 0;
  int referrer_lists_ = 0;
};

}  // namespace xzgate::testing
