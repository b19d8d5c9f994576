#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/ip_address.h"
#include "base/result.h"

namespace xzgate::http {

// What an address is set apart for, such as "loopback (RFC 1122)"; absent for a public address. An
// address that carries an IPv4 address inside (mapped, NAT64) is what the inner address is.
std::optional<std::string_view> SpecialPurpose(const IpAddress& address);

inline bool IsPublicAddress(const IpAddress& address) {
  return !SpecialPurpose(address);
}

// Decides where a request with Reach::kPublicOnly may connect (design.md section 4). A value;
// thread-compatible.
class AddressGuard {
 public:
  // Public addresses only.
  AddressGuard() = default;

  // `allowed_cidrs` as IpNetwork::Parse reads them; `allowed_hosts` are host names in which `*`
  // stands for any run of characters. Errors: kInvalidArgument naming the entry.
  static Result<AddressGuard> Create(const std::vector<std::string>& allowed_cidrs,
                                     const std::vector<std::string>& allowed_hosts);

  // For the address that a connection for `host` is about to use: the one look-up that counts, so
  // that a name which changes its address between check and use gains nothing.
  // Errors: kPermissionDenied naming host, address and the settings that would allow it.
  Result<void> Check(std::string_view host, const IpAddress& address) const;

  // For a host that a proxy looks up: refuses what is a special address by its spelling alone, in
  // any notation, and the names that RFC 6761 gives to loopback. Errors as Check.
  Result<void> CheckName(std::string_view host) const;

 private:
  bool IsAllowedHost(std::string_view host) const;
  std::vector<IpNetwork> allowed_networks_;
  std::vector<std::string> allowed_hosts_;  // lower case
};

}  // namespace xzgate::http
