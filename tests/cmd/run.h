#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cmd/command_line.h"

namespace xzgate::cmd {

// What one command line gave.
struct Ran {
  int code;
  std::string out;
  std::string err;
};

// Runs `xzgate WORD…` in this process.
inline Ran RunXzgate(std::vector<std::string> words) {
  words.insert(words.begin(), "xzgate");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = RunCommandLine(static_cast<int>(arguments.size()), arguments.data());
  std::string out = ::testing::internal::GetCapturedStdout();
  std::string err = ::testing::internal::GetCapturedStderr();
  return {code, std::move(out), std::move(err)};
}

}  // namespace xzgate::cmd
