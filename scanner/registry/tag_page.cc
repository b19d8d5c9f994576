#include "scanner/registry/tag_page.h"

#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/next_page.h"

namespace xzgate::registry {
namespace {

Result<void> AppendTags(std::string_view body, std::size_t max_bytes,
                        std::vector<std::string>& tags) {
  const json::Limits limits{.max_bytes = max_bytes, .max_depth = 8, .max_values = 1'000'000};
  XZGATE_ASSIGN(const json::Value root, json::Parse(body, limits, "tag list"));
  XZGATE_ASSIGN(const json::Array* list, json::GetArrayOrEmpty(root, "tags", "tag list"));
  for (const json::Value& value : *list) {
    const std::string* tag = value.AsString();
    if (tag == nullptr || !oci::IsTag(*tag)) {
      return InvalidArgument("tag list: want a tag, found " +
                             (tag == nullptr ? std::string(value.TypeName()) : Quote(*tag)));
    }
    tags.push_back(*tag);
  }
  return {};
}

}  // namespace

Result<std::optional<http::Url>> ReadTagPage(http::Response& response, const http::Url& url,
                                             std::size_t max_bytes,
                                             std::vector<std::string>& tags) {
  XZGATE_ASSIGN(const std::string body, http::ReadBody(response, max_bytes));
  XZGATE_RETURN_IF_ERROR(AppendTags(body, max_bytes, tags));
  return FindNextPage(response.headers, url);
}

}  // namespace xzgate::registry
