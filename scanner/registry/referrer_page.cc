#include "scanner/registry/referrer_page.h"

#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/oci/document_fields.h"
#include "scanner/registry/next_page.h"

namespace xzgate::registry {
namespace {

constexpr json::Limits kLimits{.max_bytes = kMaxReferrerPageBytes, .refuse_case_variants = true};
constexpr std::string_view kWhere = "referrers";
constexpr std::size_t kMaxMediaType = 255;  // RFC 6838, section 4.2: two names of 127

// "application/x; charset=utf-8" -> "application/x".
std::string EssenceOf(std::string_view content_type) {
  return ToLower(Trim(content_type.substr(0, content_type.find(';'))));
}

bool IsOciIndex(const http::Response& response) {
  return EssenceOf(response.headers.Find("Content-Type").value_or("")) == oci::kOciIndex;
}

void DropLongHints(oci::Descriptor& entry) {
  std::size_t bytes = entry.artifact_type.size();
  for (const auto& [key, value] : entry.annotations) bytes += key.size() + value.size();
  if (bytes <= kMaxReferrerHintBytes) return;
  entry.artifact_type.clear();
  entry.annotations.clear();
}

// Absent for a digest of an algorithm that we do not know: nobody here can fetch it.
Result<std::optional<oci::Descriptor>> ReadEntry(const json::Value& value,
                                                 const std::string& where) {
  XZGATE_RETURN_IF_ERROR(
      oci::CheckKeys(value, {"mediaType", "digest", "size", "artifactType", "annotations"}, where));
  XZGATE_ASSIGN(const std::string digest_text, json::GetString(value, "digest", where));
  auto digest = oci::Digest::Parse(digest_text);
  if (!digest && digest.error().code() == ErrorCode::kUnsupported)
    return std::optional<oci::Descriptor>();
  if (!digest) return Annotate(digest.error(), where);
  oci::Descriptor entry{.media_type = {}, .digest = std::move(*digest)};
  XZGATE_ASSIGN(entry.media_type, json::GetString(value, "mediaType", where));
  if (entry.media_type.empty() || entry.media_type.size() > kMaxMediaType) {
    return InvalidArgument(where + ": mediaType: want 1 to " + std::to_string(kMaxMediaType) +
                           " bytes, found " + std::to_string(entry.media_type.size()));
  }
  XZGATE_ASSIGN(entry.size, json::GetUint(value, "size", where));
  XZGATE_ASSIGN(entry.artifact_type, json::GetStringOr(value, "artifactType", "", where));
  XZGATE_ASSIGN(entry.annotations, oci::GetStringMap(value, "annotations", where));
  DropLongHints(entry);
  return std::optional(std::move(entry));
}

// The entries of a document that is an index and nothing else (CVE-2021-41190).
Result<const json::Array*> EntriesOf(const json::Value& root) {
  XZGATE_RETURN_IF_ERROR(oci::CheckKeys(
      root, {"schemaVersion", "mediaType", "manifests", "config", "layers"}, kWhere));
  XZGATE_ASSIGN(const std::string type, json::GetStringOr(root, "mediaType", "", kWhere));
  if (!type.empty() && type != oci::kOciIndex) {
    return Unsupported(std::string(kWhere) + ": mediaType: want " + Quote(oci::kOciIndex) +
                       ", found " + Quote(type));
  }
  if (root.Find("config") != nullptr || root.Find("layers") != nullptr) {
    return InvalidArgument(std::string(kWhere) + ": ambiguous: has layers or a config");
  }
  if (root.Find("manifests") == nullptr) {
    return InvalidArgument(std::string(kWhere) + ": manifests: missing");
  }
  return json::GetArrayOrEmpty(root, "manifests", kWhere);
}

}  // namespace

bool HasNoReferrersApi(const http::Response& response) {
  switch (response.status) {
    case 400:
    case 404:
    case 405:
    case 406:
      return true;
    case 200:
      return !IsOciIndex(response);
    default:
      return false;
  }
}

Result<void> AppendReferrers(std::string_view index, std::size_t max, ReferrerList& list) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(index, kLimits, kWhere));
  XZGATE_ASSIGN(const json::Array* entries, EntriesOf(root));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (list.manifests.size() >= max) {
      list.has_more = true;
      break;
    }
    XZGATE_ASSIGN(auto entry, ReadEntry((*entries)[i], std::string(kWhere) + ": manifests[" +
                                                           std::to_string(i) + "]"));
    if (entry) {
      list.manifests.push_back(std::move(*entry));
    } else {
      list.has_more = true;
    }
  }
  return {};
}

Result<std::optional<http::Url>> ReadReferrerPage(http::Response& response, const http::Url& url,
                                                  std::size_t max, ReferrerList& list) {
  if (!IsOciIndex(response)) {
    return InvalidArgument(std::string(kWhere) + ": Content-Type: want " + Quote(oci::kOciIndex) +
                           ", found " + Quote(response.headers.Find("Content-Type").value_or("")));
  }
  XZGATE_ASSIGN(const std::string body, http::ReadBody(response, kMaxReferrerPageBytes));
  XZGATE_RETURN_IF_ERROR(AppendReferrers(body, max, list));
  return FindNextPage(response.headers, url);
}

}  // namespace xzgate::registry
