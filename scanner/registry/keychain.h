#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_string.h"
#include "scanner/oci/reference.h"

namespace xzgate::registry {

inline constexpr std::size_t kMaxKeychainBytes =
    1024 * 1024;  // a Kubernetes Secret holds at most 1 MiB

// What to say to one registry. Move-only; thread-compatible.
struct Credential {
  enum class Kind : std::uint8_t {
    kPassword,       // user name and password: Basic, at the registry or at its token server
    kIdentityToken,  // OAuth refresh token, exchanged at the token server
    kRegistryToken,  // bearer token, sent as it is
  };
  Kind kind = Kind::kPassword;
  std::string username;
  SecretString secret;
  // Names this credential without revealing it: equal for equal ones. Tokens are kept by it.
  std::string identity;
};

// Credentials from Docker config files (`config.json`, a pull secret's `.dockerconfigjson`) by
// registry. Filled first, then read: const is thread-safe.
//
// Keys are hosts, with or without scheme and "/v1/" or "/v2/" ("https://index.docker.io/v1/" is
// Docker Hub), and may go on with a repository prefix of whole path components ("reg.example/team")
// and hold `*` for a part of a host's label, as the kubelet takes them.
class Keychain {
 public:
  // Adds what `json` holds; `source` names it in messages. What was added earlier wins over what
  // comes later for equal keys. Errors: kInvalidArgument naming source and key, never a secret;
  // kResourceExhausted. Nothing is added then.
  Result<void> Add(std::string_view json, const std::string& source);

  // Adds `path`, a file. Errors as Add and ReadFile.
  Result<void> AddFile(const std::string& path);

  // The most specific credential for `repository`: exact hosts before patterns, then the longest
  // prefix, then the order of Add. Null when there is none.
  const Credential* Find(const oci::Repository& repository) const;

  // The credential helper that a config names for `host` ("" if none). Helpers are never run.
  std::string HelperFor(const std::string& host) const;

  // What was read and is not used, one sentence each: credential helpers. For the log at start-up.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Entry {
    std::string host;  // lower case; Docker Hub as "docker.io"
    std::string path;  // empty, or whole components without a slash at either end
    Credential credential;
  };
  struct Helper {
    std::string host;  // empty: every host (credsStore)
    std::string name;
  };
  friend class KeychainReader;

  std::vector<Entry> entries_;
  std::vector<Helper> helpers_;
  std::vector<std::string> warnings_;
};

}  // namespace xzgate::registry
