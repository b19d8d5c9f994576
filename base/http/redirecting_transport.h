#pragma once

#include "base/http/transport.h"

namespace xzgate::http {

inline constexpr int kMaxRedirects = 5;  // hardening.md 8.3

// Follows redirects (301, 302, 303, 307, 308) of GET and HEAD; any other answer, a redirect of POST
// or one without Location passes through. Thread-safe if `inner` is, which must outlive it.
//
// Every hop is a place that an answer named: it gets Reach::kPublicOnly unless it stays at the
// first origin. Authorization and Cookie go when the origin changes and never come back, even if a
// later hop returns to the first origin.
//
// Further errors of Send: kPermissionDenied for https to http, kResourceExhausted for more than
// kMaxRedirects, kInvalidArgument for a Location that is no URL.
class RedirectingTransport final : public Transport {
 public:
  explicit RedirectingTransport(Transport& inner) : inner_(inner) {}
  Result<Response> Send(const Request& request) override;

 private:
  Transport& inner_;
};

}  // namespace xzgate::http
