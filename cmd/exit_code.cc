#include "cmd/exit_code.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace xzgate::cmd {

int UsageError(std::string_view command, const Error& error) {
  const std::string line = "xzgate " + std::string(command) + ": " + error.message() + "\n";
  std::fputs(line.c_str(), stderr);
  return kUsage;
}

int FinishOutput(int code) {
  errno = 0;
  bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  // Some file systems say only at a close that they could not keep it; ours stays open.
  if (!lost) {
    const int copy = ::dup(STDOUT_FILENO);
    lost = copy >= 0 && ::close(copy) != 0;
  }
  if (!lost) return code;
  const std::string why = errno != 0 ? std::strerror(errno) : "a write failed";
  std::fputs(("xzgate: cannot write to standard output: " + why + "\n").c_str(), stderr);
  return kUndecided;
}

}  // namespace xzgate::cmd
