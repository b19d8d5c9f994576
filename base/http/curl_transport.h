#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http/address_guard.h"
#include "base/http/client_certificate.h"
#include "base/http/proxy_settings.h"
#include "base/http/system_authorities.h"
#include "base/http/transport.h"

namespace xzgate::http {

// Most bytes of a body that wait in memory for their reader; the peer is held back beyond that.
inline constexpr std::size_t kMaxBufferedBody = 256 * 1024;

// How CurlTransport connects. The defaults are those of hardening.md 8.3.
struct CurlOptions {
  // PEM files with authorities that are trusted besides the system's.
  std::vector<std::string> ca_files = {};
  std::string ca_pem = {};  // the same as text
  // Where those of the system are; those that libcurl was built with when not set.
  std::optional<SystemAuthorities> system_authorities = {};
  // What we show a server that asks who we are.
  std::optional<ClientCertificate> client_certificate = {};
  // The name that is asked for and verified in TLS, whatever host a URL names; empty: the URL's.
  std::string tls_server_name = {};
  ProxySettings proxy = {};
  AddressGuard guard = {};
  // Plain http is refused unless one of these allows it. A host stands alone or with ":port".
  bool plain_http_everywhere = false;
  std::vector<std::string> plain_http_hosts = {};
  // Look-up, TCP and TLS together.
  std::chrono::milliseconds connect_timeout{5'000};
  // From the request's last byte to the last byte of the answer's head: a head may not drip either.
  std::chrono::milliseconds head_timeout{15'000};
  // The span over which Request::min_bytes_per_second is measured.
  std::chrono::milliseconds speed_window{30'000};
  std::string user_agent = "xzgate";
  // Connections that are kept for the next request when nobody uses them.
  std::size_t max_idle = 16;
};

// Transport over libcurl: TLS 1.2 or newer and always verified, HTTP/1.1, no redirects, no cookies,
// no content encodings. Thread-safe. A request is driven by the thread that calls Send and then by
// the one that reads the body, so no thread and at most kMaxBufferedBody belong to it in between.
// A body may outlive the transport, not the clock.
//
// Further errors of Send: kPermissionDenied (plain http that is not allowed, the address guard),
// kUnsupported (an encoded answer), kInvalidArgument (a request header with a control byte).
class CurlTransport final : public Transport {
 public:
  // Reads the CA files. Errors: as ReadFile, kInvalidArgument for a file without a certificate.
  static Result<std::unique_ptr<CurlTransport>> Create(CurlOptions options, const Clock& clock);
  ~CurlTransport() override;
  Result<Response> Send(const Request& request) override;

  // Ends what is under way, within a second, and what comes later, with kUnavailable: a peer that
  // keeps silent must not hold up the end of the process.
  void Stop();

  struct Context;  // what transfers share; curl_context.h

 private:
  explicit CurlTransport(std::shared_ptr<Context> context);
  // Shared with the bodies, which may live longer.
  std::shared_ptr<Context> context_;
};

}  // namespace xzgate::http
