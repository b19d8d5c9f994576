#pragma once

#include <cstdint>

namespace xzgate::cmd {

// How a command prints what it found: for people, or for programs.
enum class OutputFormat : std::uint8_t { kTable, kJson };

}  // namespace xzgate::cmd
