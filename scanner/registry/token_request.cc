#include "scanner/registry/token_request.h"

#include <algorithm>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/registry/response_error.h"

namespace xzgate::registry {
namespace {

constexpr std::string_view kClientId = "xzgate";
constexpr json::Limits kLimits{.max_bytes = kMaxTokenBytes, .max_depth = 8, .max_values = 1000};

http::Request MakeRequest(const TokenServer& server, http::Url url, const Access& access) {
  return http::Request{.method = http::Method::kGet,
                       .url = std::move(url),
                       .headers = {{"Accept", "application/json"}},
                       .reach = server.reach,
                       .deadline = access.deadline,
                       .urgent = access.IsUrgent()};
}

Result<http::Response> SendGet(http::Transport& transport, const TokenServer& server,
                               const std::vector<std::string>& scopes, const Credential* credential,
                               const Access& access) {
  std::string url = server.realm.ToString();
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  const auto add = [&url, &separator](std::string_view name, std::string_view value) {
    url += separator + std::string(name) + "=" + EncodeQueryValue(value);
    separator = '&';
  };
  if (!server.service.empty()) add("service", server.service);
  for (const std::string& scope : scopes) add("scope", scope);
  XZGATE_ASSIGN(auto target, http::Url::Parse(url));
  http::Request request = MakeRequest(server, std::move(target), access);
  if (credential != nullptr) {
    request.headers.Add("Authorization", std::string(BasicAuthorization(*credential).Reveal()));
  }
  return transport.Send(request);
}

// OAuth 2 with a refresh token.
Result<http::Response> SendPost(http::Transport& transport, const TokenServer& server,
                                const std::vector<std::string>& scopes,
                                const Credential& credential, const Access& access) {
  http::Request request = MakeRequest(server, server.realm, access);
  request.method = http::Method::kPost;
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.body = "grant_type=refresh_token&client_id=" + std::string(kClientId) +
                 "&service=" + EncodeQueryValue(server.service) +
                 "&scope=" + EncodeQueryValue(Join(scopes, " ")) +
                 "&refresh_token=" + EncodeQueryValue(credential.secret.Reveal());
  return transport.Send(request);
}

// A token goes into a header: visible ASCII, nothing else.
bool IsToken(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::string EncodeQueryValue(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

SecretString BasicAuthorization(const Credential& credential) {
  const SecretString pair(credential.username + ":" + std::string(credential.secret.Reveal()));
  return SecretString("Basic " + crypto::Base64Encode(AsBytes(pair.Reveal())));
}

Result<TokenServer> ReadTokenServer(const Challenge& challenge, const http::Origin& registry,
                                    http::Reach registry_reach) {
  const auto realm = challenge.Find("realm");
  if (!realm) return InvalidArgument("WWW-Authenticate: bearer without realm");
  auto url = http::Url::Parse(*realm);
  if (!url) return Annotate(url.error(), "WWW-Authenticate: realm");
  if (url->origin().scheme != "https" && registry.scheme == "https") {
    return PermissionDenied("token server " + Quote(url->ToRedacted()) + ": want https, as " +
                            Quote(registry.ToString()) + " has");
  }
  const bool own_host = url->origin().host == registry.host;
  return TokenServer{.realm = std::move(*url),
                     .service = std::string(challenge.Find("service").value_or("")),
                     .reach = own_host ? registry_reach : http::Reach::kPublicOnly};
}

Result<FreshToken> ParseTokenResponse(std::string_view body) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(body, kLimits, "token response"));
  XZGATE_ASSIGN(std::string token, json::GetStringOr(root, "token", "", "token response"));
  if (token.empty()) {
    XZGATE_ASSIGN(token, json::GetStringOr(root, "access_token", "", "token response"));
  }
  if (!IsToken(token)) return InvalidArgument("token response: want a token of visible ASCII");
  // Anything but a number of seconds counts as not said: 60 s then, which is also the least that a
  // server may give.
  std::chrono::seconds lifetime = TokenCache::kMinLifetime;
  if (const json::Value* expires = root.Find("expires_in")) {
    constexpr std::chrono::seconds kMost = TokenCache::kMaxLifetime;
    const auto most = static_cast<std::uint64_t>(kMost.count());
    lifetime = std::chrono::seconds(std::min(expires->AsUint().value_or(0), most));
  }
  return FreshToken{.token = SecretString(std::move(token)), .lifetime = lifetime};
}

Result<FreshToken> RequestToken(http::Transport& transport, const TokenServer& server,
                                const std::vector<std::string>& scopes,
                                const Credential* credential, const Access& access) {
  const bool by_post =
      credential != nullptr && credential->kind == Credential::Kind::kIdentityToken;
  auto response = by_post ? SendPost(transport, server, scopes, *credential, access)
                          : SendGet(transport, server, scopes, credential, access);
  const std::string where = "token server " + Quote(server.realm.ToRedacted());
  if (!response) return Annotate(response.error(), where);
  if (response->status != 200) return TokenError(*response, where);
  auto body = http::ReadBody(*response, kMaxTokenBytes);
  if (!body) return Annotate(body.error(), where);
  auto token = ParseTokenResponse(*body);
  if (!token) return Annotate(token.error(), where);
  return token;
}

}  // namespace xzgate::registry
