#include "scanner/layer/tar_header.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"

namespace xzgate::layer {

namespace {

// Where a field stands in the block (POSIX.1 pax, "ustar Header Block"; the old GNU fields share
// the prefix's place).
struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field kName = {0, 100};
constexpr Field kSize = {124, 12};
constexpr Field kChecksum = {148, 8};
constexpr std::size_t kType = 156;
constexpr Field kLink = {157, 100};
constexpr Field kMagic = {257, 8};
constexpr Field kPrefix = {345, 155};
constexpr Field kStarPrefix = {345, 131};
constexpr Field kStarTrailer = {508, 4};
constexpr Field kGnuAccessTime = {345, 12};
constexpr Field kGnuChangeTime = {357, 12};

constexpr std::string_view kUstarMagic{"ustar\0", 6};
constexpr std::string_view kGnuMagic{"ustar  \0", 8};
constexpr std::string_view kStarTrailerText{"tar\0", 4};

constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();

Bytes At(Bytes block, Field field) {
  return block.subspan(field.at, field.size);
}

std::unexpected<Error> BadNumber(Bytes field, std::string_view what) {
  return Integrity("tar header: " + std::string(what) + " is " + Quote(AsText(field)) +
                   ", want an octal or a non-negative base-256 number");
}

Result<std::uint64_t> ParseBase256(Bytes field, std::string_view what) {
  if ((field[0] & 0x40) != 0) return BadNumber(field, what);  // negative
  std::uint64_t value = field[0] & 0x3F;
  for (const std::uint8_t byte : field.subspan(1)) {
    if (value > (kMaxNumber >> 8)) return BadNumber(field, what);
    value = value << 8 | byte;
  }
  return value;
}

// Old GNU headers have no prefix. Go's reader takes one all the same when the times that lie there
// are no numbers (it once wrote such files), and so must we: the name decides what a file is.
bool HasStrayPrefix(Bytes block) {
  const auto is_bad = [](Bytes time) { return time[0] != 0 && !ParseTarNumber(time, "time"); };
  return is_bad(At(block, kGnuAccessTime)) || is_bad(At(block, kGnuChangeTime));
}

std::string_view PrefixOf(Bytes block, bool is_gnu) {
  if (is_gnu) {
    const std::string_view stray = ParseTarText(At(block, kPrefix));
    const bool is_ascii = std::all_of(stray.begin(), stray.end(),
                                      [](char c) { return static_cast<signed char>(c) > 0; });
    return is_ascii && HasStrayPrefix(block) ? stray : std::string_view();
  }
  if (!AsText(At(block, kMagic)).starts_with(kUstarMagic)) return {};  // version 7
  const bool is_star = AsText(At(block, kStarTrailer)) == kStarTrailerText;
  return ParseTarText(At(block, is_star ? kStarPrefix : kPrefix));
}

}  // namespace

bool IsZeroBlock(Bytes block) {
  return block.empty() ||
         (block[0] == 0 && std::memcmp(block.data(), block.data() + 1, block.size() - 1) == 0);
}

bool HasTarChecksum(Bytes block) {
  const auto want = ParseTarNumber(At(block, kChecksum), "checksum");
  if (!want) return false;
  std::int64_t as_unsigned = 8 * ' ';  // the field itself counts as spaces
  std::int64_t as_signed = as_unsigned;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (i >= kChecksum.at && i < kChecksum.at + kChecksum.size) continue;
    as_unsigned += block[i];
    as_signed += static_cast<std::int8_t>(block[i]);
  }
  const auto sum = static_cast<std::int64_t>(*want);
  return sum == as_unsigned || sum == as_signed;
}

Result<TarHeader> ParseTarHeader(Bytes block) {
  TarHeader header;
  header.type = static_cast<char>(block[kType]);
  header.is_gnu = AsText(At(block, kMagic)) == kGnuMagic;
  XZGATE_ASSIGN(header.size, ParseTarNumber(At(block, kSize), "size"));
  const std::string_view prefix = PrefixOf(block, header.is_gnu);
  if (!prefix.empty()) header.name.append(prefix).append("/");
  header.name += ParseTarText(At(block, kName));
  header.link = ParseTarText(At(block, kLink));
  return header;
}

Result<std::uint64_t> ParseTarNumber(Bytes field, std::string_view what) {
  if ((field[0] & 0x80) != 0) return ParseBase256(field, what);
  std::size_t at = 0;
  while (at < field.size() && (field[at] == ' ' || field[at] == 0)) ++at;
  std::uint64_t value = 0;  // 12 octal digits are 36 bits: no overflow
  for (; at < field.size() && field[at] != ' ' && field[at] != 0; ++at) {
    if (field[at] < '0' || field[at] > '7') return BadNumber(field, what);
    value = value << 3 | static_cast<std::uint64_t>(field[at] - '0');
  }
  while (at < field.size() && field[at] == ' ') ++at;
  if (at < field.size() && field[at] != 0) return BadNumber(field, what);  // "12 3"
  return value;
}

std::string_view ParseTarText(Bytes field) {
  const std::string_view text = AsText(field);
  return text.substr(0, text.find('\0'));
}

}  // namespace xzgate::layer
