#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace xzgate::server {

// A directory that goes away with the test. Confined to one thread.
class TempDirectory {
 public:
  TempDirectory() {
    std::string name = ::testing::TempDir() + "xzgate_server_XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  std::string File(const std::string& name) const { return path_ / name; }

  // Replaces the file as editors and tools do: by renaming a new one over it.
  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path next = path_ / (name + ".new");
    std::ofstream(next, std::ios::binary) << content;
    std::filesystem::rename(next, path_ / name);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace xzgate::server
