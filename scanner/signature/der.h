#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xzgate::signature::der {

// Just enough of DER (X.690, section 10) to take an element out of a structure and leave all others
// as they are to the byte; OpenSSL reads what they mean.

inline constexpr std::uint8_t kSequence = 0x30;
// [n], constructed: EXPLICIT, or IMPLICIT of something constructed.
constexpr std::uint8_t Context(unsigned n) {
  return static_cast<std::uint8_t>(0xA0 | n);
}

// Borrows from the text it was read from.
struct Element {
  std::uint8_t tag = 0;
  std::string_view content;
  std::string_view whole;  // tag, length and content
};

// The elements of `bytes`, one after another to its end; absent when they are not in DER, or have
// tags above 30 or more than 2^32-1 bytes.
std::optional<std::vector<Element>> Read(std::string_view bytes);
// What is inside of `bytes`, which is one element with this tag; absent as in Read.
std::optional<std::vector<Element>> ReadInside(std::string_view bytes, std::uint8_t tag);

// The element with this tag and these parts in it.
std::string Encode(std::uint8_t tag, const std::vector<Element>& parts);
std::string Encode(std::uint8_t tag, std::string_view content);

}  // namespace xzgate::signature::der
