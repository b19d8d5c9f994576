#include "cmd/registry_settings.h"

#include <algorithm>

#include "base/http/ip_address.h"
#include "base/text.h"
#include "scanner/oci/reference.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kHostForm =
    "want HOST or HOST:PORT as references spell it, such as \"reg.example\", \"reg:5000\" or "
    "\"docker.io\"";
constexpr std::string_view kHostPatternForm =
    "want a host name without scheme, port and path, such as \"cdn.example\" or \"*.example\"";

bool HasPortInRange(std::string_view host) {
  const auto colon = host.rfind(':');
  if (colon == host.npos || host.ends_with(']')) return true;
  const auto port = ParseUint(host.substr(colon + 1));
  return port && *port >= 1 && *port <= 65'535;
}

// A registry is known by the host that its references have once they are normalised.
Result<void> CheckHost(const std::string& text) {
  const std::string host = ToLower(text);
  const auto reference = oci::Reference::Parse(host + "/repository");
  if (!reference || reference->repository().host != host)
    return InvalidArgument(std::string(kHostForm) + ", found " + Quote(text));
  if (!HasPortInRange(host))
    return InvalidArgument("want a port from 1 to 65535, found " + Quote(text));
  return {};
}

// A host of `allowedHosts`, in which `*` stands for any run of characters.
Result<void> CheckHostPattern(const std::string& text) {
  const bool well_formed = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.*?").find(c) != std::string_view::npos;
  });
  if (text.empty() || !well_formed)
    return InvalidArgument(std::string(kHostPatternForm) + ", found " + Quote(text));
  return {};
}

Result<void> CheckNetwork(const std::string& text) {
  XZGATE_RETURN_IF_ERROR(http::IpNetwork::Parse(text));
  return {};
}

// A list of text whose entries `check` is asked about, each at its own place.
void ReadChecked(yaml::Mapping& map, std::string_view key,
                 Result<void> (*check)(const std::string&), std::vector<std::string>& out) {
  map.Optional(key, out);
  const yaml::Node* list = map.node().Find(key);
  if (list == nullptr) return;
  for (const yaml::Node& item : list->items()) {
    if (!item.IsScalar()) continue;  // Optional has said so
    if (const auto checked = check(item.scalar()); !checked)
      item.Complain(map.problems(), checked.error().message());
  }
}

}  // namespace

void ReadRegistries(yaml::Mapping& map, RegistriesConfig& out) {
  ReadChecked(map, "hosts", CheckHost, out.hosts);
  ReadChecked(map, "allowedHosts", CheckHostPattern, out.allowed_hosts);
  ReadChecked(map, "allowedCIDRs", CheckNetwork, out.allowed_cidrs);
  map.Optional("ca", out.ca);
  ReadChecked(map, "plainHTTP", CheckHost, out.plain_http);
  map.Optional("dockerConfig", out.docker_config);
  map.Optional("concurrency", out.concurrency, 1, 256);
}

}  // namespace xzgate::cmd
