#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"

namespace xzgate::crypto {

enum class Algorithm : std::uint8_t { kSha1, kSha256, kSha384, kSha512 };

// "sha256".
std::string_view ToString(Algorithm algorithm);

// Bytes of output: 20, 32, 48, 64.
std::size_t DigestSize(Algorithm algorithm);

// Hashes a stream piece by piece through OpenSSL (which uses the CPU's SHA instructions). Confined
// to one thread.
class Hasher {
 public:
  explicit Hasher(Algorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(Bytes bytes);

  // The digest as lower-case hex. Call once; the hasher then starts afresh.
  std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string HashHex(Algorithm algorithm, Bytes bytes);
// The digest as its raw bytes.
std::string HashBytes(Algorithm algorithm, Bytes bytes);

std::string HexEncode(Bytes bytes);  // lower case
// Absent unless `hex` is an even number of hex digits of either case.
std::optional<std::string> HexDecode(std::string_view hex);

std::string Base64Encode(Bytes bytes);  // RFC 4648, section 4, padded
// Absent for anything but padded standard base64 in its one spelling: unused bits are zero.
std::optional<std::string> Base64Decode(std::string_view text);
// The same in either alphabet of RFC 4648 (sections 4 and 5), not both, with all of its padding.
std::optional<std::string> Base64DecodeAnyAlphabet(std::string_view text);

}  // namespace xzgate::crypto
