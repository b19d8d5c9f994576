#include "base/http/address_guard.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::http {
namespace {

struct SpecialBlock {
  IpNetwork network;
  std::string_view purpose;
};

SpecialBlock Block(std::string_view network, std::string_view purpose) {
  return {*IpNetwork::Parse(network), purpose};
}

// The IANA IPv4 and IPv6 special-purpose address registries (RFC 6890, RFC 8190) as of 2024-10, the
// blocks that are not globally reachable. More narrow blocks come first: the first match names it.
const std::vector<SpecialBlock>& SpecialBlocks() {
  static const std::vector<SpecialBlock> blocks = {
      Block("0.0.0.0/8", "unspecified (RFC 1122)"),
      Block("10.0.0.0/8", "private (RFC 1918)"),
      Block("100.64.0.0/10", "shared by carriers (RFC 6598)"),
      Block("127.0.0.0/8", "loopback (RFC 1122)"),
      Block("168.63.129.16/32", "platform service of a cloud"),  // Azure's host agent
      Block("169.254.169.254/32", "cloud metadata"),
      Block("169.254.0.0/16", "link-local (RFC 3927)"),
      Block("172.16.0.0/12", "private (RFC 1918)"),
      Block("192.0.0.0/24", "protocol assignments (RFC 6890)"),
      Block("192.0.2.0/24", "documentation (RFC 5737)"),
      Block("192.88.99.0/24", "6to4 relay (RFC 7526)"),
      Block("192.168.0.0/16", "private (RFC 1918)"),
      Block("198.18.0.0/15", "benchmarking (RFC 2544)"),
      Block("198.51.100.0/24", "documentation (RFC 5737)"),
      Block("203.0.113.0/24", "documentation (RFC 5737)"),
      Block("224.0.0.0/4", "multicast (RFC 5771)"),
      Block("255.255.255.255/32", "broadcast (RFC 919)"),
      Block("240.0.0.0/4", "reserved (RFC 1112)"),
      Block("::/128", "unspecified (RFC 4291)"),
      Block("::1/128", "loopback (RFC 4291)"),
      Block("::/96", "IPv4-compatible (RFC 4291)"),
      Block("64:ff9b:1::/48", "local NAT64 (RFC 8215)"),
      Block("100::/64", "discard-only (RFC 6666)"),
      // Teredo and 6to4 carry IPv4 addresses; no registry lives there, so they are refused whole.
      Block("2001::/32", "Teredo (RFC 4380)"),
      Block("2001::/23", "protocol assignments (RFC 2928)"),
      Block("2001:db8::/32", "documentation (RFC 3849)"),
      Block("2002::/16", "6to4 (RFC 3056)"),
      Block("3fff::/20", "documentation (RFC 9637)"),
      Block("5f00::/16", "segment routing (RFC 9602)"),
      Block("fc00::/7", "unique local (RFC 4193)"),
      Block("fe80::/10", "link-local (RFC 4291)"),
      Block("fec0::/10", "site-local (RFC 3879)"),
      Block("ff00::/8", "multicast (RFC 4291)"),
  };
  return blocks;
}

// Only 2000::/3 is given out (RFC 4291, section 2.4; IANA's IPv6 address space registry).
const IpNetwork& GlobalUnicastV6() {
  static const IpNetwork network = *IpNetwork::Parse("2000::/3");
  return network;
}

std::unexpected<Error> Refused(std::string_view host, std::string_view address,
                               std::string_view purpose) {
  const Error error(ErrorCode::kPermissionDenied,
                    "will not connect to " + std::string(address) + " for host " + Quote(host) +
                        ": " + std::string(purpose) +
                        ", want a public address or one that registries.allowedCIDRs or "
                        "registries.allowedHosts names");
  return std::unexpected(error.WithKind(ErrorKind::kAddressRefused));
}

}  // namespace

std::optional<std::string_view> SpecialPurpose(const IpAddress& address) {
  const IpAddress effective = address.EmbeddedV4().value_or(address);
  for (const auto& block : SpecialBlocks()) {
    if (block.network.Contains(effective)) return block.purpose;
  }
  if (!effective.is_v4() && !GlobalUnicastV6().Contains(effective)) return "unassigned (RFC 4291)";
  return std::nullopt;
}

Result<AddressGuard> AddressGuard::Create(const std::vector<std::string>& allowed_cidrs,
                                          const std::vector<std::string>& allowed_hosts) {
  AddressGuard guard;
  for (const auto& text : allowed_cidrs) {
    auto network = IpNetwork::Parse(text);
    if (!network) return Annotate(network.error(), "registries.allowedCIDRs");
    guard.allowed_networks_.push_back(*network);
  }
  for (const auto& host : allowed_hosts) {
    if (host.empty() || host.find_first_of("/:@ ") != host.npos) {
      return InvalidArgument("registries.allowedHosts: host " + Quote(host) +
                             ": want a host name without scheme, port and path");
    }
    guard.allowed_hosts_.push_back(ToLower(host));
  }
  return guard;
}

Result<void> AddressGuard::Check(std::string_view host, const IpAddress& address) const {
  const auto purpose = SpecialPurpose(address);
  if (!purpose || IsAllowedHost(host)) return {};
  const auto inner = address.EmbeddedV4();
  const bool allowed =
      std::any_of(allowed_networks_.begin(), allowed_networks_.end(), [&](const auto& network) {
        return network.Contains(address) || (inner && network.Contains(*inner));
      });
  if (allowed) return {};
  return Refused(host, address.ToString(), *purpose);
}

Result<void> AddressGuard::CheckName(std::string_view host) const {
  if (const auto address = IpAddress::ParseLegacy(host)) return Check(host, *address);
  const std::string name = ToLower(host);
  const bool local = name == "localhost" || name.ends_with(".localhost");
  if (!local || IsAllowedHost(host)) return {};
  return Refused(host, "loopback", "a name of this machine (RFC 6761)");
}

bool AddressGuard::IsAllowedHost(std::string_view host) const {
  const std::string name = ToLower(host);
  return std::any_of(allowed_hosts_.begin(), allowed_hosts_.end(),
                     [&](const auto& pattern) { return GlobMatches(pattern, name); });
}

}  // namespace xzgate::http
