#pragma once

#include <string_view>

#include "base/result.h"

namespace xzgate::cmd {

// What a process of ours returns (docs/configuration.md has the table).
inline constexpr int kNothingFound = 0;
inline constexpr int kFindings = 1;
inline constexpr int kUsage = 2;  // also a bad configuration, and a service that could not start
inline constexpr int kUndecided = 3;

// Says "xzgate COMMAND: MESSAGE" on standard error; returns kUsage.
int UsageError(std::string_view command, const Error& error);

}  // namespace xzgate::cmd
