#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace xzgate::http {

// RFC 9110, section 4.1 asks for 8,000 bytes at least; signed storage URLs run to about 3,000.
inline constexpr std::size_t kMaxUrlBytes = 8 * 1024;

// Scheme, host and port: what credentials and trust are bound to. A value.
struct Origin {
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;

  std::string ToString() const;  // "https://host:port", an IPv6 host in brackets
  auto operator<=>(const Origin&) const = default;
};

// An absolute http or https URL whose path and query are kept byte for byte (signed storage URLs
// break otherwise: hardening.md 2.7). A value; never holds user information or a fragment.
class Url {
 public:
  // Errors: kInvalidArgument for anything but an absolute http(s) URL of at most kMaxUrlBytes with
  // a valid host and port (1 to 65535), for user information, a fragment, control bytes, spaces and
  // bytes outside ASCII. The message never holds the query or the user information.
  static Result<Url> Parse(std::string_view text);

  // RFC 3986, section 5.2 for a reference found in an answer (Location, Link). Dot segments are
  // removed from a reference without a scheme; an absolute URL keeps every byte. Errors as Parse.
  Result<Url> Resolve(std::string_view reference) const;

  const Origin& origin() const { return origin_; }
  const std::string& target() const { return target_; }  // path and query, starts with '/'
  // The form Parse reads; the port is left out where it is the scheme's own.
  std::string ToString() const;
  // Without the query, for logs: signed URLs carry secrets there.
  std::string ToRedacted() const;

  bool operator==(const Url&) const = default;

 private:
  Url(Origin origin, std::string target) : origin_(std::move(origin)), target_(std::move(target)) {}
  Origin origin_;
  std::string target_;
};

}  // namespace xzgate::http
