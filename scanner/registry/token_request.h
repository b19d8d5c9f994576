#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http/transport.h"
#include "base/http/url.h"
#include "base/result.h"
#include "scanner/registry/challenge.h"
#include "scanner/registry/image_source.h"
#include "scanner/registry/keychain.h"
#include "scanner/registry/token_cache.h"

namespace xzgate::registry {

inline constexpr std::size_t kMaxTokenBytes = 64 * 1024;  // hardening.md 8.3

// Where a registry's tokens come from: a bearer challenge that was found acceptable. A value.
struct TokenServer {
  http::Url realm;
  std::string service;
  http::Reach reach = http::Reach::kPublicOnly;
};

// The server that `challenge` of `registry` names. A realm at the registry's own host has the
// registry's reach, any other host must be public or in the guard's allow-list (design.md section
// 4). Errors: kInvalidArgument (no or bad realm), kPermissionDenied (a realm without TLS for a
// registry with it).
Result<TokenServer> ReadTokenServer(const Challenge& challenge, const http::Origin& registry,
                                    http::Reach registry_reach);

// Asks `server` for a token for `scopes` (distribution, docs/content/spec/auth/token.md and
// oauth.md); `credential` may be null. The credential goes to the realm and nowhere else. Errors:
// kUnauthenticated (refused), kPermissionDenied (403), kUnavailable (429, 5xx), kInvalidArgument
// (an answer that is none), kResourceExhausted (more than kMaxTokenBytes), errors of `transport`.
Result<FreshToken> RequestToken(http::Transport& transport, const TokenServer& server,
                                const std::vector<std::string>& scopes,
                                const Credential* credential, const Access& access);

// Reads a token server's answer; public for its fuzz target. Errors: kInvalidArgument,
// kResourceExhausted.
Result<FreshToken> ParseTokenResponse(std::string_view body);

// "USER:PASSWORD" as a value of Authorization (RFC 7617).
SecretString BasicAuthorization(const Credential& credential);

// Percent-encodes all but RFC 3986's unreserved characters, for one value of a query or form.
std::string EncodeQueryValue(std::string_view text);

}  // namespace xzgate::registry
