#include "base/http/proxy_settings.h"

#include <algorithm>

#include "base/http/ip_address.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

std::string FirstOf(const std::function<const char*(const char*)>& get, const char* lower,
                    const char* upper) {
  const char* value = get(lower);
  if (value == nullptr) value = get(upper);
  return value == nullptr ? std::string() : std::string(Trim(value));
}

// Removes the port of an entry; false when it is there and is not `port`. An IPv6 address stands in
// brackets if it has a port.
bool TakePort(std::string_view& entry, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  const bool bracketed = entry.starts_with('[');
  const bool one_colon = colon != entry.npos && entry.find(':') == colon;
  if (one_colon || (bracketed && colon != entry.npos && entry[colon - 1] == ']')) {
    if (ParseUint(entry.substr(colon + 1)) != port) return false;
    entry = entry.substr(0, colon);
  }
  if (bracketed && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  return true;
}

bool Covers(std::string_view entry, const Origin& origin) {
  if (entry == "*") return true;
  if (const auto address = IpAddress::Parse(origin.host)) {
    const auto network = IpNetwork::Parse(entry);
    if (network && network->Contains(*address)) return true;
  }
  if (entry.empty() || !TakePort(entry, origin.port)) return false;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (EqualsIgnoreCase(entry, origin.host)) return true;
  const std::string suffix = entry.starts_with('.') ? ToLower(entry) : "." + ToLower(entry);
  return origin.host.ends_with(suffix) || "." + origin.host == suffix;
}

}  // namespace

ProxySettings ProxySettings::FromEnvironment(const std::function<const char*(const char*)>& get) {
  ProxySettings settings;
  settings.https_proxy = FirstOf(get, "https_proxy", "HTTPS_PROXY");
  settings.http_proxy = FirstOf(get, "http_proxy", "HTTP_PROXY");
  const std::string list = FirstOf(get, "no_proxy", "NO_PROXY");
  for (const auto entry : Split(list, ',')) {
    if (!Trim(entry).empty()) settings.no_proxy.emplace_back(Trim(entry));
  }
  return settings;
}

std::optional<std::string> ProxySettings::ProxyFor(const Origin& origin) const {
  const std::string& proxy = origin.scheme == "https" ? https_proxy : http_proxy;
  if (proxy.empty()) return std::nullopt;
  const bool direct = std::any_of(no_proxy.begin(), no_proxy.end(),
                                  [&](const auto& entry) { return Covers(entry, origin); });
  if (direct) return std::nullopt;
  return proxy;
}

}  // namespace xzgate::http
