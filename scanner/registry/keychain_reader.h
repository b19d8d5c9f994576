#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/registry/keychain.h"

namespace xzgate::registry {

// A key of `auths`, taken apart. A value.
struct KeychainKey {
  std::string host;
  std::string path;
};

// "https://reg.example/v2/" -> {"reg.example", ""}; "index.docker.io/v1/" -> {"docker.io", ""};
// "reg.example/team" ->
// {"reg.example", "team"}.
KeychainKey ParseKeychainKey(std::string_view key);

// Reads one Docker config file into a keychain. Used for one file; confined to one thread.
class KeychainReader {
 public:
  KeychainReader(Keychain& into, std::string source) : into_(into), source_(std::move(source)) {}

  // Errors as Keychain::Add; `into` may then hold a part.
  Result<void> Read(std::string_view json);

 private:
  Result<void> ReadAuths(const json::Value& root);
  Result<void> ReadHelpers(const json::Value& root);
  void AddHelper(const std::string& host, const std::string& name);

  Keychain& into_;
  std::string source_;
};

}  // namespace xzgate::registry
