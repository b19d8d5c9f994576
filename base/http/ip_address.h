#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::http {

// An IPv4 or IPv6 address. A value; thread-compatible.
class IpAddress {
 public:
  // Dotted decimal with four parts, or IPv6 text without brackets and zone; absent otherwise.
  static std::optional<IpAddress> Parse(std::string_view text);

  // Also the old spellings that a system resolver takes for an IPv4 address without a look-up, such
  // as "2130706433", "0177.1" and "0x7f.0.0.1" (inet_aton); absent for a name.
  static std::optional<IpAddress> ParseLegacy(std::string_view text);

  // Absent for a family other than AF_INET and AF_INET6.
  static std::optional<IpAddress> FromSockaddr(const sockaddr* address);

  bool is_v4() const { return bits_ == 32; }
  int bits() const { return bits_; }  // 32 or 128

  // The IPv4 address to which packets for this IPv6 address go: IPv4-mapped (RFC 4291, 2.5.5.2) and
  // NAT64 (RFC 6052, 2.1). Absent for every other address.
  std::optional<IpAddress> EmbeddedV4() const;

  std::string ToString() const;
  auto operator<=>(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  int bits_ = 32;
  std::array<std::uint8_t, 16> bytes_ = {};  // network order; an IPv4 address in the first four
};

// A block of addresses. A value; thread-compatible.
class IpNetwork {
 public:
  // "10.0.0.0/8" or "fd00::/8"; an address alone is a block of one. Bits after the prefix must be
  // 0. Errors: kInvalidArgument.
  static Result<IpNetwork> Parse(std::string_view text);

  // False when the families differ.
  bool Contains(const IpAddress& address) const;

  std::string ToString() const;
  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpNetwork(IpAddress base, int prefix) : base_(base), prefix_(prefix) {}
  IpAddress base_;
  int prefix_;
};

}  // namespace xzgate::http
