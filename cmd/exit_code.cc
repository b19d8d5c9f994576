#include "cmd/exit_code.h"

#include <cstdio>
#include <string>

namespace xzgate::cmd {

int UsageError(std::string_view command, const Error& error) {
  const std::string line = "xzgate " + std::string(command) + ": " + error.message() + "\n";
  std::fputs(line.c_str(), stderr);
  return kUsage;
}

}  // namespace xzgate::cmd
