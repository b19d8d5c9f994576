#include "scanner/registry/registry_client.h"

#include <algorithm>

#include "base/text.h"
#include "scanner/registry/blob_source.h"
#include "scanner/registry/referrer_page.h"
#include "scanner/registry/tag_page.h"

namespace xzgate::registry {
namespace {

std::string ManifestAccept() {
  return Join({std::string(oci::kOciIndex), std::string(oci::kDockerIndex),
               std::string(oci::kOciManifest), std::string(oci::kDockerManifest)},
              ", ");
}

std::string Where(const oci::Repository& repository, std::string_view kind, std::string_view name) {
  return "repository " + Quote(repository.ToString()) + ": " + std::string(kind) + " " +
         Quote(name);
}

std::string ContentTypeOf(const http::Response& response) {
  return std::string(response.headers.Find("Content-Type").value_or(""));
}

// The digest that the registry claims; absent when it claims none.
Result<std::optional<oci::Digest>> ClaimedDigest(const http::Response& response,
                                                 std::string_view where) {
  const auto header = response.headers.Find("Docker-Content-Digest");
  if (!header || Trim(*header).empty()) return std::optional<oci::Digest>();
  auto digest = oci::Digest::Parse(Trim(*header));
  if (!digest) return Annotate(digest.error(), std::string(where) + ": Docker-Content-Digest");
  return std::optional(std::move(*digest));
}

// Bytes as what they were asked for.
Result<VerifiedBytes> Verify(const oci::Digest& want, std::string content_type, std::string bytes,
                             std::string_view where) {
  const oci::Digest found = oci::Digest::Of(AsBytes(bytes), want.algorithm());
  if (found != want) {
    return Integrity(std::string(where) + ": want digest " + want.ToString() + ", found " +
                     found.ToString());
  }
  return VerifiedBytes{
      .digest = want, .content_type = std::move(content_type), .bytes = std::move(bytes)};
}

}  // namespace

Result<http::Response> RegistryClient::SendManifest(http::Method method,
                                                    const oci::Repository& repository,
                                                    const std::string& name, const Access& access) {
  const std::string accept = ManifestAccept();
  const std::string where = Where(repository, "manifest", name);
  XZGATE_ASSIGN(auto url, caller_.UrlOf(repository, "manifests/" + name));
  auto response = caller_.Send({.repository = repository,
                                .method = method,
                                .url = std::move(url),
                                .accept = accept,
                                .min_bytes_per_second = kMinBytesPerSecond,
                                .access = access});
  if (!response) return Annotate(response.error(), where);
  return response;
}

Result<oci::Digest> RegistryClient::Resolve(const oci::Reference& reference, const Access& access) {
  if (reference.digest()) return *reference.digest();
  const oci::Repository& repository = reference.repository();
  const std::string& tag = *reference.tag();
  const std::string where = Where(repository, "manifest", tag);
  XZGATE_ASSIGN(auto response, SendManifest(http::Method::kHead, repository, tag, access));
  // The open body, empty as it is, would keep its place with the host.
  response.body = std::make_unique<MemorySource>(std::string());
  // A registry without HEAD for manifests.
  if (response.status == 405 || response.status == 501)
    return ResolveByBytes(repository, tag, access);
  if (response.status != 200) return caller_.ToError(repository, response, where);
  XZGATE_ASSIGN(auto digest, ClaimedDigest(response, where));
  if (digest) return std::move(*digest);
  return ResolveByBytes(repository, tag, access);
}

Result<oci::Digest> RegistryClient::ResolveByBytes(const oci::Repository& repository,
                                                   const std::string& tag, const Access& access) {
  const std::string where = Where(repository, "manifest", tag);
  XZGATE_ASSIGN(auto response, SendManifest(http::Method::kGet, repository, tag, access));
  if (response.status != 200) return caller_.ToError(repository, response, where);
  XZGATE_ASSIGN(const auto claimed, ClaimedDigest(response, where));
  auto bytes = http::ReadBody(response, oci::kMaxManifestBytes);
  if (!bytes) return Annotate(bytes.error(), where);
  if (!claimed) return oci::Digest::Of(AsBytes(*bytes));
  XZGATE_ASSIGN(auto verified, Verify(*claimed, ContentTypeOf(response), std::move(*bytes), where));
  return std::move(verified.digest);
}

Result<VerifiedBytes> RegistryClient::FetchManifest(const oci::PinnedReference& reference,
                                                    const Access& access) {
  const std::string name = reference.digest().ToString();
  const std::string where = Where(reference.repository(), "manifest", name);
  XZGATE_ASSIGN(auto response,
                SendManifest(http::Method::kGet, reference.repository(), name, access));
  if (response.status != 200) return caller_.ToError(reference.repository(), response, where);
  auto bytes = http::ReadBody(response, oci::kMaxManifestBytes);
  if (!bytes) return Annotate(bytes.error(), where);
  return Verify(reference.digest(), ContentTypeOf(response), std::move(*bytes), where);
}

Result<http::Response> RegistryClient::SendBlob(const oci::Repository& repository,
                                                const oci::Descriptor& blob, const Access& access) {
  const std::string where = Where(repository, "blob", blob.digest.ToString());
  XZGATE_ASSIGN(auto url, caller_.UrlOf(repository, "blobs/" + blob.digest.ToString()));
  auto response = caller_.Send({.repository = repository,
                                .url = std::move(url),
                                .min_bytes_per_second = kMinBytesPerSecond,
                                .access = access});
  if (!response) return Annotate(response.error(), where);
  if (response->status != 200) return caller_.ToError(repository, *response, where);
  const auto length = response->headers.Find("Content-Length");
  if (length && ParseUint(Trim(*length)) != blob.size) {
    return Integrity(where + ": want " + std::to_string(blob.size) +
                     " bytes, found Content-Length " + Quote(*length));
  }
  return response;
}

Result<VerifiedBytes> RegistryClient::FetchBlob(const oci::Repository& repository,
                                                const oci::Descriptor& blob, std::size_t max_bytes,
                                                const Access& access) {
  const std::string where = Where(repository, "blob", blob.digest.ToString());
  if (blob.size > max_bytes) {
    return ResourceExhausted(where + ": " + std::to_string(blob.size) + " bytes, want at most " +
                             std::to_string(max_bytes));
  }
  XZGATE_ASSIGN(auto response, SendBlob(repository, blob, access));
  BlobSource source(std::move(response.body), blob.size, where);
  XZGATE_ASSIGN(std::string bytes, ReadAll(source, max_bytes, where));
  return Verify(blob.digest, ContentTypeOf(response), std::move(bytes), where);
}

Result<std::unique_ptr<ByteSource>> RegistryClient::OpenBlob(const oci::Repository& repository,
                                                             const oci::Descriptor& blob,
                                                             const Access& access) {
  XZGATE_ASSIGN(auto response, SendBlob(repository, blob, access));
  return std::make_unique<BlobSource>(std::move(response.body), blob.size,
                                      Where(repository, "blob", blob.digest.ToString()));
}

Result<std::vector<std::string>> RegistryClient::ListTags(const oci::Repository& repository,
                                                          std::size_t max_tags,
                                                          const Access& access) {
  const std::string where = "repository " + Quote(repository.ToString()) + ": tags";
  XZGATE_ASSIGN(auto url, caller_.UrlOf(repository, "tags/list?n=" + std::to_string(kTagPageSize)));
  std::vector<std::string> tags;
  for (int page = 0; page < kMaxTagPages; ++page) {
    auto response = caller_.Send({.repository = repository,
                                  .url = url,
                                  .accept = "application/json",
                                  .min_bytes_per_second = kMinBytesPerSecond,
                                  .access = access});
    if (!response) return Annotate(response.error(), where);
    if (response->status != 200) return caller_.ToError(repository, *response, where);
    auto next = ReadTagPage(*response, url, kMaxTagPageBytes, tags);
    if (!next) return Annotate(next.error(), where);
    if (tags.size() > max_tags) {
      return ResourceExhausted(where + ": more than " + std::to_string(max_tags));
    }
    if (!*next) return tags;
    url = std::move(**next);
  }
  return ResourceExhausted(where + ": more than " + std::to_string(kMaxTagPages) + " pages");
}

Result<ReferrerList> RegistryClient::ListReferrers(const oci::PinnedReference& subject,
                                                   std::size_t max, const Access& access) {
  const oci::Repository& repository = subject.repository();
  const std::string digest = subject.digest().ToString();
  const std::string where = Where(repository, "referrers of", digest);
  XZGATE_ASSIGN(auto url, caller_.UrlOf(repository, "referrers/" + digest));
  ReferrerList list;
  for (int page = 0; page < kMaxReferrerPages; ++page) {
    auto response = caller_.Send({.repository = repository,
                                  .url = url,
                                  .accept = oci::kOciIndex,
                                  .min_bytes_per_second = kMinBytesPerSecond,
                                  .access = access});
    if (!response) return Annotate(response.error(), where);
    if (page == 0 && HasNoReferrersApi(*response)) {
      return Unsupported(where + ": no such API: found status " + std::to_string(response->status) +
                         ", content type " + Quote(ContentTypeOf(*response)));
    }
    if (response->status != 200) return caller_.ToError(repository, *response, where);
    auto next = ReadReferrerPage(*response, url, max, list);
    if (!next) return Annotate(next.error(), where);
    if (!*next) return list;
    if (list.manifests.size() >= max) break;
    url = std::move(**next);
  }
  list.has_more = true;
  return list;
}

}  // namespace xzgate::registry
