#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace xzgate {
namespace {

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::string_view kEllipsis = "…";

void AppendHex(std::string& out, unsigned char byte) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (LowerAscii(c) >= 'a' && LowerAscii(c) <= 'f');
}

// Whether a backslash, with `behind` after it, would be read as the begin of an escape, or would
// take the closing quote with it. Anywhere else it shows itself, so that an expression can be
// copied.
bool IsAmbiguousBackslash(std::string_view behind) {
  return behind.empty() ||
         (behind.size() >= 3 && behind[0] == 'x' && IsHexDigit(behind[1]) && IsHexDigit(behind[2]));
}

}  // namespace

// Unicode's Bidi_Control (UAX #9, table 4): U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
// U+2069. U+2028 and U+2029 stand between them. What has no width (U+200B to U+200D, U+2060,
// U+FEFF) would make two names look alike.
bool IsControl(std::string_view character) {
  const auto last = static_cast<unsigned char>(character.back());
  if (character.size() == 1) return last < 0x20 || last == 0x7F;
  if (character.size() == 2)
    return (character[0] == '\xC2' && last < 0xA0) || character == "\u061C";
  if (character.size() != 3) return false;
  const std::string_view front = character.substr(0, 2);
  return (front == "\xE2\x80" &&
          ((last >= 0x8B && last <= 0x8F) || (last >= 0xA8 && last <= 0xAE))) ||
         (front == "\xE2\x81" && (last == 0xA0 || (last >= 0xA6 && last <= 0xA9))) ||
         character == "\uFEFF";
}

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (text.size() < length || at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::string Escape(std::string_view text, std::size_t max_bytes) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size() && at < max_bytes) {
    const std::size_t length = Utf8Length(text.substr(at));
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    const bool hides =
        character == "\"" || (character == "\\" && IsAmbiguousBackslash(text.substr(at + 1)));
    if (length > 0 && !IsControl(character) && !hides) {
      out += character;
    } else {
      for (const char c : character) AppendHex(out, static_cast<unsigned char>(c));
    }
    at += character.size();
  }
  if (at < text.size()) out += kEllipsis;
  return out;
}

std::string EscapeOnce(std::string_view text, std::size_t max_bytes) {
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = Utf8Length(rest);
    if (length == 0 || IsControl(rest.substr(0, length))) return Escape(text, max_bytes);
    rest.remove_prefix(length);
  }
  return Truncate(text, max_bytes);
}

std::string Quote(std::string_view text, std::size_t max_bytes) {
  return '"' + Escape(text, max_bytes) + '"';
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string Truncate(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  if (max_bytes < kEllipsis.size()) return std::string();
  std::size_t keep = max_bytes - kEllipsis.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0) == 0x80) --keep;
  return std::string(text.substr(0, keep)) + std::string(kEllipsis);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), LowerAscii);
  return out;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return LowerAscii(x) == LowerAscii(y);
         });
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::optional<std::uint64_t> ParseUint(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One row of the usual table: reachable[j] says whether the pattern so far matches the first j
// characters.
bool GlobMatches(std::string_view pattern, std::string_view text) {
  std::vector<bool> reachable(text.size() + 1, false);
  reachable[0] = true;
  for (std::size_t p = 0; p < pattern.size(); ++p) {
    const bool star = pattern[p] == '*';
    const bool deep = star && p + 1 < pattern.size() && pattern[p + 1] == '*';
    if (deep) ++p;
    if (star) {
      for (std::size_t j = 0; j < text.size(); ++j) {
        if (reachable[j] && (deep || text[j] != '/')) reachable[j + 1] = true;
      }
      continue;
    }
    for (std::size_t j = text.size(); j > 0; --j) {
      const bool same = pattern[p] == '?' ? text[j - 1] != '/' : pattern[p] == text[j - 1];
      reachable[j] = reachable[j - 1] && same;
    }
    reachable[0] = false;
  }
  return reachable[text.size()];
}

}  // namespace xzgate
