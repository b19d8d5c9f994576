#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xzgate::yaml {

// Amounts as people write them in configuration. Pure functions; thread-safe. Absent: not of the
// form, or beyond 64 bits.

// "250ms", "90s", "5m", "2h", "1d": a whole number and its unit, in milliseconds.
std::optional<std::int64_t> ParseDuration(std::string_view text);

// "4096", "64KiB", "7MiB", "1GiB": in bytes.
std::optional<std::uint64_t> ParseBytes(std::string_view text);

// The shortest form that the parsers read back.
std::string FormatDuration(std::int64_t ms);
std::string FormatBytes(std::uint64_t bytes);

}  // namespace xzgate::yaml
