#pragma once

#include <curl/curl.h>

#include <string_view>

#include "base/result.h"

namespace xzgate::http {

// What a transfer that ended with `code` is about: kTls for the peer's certificate, its name, or a
// protocol that we cannot agree on; kOther for the rest, a handshake that broke off too, which
// another attempt may finish. `message` is libcurl's own, which quotes OpenSSL's error. A pure
// function; thread-safe.
ErrorKind KindOfFailure(CURLcode code, std::string_view message);

// Whether a limit of libcurl's own ended the transfer (CURLE_TOO_LARGE, libcurl 8.6 and later).
bool IsTooLarge(CURLcode code);

}  // namespace xzgate::http
