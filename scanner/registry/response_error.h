#pragma once

#include <string>
#include <string_view>

#include "base/http/transport.h"
#include "base/result.h"

namespace xzgate::registry {

// The failure that a registry's answer other than 200 stands for, by the table of ImageSource: 401
// kUnauthenticated, 403 kPermissionDenied, 404 and 410 kNotFound, 406 and 415 kUnsupported, 408,
// 429 and 5xx kUnavailable, other 4xx kInvalidArgument, anything else kUnavailable. `where` names
// the repository and what was asked for. Reads at most kMaxErrorBody of the body.
std::unexpected<Error> RegistryError(http::Response& response, std::string_view where);

// The same for a token server: 404 and 410 mean that there is none (kUnavailable), any other 4xx
// that our credentials do not do (kUnauthenticated).
std::unexpected<Error> TokenError(http::Response& response, std::string_view where);

// What an error body says, for one line: `CODE: message` of distribution's error list
// (distribution-spec, "Error Codes"), at most 300 bytes, escaped; empty when the body is something
// else.
std::string DescribeErrorBody(std::string_view body);

}  // namespace xzgate::registry
