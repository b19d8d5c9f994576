#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace xzgate::store {

// An exclusive lock on a file of its own, among processes and within one; a process that dies gives
// it back. The file stays. Movable, released with the object.
class FileLock {
 public:
  // Creates the file if it is not there, and waits for another holder at most `patience`. Errors:
  // kDeadlineExceeded when somebody else holds it, kUnavailable when the file cannot be opened.
  static Result<FileLock> Take(const std::string& path, std::chrono::milliseconds patience);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;  // -1 when moved from
};

}  // namespace xzgate::store
