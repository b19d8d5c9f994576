#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/transport.h"
#include "base/result.h"

namespace xzgate::registry {

// Reads one page of a tag list (distribution-spec, "Listing Tags"), appends its tags and returns
// where the next page is, absent after the last. Errors: kInvalidArgument (damage, a tag that is
// none), kPermissionDenied (a next page at another origin than `url`), kResourceExhausted (more
// than `max_bytes`), errors of the body.
Result<std::optional<http::Url>> ReadTagPage(http::Response& response, const http::Url& url,
                                             std::size_t max_bytes, std::vector<std::string>& tags);

}  // namespace xzgate::registry
