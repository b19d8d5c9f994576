#include "tests/support/signing/test_der.h"

#include <charconv>
#include <chrono>
#include <vector>

#include "tests/support/signing/require.h"

namespace xzgate::testing::der {
namespace {

std::string Constructed(std::uint8_t tag, std::initializer_list<std::string_view> parts) {
  std::string content;
  for (const std::string_view part : parts) content += part;
  return Tlv(tag, content);
}

std::string Base128(std::uint64_t number) {
  std::string out(1, static_cast<char>(number & 0x7F));
  while (number >>= 7) out.insert(out.begin(), static_cast<char>((number & 0x7F) | 0x80));
  return out;
}

// Where the content of the first element starts, and how long it is.
struct Header {
  std::size_t start = 0;
  std::size_t size = 0;
};
Header ReadHeader(std::string_view bytes) {
  Require(bytes.size() >= 2);
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (at(1) < 0x80) return {2, at(1)};
  Header header{std::size_t{2} + (at(1) & 0x7FU), 0};
  for (std::size_t i = 2; i < header.start; ++i) header.size = header.size * 256 + at(i);
  Require(header.start + header.size <= bytes.size());
  return header;
}

void AppendDigits(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace

std::string Tlv(std::uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    out += static_cast<char>(content.size());
  } else {
    std::string length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8)
      length.insert(length.begin(), static_cast<char>(rest & 0xFF));
    out += static_cast<char>(0x80 + length.size());
    out += length;
  }
  out += content;
  return out;
}

std::string Sequence(std::initializer_list<std::string_view> parts) {
  return Constructed(0x30, parts);
}

std::string Set(std::initializer_list<std::string_view> parts) {
  return Constructed(0x31, parts);
}

std::string Oid(std::string_view dotted) {
  std::vector<std::uint64_t> arcs;
  while (!dotted.empty()) {
    const std::string_view arc = dotted.substr(0, dotted.find('.'));
    Require(std::from_chars(arc.data(), arc.data() + arc.size(), arcs.emplace_back()).ec ==
            std::errc());
    dotted.remove_prefix(arc.size() < dotted.size() ? arc.size() + 1 : arc.size());
  }
  Require(arcs.size() >= 2);
  std::string content = Base128(arcs[0] * 40 + arcs[1]);
  for (std::size_t i = 2; i < arcs.size(); ++i) content += Base128(arcs[i]);
  return Tlv(0x06, content);
}

std::string Integer(std::int64_t value) {
  std::string content;
  do {
    content.insert(content.begin(), static_cast<char>(value & 0xFF));
    value >>= 8;
  } while (value != 0 && value != -1);
  const bool negative = (static_cast<std::uint8_t>(content[0]) & 0x80) != 0;
  if (negative != (value < 0)) content.insert(content.begin(), value < 0 ? '\xFF' : '\0');
  return Tlv(0x02, content);
}

std::string Boolean(bool value) {
  return Tlv(0x01, value ? "\xFF" : std::string_view("\0", 1));
}

std::string Null() {
  return Tlv(0x05, "");
}

std::string OctetString(std::string_view content) {
  return Tlv(0x04, content);
}

std::string Utf8String(std::string_view text) {
  return Tlv(0x0C, text);
}

std::string GeneralizedTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  std::string text;
  AppendDigits(text, year / 100);
  AppendDigits(text, year % 100);
  AppendDigits(text, static_cast<unsigned>(date.month()));
  AppendDigits(text, static_cast<unsigned>(date.day()));
  AppendDigits(text, static_cast<unsigned>(clock.hours().count()));
  AppendDigits(text, static_cast<unsigned>(clock.minutes().count()));
  AppendDigits(text, static_cast<unsigned>(clock.seconds().count()));
  return Tlv(0x18, text + "Z");
}

std::string Explicit(unsigned n, std::string_view content) {
  return Tlv(static_cast<std::uint8_t>(0xA0 + n), content);
}

std::string_view First(std::string_view content) {
  const Header header = ReadHeader(content);
  return content.substr(0, header.start + header.size);
}

std::string_view Inside(std::string_view content) {
  const Header header = ReadHeader(content);
  return content.substr(header.start, header.size);
}

}  // namespace xzgate::testing::der
