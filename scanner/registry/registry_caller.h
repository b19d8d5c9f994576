#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http/transport.h"
#include "base/result.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/authorizer.h"
#include "scanner/registry/host_windows.h"
#include "scanner/registry/image_source.h"
#include "scanner/registry/keychain.h"
#include "scanner/registry/request_observer.h"

namespace xzgate::registry {

// Which registries there are. Hosts are written as in a reference, with port: "reg.example:5000",
// "docker.io".
struct RegistryOptions {
  std::vector<std::string> plain_http_hosts = {};  // spoken to without TLS
  bool plain_http = false;  // the same for every host (a switch of the command line)
  // May be at any address; others must be public or allowed (design.md section 4).
  std::vector<std::string> configured_hosts = {};
  bool all_configured = false;  // every reference was typed by the operator
};

// One question to a registry. Borrowed for the call.
struct Call {
  const oci::Repository& repository;
  http::Method method = http::Method::kGet;
  http::Url url;
  std::string_view accept = "*/*";
  std::uint64_t min_bytes_per_second = 0;
  const Access& access;
};

// Sends requests to registries with what belongs to each: scheme, reach, authorization, the host's
// window, and the observer told. A request to a token server counts as one to the registry that
// wants the token. Thread-safe; what it is made of must outlive it.
class RegistryCaller {
 public:
  // `observer` may be null.
  RegistryCaller(http::Transport& transport, const Keychain& keychain, const Clock& clock,
                 RegistryOptions options, RequestObserver* observer);
  RegistryCaller(const RegistryCaller&) = delete;
  RegistryCaller& operator=(const RegistryCaller&) = delete;

  // The URL of `below` ("manifests/latest") in a repository. Errors: kInvalidArgument (a host or
  // port that is none).
  Result<http::Url> UrlOf(const oci::Repository& repository, std::string_view below) const;

  // The answer, which is never a 401 that could be helped. At most 3 requests: without a token,
  // with a kept one, with a fresh one. Errors: kUnavailable (the host asked to wait),
  // kUnauthenticated, errors of the transport and of Authorizer.
  Result<http::Response> Send(const Call& call);

  // As RegistryError, with a hint about credentials where it is about them.
  std::unexpected<Error> ToError(const oci::Repository& repository, http::Response& response,
                                 std::string_view where) const;

  std::chrono::milliseconds BusyFor(const std::string& host) const {
    return windows_.BusyFor(host);
  }
  std::vector<std::string> BusyHosts() const { return windows_.BusyHosts(); }

 private:
  static constexpr int kMaxSends = 3;

  bool IsPlainHttp(const std::string& host) const;
  bool IsConfigured(const std::string& host) const;
  HostClass ClassOf(const std::string& host) const;
  Result<http::Response> SendOnce(const Call& call, const AuthTarget& target,
                                  const Authorization& authorization);
  // Whatever came of a request for the sake of `host`: into the metrics, and its window.
  void Note(const std::string& host, const Result<http::Response>& response);

  http::Transport& transport_;
  const RegistryOptions options_;
  const std::set<std::string> plain_http_hosts_;
  const std::set<std::string> configured_hosts_;
  RequestObserver* const observer_;
  HostWindows windows_;
  Authorizer authorizer_;
};

}  // namespace xzgate::registry
