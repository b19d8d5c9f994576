#include "scanner/signature/fingerprint.h"

#include <array>

namespace xzgate::signature {

void Fingerprinter::Count(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  hasher_.Update(bytes);
}

}  // namespace xzgate::signature
