#include "scanner/registry/next_page.h"

#include "base/text.h"
#include "scanner/registry/link_header.h"

namespace xzgate::registry {

Result<std::optional<http::Url>> FindNextPage(const http::Headers& headers, const http::Url& url) {
  for (const std::string_view header : headers.FindAll("Link")) {
    XZGATE_ASSIGN(const auto target, FindNextLink(header));
    if (!target) continue;
    XZGATE_ASSIGN(http::Url next, url.Resolve(*target));
    if (next.origin() != url.origin()) {
      return PermissionDenied("Link: next page at " + Quote(next.ToRedacted()) + ": want it at " +
                              Quote(url.origin().ToString()));
    }
    return std::optional(std::move(next));
  }
  return std::optional<http::Url>();
}

}  // namespace xzgate::registry
