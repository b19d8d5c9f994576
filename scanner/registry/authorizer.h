#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http/transport.h"
#include "base/result.h"
#include "base/secret_string.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/challenge.h"
#include "scanner/registry/image_source.h"
#include "scanner/registry/keychain.h"
#include "scanner/registry/token_cache.h"
#include "scanner/registry/token_request.h"

namespace xzgate::registry {

// A repository, and where its registry is. A value.
struct AuthTarget {
  oci::Repository repository;
  http::Origin origin;
  http::Reach reach = http::Reach::kPublicOnly;
};

// What to send to a registry, and how it came about. Move-only.
struct Authorization {
  SecretString header;                // value of Authorization; empty: none
  std::optional<TokenKey> token_key;  // set for a token of the cache
  SecretString token;
  bool is_fresh = false;  // the same question would bring the same answer
};

// Answers a registry's challenges: basic, and bearer tokens for pulling one repository. Learns what
// a host wants, so that later calls come with the right header at once. Thread-safe; what it is
// made of must outlive it.
class Authorizer {
 public:
  static constexpr std::size_t kMaxHosts = 4096;

  // Is told what came of each request to a token server, and of which registry (its host as in a
  // reference); called from any thread.
  using Note = std::function<void(const std::string& host, const Result<http::Response>& response)>;

  Authorizer(http::Transport& transport, const Keychain& keychain, const Clock& clock, Note note)
      : transport_(transport), keychain_(keychain), note_(std::move(note)), tokens_(clock) {}

  // What to send first: nothing, until the host has asked for something, and nothing again when
  // what it asked for cannot be had any more.
  Authorization Prepare(const AuthTarget& target, const Access& access);

  // What to send after a 401 to `sent`; absent when there is nothing else to try. Errors: those of
  // RequestToken; what an authentication makes impossible is kUnauthenticated, never a code that
  // would speak about the image.
  Result<std::optional<Authorization>> Answer(const AuthTarget& target,
                                              const http::Headers& headers,
                                              const Authorization& sent, const Access& access);

  // Why a registry may have refused us, for a message.
  std::string Hint(const oci::Repository& repository) const;

 private:
  // What a host asked for the last time: a token server, or basic when there is none.
  struct Lesson {
    std::optional<TokenServer> server;
  };

  Result<Authorization> FromServer(const AuthTarget& target, const TokenServer& server,
                                   std::string_view extra_scope, const Authorization* stale,
                                   const Access& access);
  static Authorization FromBasic(const Credential& credential);
  void Learn(const std::string& host, Lesson lesson);
  void Forget(const std::string& host);

  http::Transport& transport_;
  const Keychain& keychain_;
  const Note note_;
  TokenCache tokens_;
  std::mutex mutex_;  // guards lessons_
  std::map<std::string, Lesson> lessons_;
};

}  // namespace xzgate::registry
