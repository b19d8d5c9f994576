// Runs a command to its end and writes what it used to a file, as JSON. A program of its own,
// because the peak memory of a child counts what its parent had when it forked, and Python has
// much.
//
//   run_measured [--no-files] OUT COMMAND ARGUMENT...
//
// With --no-files the command may not write to any file (RLIMIT_FSIZE 0; pipes and terminals are no
// files): what would write a temporary one fails.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

constexpr int kUsage = 2;
constexpr int kNotFound = 127;

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

[[noreturn]] void Become(char** command, bool no_files) {
  const rlimit none = {0, 0};
  if (no_files && setrlimit(RLIMIT_FSIZE, &none) != 0) _exit(kNotFound);
  execvp(command[0], command);
  _exit(kNotFound);
}

}  // namespace

int main(int argc, char** argv) {
  const bool no_files = argc > 1 && std::string_view(argv[1]) == "--no-files";
  char** const words = argv + (no_files ? 2 : 1);
  if (argv + argc - words < 2) {
    std::fputs("usage: run_measured [--no-files] OUT COMMAND ARGUMENT...\n", stderr);
    return kUsage;
  }
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) Become(words + 1, no_files);
  int status = 0;
  rusage used = {};
  if (child < 0 || wait4(child, &status, 0, &used) != child) return kNotFound;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const std::string text = fmt::format(
      R"({{"code":{},"wall":{:.6f},"cpu":{:.6f},"rss_kib":{}}})"
      "\n",
      code, wall.count(), Seconds(used.ru_utime) + Seconds(used.ru_stime), used.ru_maxrss);
  std::FILE* const out = std::fopen(words[0], "w");
  if (out == nullptr || std::fputs(text.c_str(), out) < 0 || std::fclose(out) != 0)
    return kNotFound;
  return 0;
}
