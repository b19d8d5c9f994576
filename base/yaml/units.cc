#include "base/yaml/units.h"

#include <limits>
#include <span>

#include "base/text.h"

namespace xzgate::yaml {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest to the smallest.
constexpr Unit kTime[] = {
    {"d", 24 * 3600 * 1000}, {"h", 3600 * 1000}, {"m", 60 * 1000}, {"s", 1000}, {"ms", 1}};
constexpr Unit kSize[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}};

std::optional<std::uint64_t> Parse(std::string_view text, std::span<const Unit> units) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto number = ParseUint(text.substr(0, digits));
  const std::string_view name = digits == text.npos ? "" : text.substr(digits);
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

std::string Format(std::uint64_t number, std::span<const Unit> units) {
  const Unit* best = &units.back();
  for (const Unit& unit : units) {
    if (number == 0 || number % unit.factor != 0) continue;
    best = &unit;
    break;
  }
  return std::to_string(number / best->factor) + std::string(best->name);
}

}  // namespace

std::optional<std::int64_t> ParseDuration(std::string_view text) {
  const auto ms = Parse(text, kTime);
  if (!ms || *ms > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*ms);
}

std::optional<std::uint64_t> ParseBytes(std::string_view text) {
  return Parse(text, kSize);
}

std::string FormatDuration(std::int64_t ms) {
  return Format(ms < 0 ? 0 : static_cast<std::uint64_t>(ms), kTime);
}

std::string FormatBytes(std::uint64_t bytes) {
  return Format(bytes, kSize);
}

}  // namespace xzgate::yaml
