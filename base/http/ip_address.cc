#include "base/http/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace xzgate::http {

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != copy.npos) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) return address;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) != 1) return std::nullopt;
  address.bits_ = 128;
  return address;
}

std::optional<IpAddress> IpAddress::ParseLegacy(std::string_view text) {
  if (auto address = Parse(text)) return address;
  // inet_aton stops at white space and takes what follows for a comment: only digits may pass.
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x' ||
           c == 'X' || c == '.';
  });
  in_addr parsed = {};
  if (text.empty() || !digits || ::inet_aton(std::string(text).c_str(), &parsed) == 0) {
    return std::nullopt;
  }
  IpAddress address;
  std::memcpy(address.bytes_.data(), &parsed, sizeof(parsed));
  return address;
}

std::optional<IpAddress> IpAddress::FromSockaddr(const sockaddr* address) {
  IpAddress result;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    std::memcpy(result.bytes_.data(), &v4->sin_addr, sizeof(v4->sin_addr));
    return result;
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  std::memcpy(result.bytes_.data(), &v6->sin6_addr, sizeof(v6->sin6_addr));
  result.bits_ = 128;
  return result;
}

std::optional<IpAddress> IpAddress::EmbeddedV4() const {
  static constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0,    0,
                                                           0, 0, 0, 0, 0xFF, 0xFF};
  static constexpr std::array<std::uint8_t, 12> kNat64 = {0, 0x64, 0xFF, 0x9B};
  if (is_v4()) return std::nullopt;
  const auto starts_with = [this](const auto& prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes_.begin());
  };
  if (!starts_with(kMapped) && !starts_with(kNat64)) return std::nullopt;
  IpAddress inner;
  std::copy(bytes_.begin() + 12, bytes_.end(), inner.bytes_.begin());
  return inner;
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  ::inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

Result<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address) {
    return InvalidArgument("network " + Quote(text) + ": want an address such as 10.0.0.0/8");
  }
  int prefix = address->bits();
  if (slash != text.npos) {
    const auto length = ParseUint(text.substr(slash + 1));
    if (!length || *length > static_cast<std::uint64_t>(address->bits())) {
      return InvalidArgument("network " + Quote(text) + ": want a prefix length of 0 to " +
                             std::to_string(address->bits()));
    }
    prefix = static_cast<int>(*length);
  }
  for (int bit = prefix; bit < address->bits(); ++bit) {
    if ((address->bytes_[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0) {
      return InvalidArgument("network " + Quote(text) + ": bits are set after the prefix of " +
                             std::to_string(prefix));
    }
  }
  return IpNetwork(*address, prefix);
}

bool IpNetwork::Contains(const IpAddress& address) const {
  if (address.bits() != base_.bits()) return false;
  const auto whole = static_cast<std::size_t>(prefix_ / 8);
  if (!std::equal(base_.bytes_.begin(), base_.bytes_.begin() + prefix_ / 8,
                  address.bytes_.begin())) {
    return false;
  }
  if (prefix_ % 8 == 0) return true;
  const int shift = 8 - prefix_ % 8;
  return base_.bytes_[whole] >> shift == address.bytes_[whole] >> shift;
}

std::string IpNetwork::ToString() const {
  return base_.ToString() + "/" + std::to_string(prefix_);
}

}  // namespace xzgate::http
