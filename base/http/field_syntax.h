#pragma once

#include <algorithm>
#include <string_view>

namespace xzgate::http {

// The characters of a header, for those who read one and those who write one. Pure functions;
// thread-safe. Header-only, so that webhook/server shares them without libcurl.

// RFC 9110, section 5.6.2: tchar.
constexpr bool IsHttpTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// RFC 9110, section 5.6.2: token; a method or the name of a header.
constexpr bool IsHttpToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsHttpTokenCharacter);
}

// RFC 9110, section 5.5: visible characters, spaces, tabs and obs-text; so neither NUL nor a line
// end.
constexpr bool IsHttpFieldCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

constexpr bool IsHttpFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsHttpFieldCharacter);
}

}  // namespace xzgate::http
