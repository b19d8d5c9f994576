#pragma once

#include <string_view>

#include "base/result.h"

namespace xzgate::cmd {

// What a process of ours returns (docs/configuration.md has the table).
inline constexpr int kNothingFound = 0;
inline constexpr int kFindings = 1;
inline constexpr int kUsage = 2;  // also a bad configuration, and a service that could not start
inline constexpr int kUndecided = 3;  // also a report that could not be written

// Says "xzgate COMMAND: MESSAGE" on standard error; returns kUsage.
int UsageError(std::string_view command, const Error& error);

// The last act of a command that ends with `code`: writes out what is left of standard output.
// Returns `code`, or kUndecided with a line on standard error when any of the output was lost (a
// full disk): nobody may take silence for "nothing found".
int FinishOutput(int code);

}  // namespace xzgate::cmd
