#include "scanner/store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "base/text.h"

namespace xzgate::store {
namespace {

constexpr std::chrono::milliseconds kLookAgain{10};

}  // namespace

Result<FileLock> FileLock::Take(const std::string& path, std::chrono::milliseconds patience) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd_ < 0) {
    return Unavailable("lock " + Quote(path) + ": cannot open: " + std::strerror(errno));
  }
  for (auto left = patience; ::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0; left -= kLookAgain) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Unavailable("lock " + Quote(path) + ": " + std::strerror(errno));
    }
    if (left <= std::chrono::milliseconds(0)) {
      return DeadlineExceeded("lock " + Quote(path) + " is held by another process");
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace xzgate::store
