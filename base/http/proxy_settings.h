#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/http/url.h"

namespace xzgate::http {

// Which proxy a request goes through. A value; thread-compatible.
struct ProxySettings {
  std::string https_proxy =
      {};                       // proxy URL for https requests, empty for none; may hold a password
  std::string http_proxy = {};  // the same for http requests
  // Hosts that are reached directly: "*"; "example.com" and ".example.com" (the name and what lies
  // below it); an address; a network such as "10.0.0.0/8"; each with ":port" at will (not
  // networks).
  std::vector<std::string> no_proxy = {};

  // HTTPS_PROXY, HTTP_PROXY and NO_PROXY (a list with commas); lower-case names win, as in curl.
  // `get` reads one variable, null if it is not set.
  static ProxySettings FromEnvironment(const std::function<const char*(const char*)>& get);

  // The proxy for this origin; absent for a direct connection.
  std::optional<std::string> ProxyFor(const Origin& origin) const;
};

}  // namespace xzgate::http
