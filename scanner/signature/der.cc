#include "scanner/signature/der.h"

namespace xzgate::signature::der {
namespace {

constexpr std::uint8_t kLongTag = 0x1F;
constexpr std::uint8_t kLongLength = 0x80;
constexpr std::size_t kMaxLengthBytes = 4;

// Takes the length off the front; absent when it is not the shortest spelling.
std::optional<std::size_t> TakeLength(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if (first < kLongLength) return first;
  const std::size_t count = first & ~kLongLength;
  if (count == 0 || count > kMaxLengthBytes || bytes.size() < count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i)
    length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
  const bool has_zero_in_front = bytes.front() == 0;
  bytes.remove_prefix(count);
  if (has_zero_in_front || length < kLongLength) return std::nullopt;
  return length;
}

// Takes one element off the front.
std::optional<Element> Take(std::string_view& bytes) {
  const std::string_view from = bytes;
  const auto tag = static_cast<std::uint8_t>(bytes.front());
  if ((tag & kLongTag) == kLongTag) return std::nullopt;
  bytes.remove_prefix(1);
  const auto length = TakeLength(bytes);
  if (!length || *length > bytes.size()) return std::nullopt;
  const std::string_view content = bytes.substr(0, *length);
  bytes.remove_prefix(*length);
  return Element{
      .tag = tag, .content = content, .whole = from.substr(0, from.size() - bytes.size())};
}

void AppendLength(std::string& out, std::size_t length) {
  if (length < kLongLength) {
    out += static_cast<char>(length);
    return;
  }
  std::string digits;
  for (std::size_t rest = length; rest > 0; rest >>= 8)
    digits.insert(digits.begin(), static_cast<char>(rest & 0xFF));
  out += static_cast<char>(kLongLength | digits.size());
  out += digits;
}

}  // namespace

std::optional<std::vector<Element>> Read(std::string_view bytes) {
  std::vector<Element> elements;
  while (!bytes.empty()) {
    const auto element = Take(bytes);
    if (!element) return std::nullopt;
    elements.push_back(*element);
  }
  return elements;
}

std::optional<std::vector<Element>> ReadInside(std::string_view bytes, std::uint8_t tag) {
  if (bytes.empty()) return std::nullopt;
  const auto element = Take(bytes);
  if (!element || element->tag != tag || !bytes.empty()) return std::nullopt;
  return Read(element->content);
}

std::string Encode(std::uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  AppendLength(out, content.size());
  out += content;
  return out;
}

std::string Encode(std::uint8_t tag, const std::vector<Element>& parts) {
  std::string content;
  for (const Element& part : parts) content += part.whole;
  return Encode(tag, content);
}

}  // namespace xzgate::signature::der
