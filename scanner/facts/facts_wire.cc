#include "scanner/facts/facts_wire.h"

namespace xzgate::facts {

std::uint8_t Reader::Byte() {
  if (rest_.empty()) {
    Fail();
    return 0;
  }
  const auto byte = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::uint64_t Reader::Number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = Byte();
    value |= (byte & 0x7F) << shift;
    const bool is_last = (byte & 0x80) == 0;
    if (is_last && shift == 63 && byte > 1) break;  // a 65th bit
    if (is_last) return value;
  }
  Fail();
  return 0;
}

bool Reader::Flag() {
  const std::uint8_t byte = Byte();
  if (byte > 1) Fail();
  return byte == 1;
}

std::string Reader::Text() {
  const std::uint64_t size = Number();
  if (size > rest_.size()) {
    Fail();
    return "";
  }
  std::string text(rest_.substr(0, static_cast<std::size_t>(size)));
  rest_.remove_prefix(text.size());
  return text;
}

}  // namespace xzgate::facts
