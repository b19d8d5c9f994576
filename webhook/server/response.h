#pragma once

#include <string>
#include <string_view>

#include "webhook/server/handler.h"
#include "webhook/server/request_head.h"

namespace xzgate::server {

// RFC 9110, section 15; "Unknown" for a status that we never send.
std::string_view ReasonPhrase(int status);

// The bytes of a whole HTTP/1.1 response. A content type with anything but visible ASCII and spaces
// is left out, so that no handler can write a header of its own.
std::string EncodeResponse(const HttpResponse& response, bool closes, std::string_view allow = {});

// The short plain-text answer to a request that is refused; always closes.
std::string EncodeRefusal(const FramingError& error);

// "HTTP/1.1 100 Continue" (RFC 9110, section 10.1.1).
std::string_view ContinueResponse();

// A one-line plain-text response.
HttpResponse PlainText(int status, std::string_view text);

}  // namespace xzgate::server
