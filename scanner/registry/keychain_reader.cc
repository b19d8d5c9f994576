#include "scanner/registry/keychain_reader.h"

#include <optional>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"

namespace xzgate::registry {
namespace {

constexpr json::Limits kLimits{.max_bytes = kMaxKeychainBytes};

// docker-credential-helpers: with this user name, the secret is an identity token.
constexpr std::string_view kTokenUser = "<token>";

// Digits of a digest that tell two credentials of one host apart.
constexpr std::size_t kIdentityDigits = 32;

Credential MakeCredential(Credential::Kind kind, std::string username, std::string secret) {
  const SecretString whole(std::to_string(static_cast<int>(kind)) + '\n' + username + '\n' +
                           secret);
  std::string identity = crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(whole.Reveal()))
                             .substr(0, kIdentityDigits);
  return Credential{.kind = kind,
                    .username = std::move(username),
                    .secret = SecretString(std::move(secret)),
                    .identity = std::move(identity)};
}

// "dXNlcjpwYXNz" -> user, pass.
Result<Credential> FromAuth(const std::string& auth, const std::string& where) {
  auto pair = crypto::Base64Decode(Trim(auth));
  if (!pair) return InvalidArgument(where + ": auth: want base64");
  // Docker ends the text with a zero byte now and then.
  while (pair->ends_with('\0')) pair->pop_back();
  const auto colon = pair->find(':');
  if (colon == std::string::npos) return InvalidArgument(where + ": auth: want USER:PASSWORD");
  return MakeCredential(Credential::Kind::kPassword, pair->substr(0, colon),
                        pair->substr(colon + 1));
}

// One entry of `auths`; absent for an empty one (Docker writes those beside a credential helper).
Result<std::optional<Credential>> ReadEntry(const json::Value& entry, const std::string& where) {
  XZGATE_ASSIGN(std::string registry_token, json::GetStringOr(entry, "registrytoken", "", where));
  XZGATE_ASSIGN(std::string identity_token, json::GetStringOr(entry, "identitytoken", "", where));
  XZGATE_ASSIGN(const std::string auth, json::GetStringOr(entry, "auth", "", where));
  XZGATE_ASSIGN(std::string username, json::GetStringOr(entry, "username", "", where));
  XZGATE_ASSIGN(std::string password, json::GetStringOr(entry, "password", "", where));
  using Kind = Credential::Kind;
  if (!registry_token.empty()) {
    return MakeCredential(Kind::kRegistryToken, {}, std::move(registry_token));
  }
  if (!identity_token.empty()) {
    return MakeCredential(Kind::kIdentityToken, {}, std::move(identity_token));
  }
  if (username == kTokenUser && !password.empty()) {
    return MakeCredential(Kind::kIdentityToken, {}, std::move(password));
  }
  if (!username.empty()) {
    return MakeCredential(Kind::kPassword, std::move(username), std::move(password));
  }
  if (auth.empty()) return std::optional<Credential>();
  XZGATE_ASSIGN(auto credential, FromAuth(auth, where));
  if (credential.username != kTokenUser) return credential;
  return MakeCredential(Kind::kIdentityToken, {}, std::string(credential.secret.Reveal()));
}

}  // namespace

KeychainKey ParseKeychainKey(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  const auto slash = key.find('/');
  KeychainKey parsed{.host = ToLower(key.substr(0, slash)), .path = {}};
  std::string_view path = slash == key.npos ? std::string_view() : key.substr(slash + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  // The API versions of old keys, not repositories.
  for (const std::string_view version : {"v1", "v2"}) {
    if (path == version) path = {};
    if (path.starts_with(std::string(version) + "/")) path.remove_prefix(version.size() + 1);
  }
  parsed.path = path;
  if (parsed.host == "index.docker.io" || parsed.host == "registry-1.docker.io") {
    parsed.host = "docker.io";
  }
  return parsed;
}

Result<void> KeychainReader::Read(std::string_view json) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(json, kLimits, source_));
  if (root.AsObject() == nullptr) {
    return InvalidArgument(source_ + ": want object, found " + std::string(root.TypeName()));
  }
  XZGATE_RETURN_IF_ERROR(ReadAuths(root));
  return ReadHelpers(root);
}

Result<void> KeychainReader::ReadAuths(const json::Value& root) {
  const json::Value* auths = root.Find("auths");
  if (auths == nullptr || auths->is_null()) return {};
  if (auths->AsObject() == nullptr) {
    return InvalidArgument(source_ + ": auths: want object, found " +
                           std::string(auths->TypeName()));
  }
  for (const auto& [key, entry] : *auths->AsObject()) {
    XZGATE_ASSIGN(auto credential, ReadEntry(entry, source_ + ": auths: " + Quote(key)));
    if (!credential) continue;
    KeychainKey parsed = ParseKeychainKey(key);
    into_.entries_.push_back({.host = std::move(parsed.host),
                              .path = std::move(parsed.path),
                              .credential = std::move(*credential)});
  }
  return {};
}

Result<void> KeychainReader::ReadHelpers(const json::Value& root) {
  if (const json::Value* helpers = root.Find("credHelpers");
      helpers != nullptr && !helpers->is_null()) {
    if (helpers->AsObject() == nullptr) {
      return InvalidArgument(source_ + ": credHelpers: want object, found " +
                             std::string(helpers->TypeName()));
    }
    for (const auto& [host, name] : *helpers->AsObject()) {
      const std::string* text = name.AsString();
      if (text == nullptr) {
        return InvalidArgument(source_ + ": credHelpers: " + Quote(host) + ": want string");
      }
      AddHelper(ParseKeychainKey(host).host, *text);
    }
  }
  XZGATE_ASSIGN(const std::string store, json::GetStringOr(root, "credsStore", "", source_));
  if (!store.empty()) AddHelper("", store);
  return {};
}

void KeychainReader::AddHelper(const std::string& host, const std::string& name) {
  into_.helpers_.push_back({host, name});
  into_.warnings_.push_back(source_ + ": credential helper " + Quote(name) + " for " +
                            (host.empty() ? "every host" : Quote(host)) +
                            " is not supported yet and was not run");
}

}  // namespace xzgate::registry
