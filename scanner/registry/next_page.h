#pragma once

#include <optional>

#include "base/http/transport.h"
#include "base/result.h"

namespace xzgate::registry {

// Where an answer from `url` says that its list goes on (distribution-spec, "Listing Tags" and
// "Listing Referrers": a Link header with relation "next"); absent after the last page. Errors:
// kPermissionDenied (a page at another origin than `url`), kInvalidArgument, kResourceExhausted.
Result<std::optional<http::Url>> FindNextPage(const http::Headers& headers, const http::Url& url);

}  // namespace xzgate::registry
