#include "base/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace xzgate {

MemorySource::MemorySource(std::string bytes, std::size_t chunk)
    : bytes_(std::move(bytes)), chunk_(std::max<std::size_t>(chunk, 1)) {}

Result<std::size_t> MemorySource::Read(std::span<std::uint8_t> into) {
  const std::size_t count = std::min({into.size(), chunk_, bytes_.size() - at_});
  std::memcpy(into.data(), bytes_.data() + at_, count);
  at_ += count;
  return count;
}

namespace {

std::unexpected<Error> NotAFile(const std::string& path) {
  return InvalidArgument("cannot read " + Quote(path) + ": want a regular file");
}

std::unexpected<Error> OpenError(const std::string& path, int error) {
  const std::string message = "cannot read " + Quote(path) + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return NotFound(message);
    case EACCES:
    case EPERM:
      return PermissionDenied(message);
    case ENXIO:  // a socket, or a device without a driver
      return NotAFile(path);
    default:
      return Unavailable(message);
  }
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path) {
  // Without O_NONBLOCK a FIFO would hold us until somebody writes to it; regular files ignore it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return OpenError(path, errno);
  struct stat info = {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return NotAFile(path);
  }
  return std::unique_ptr<FileSource>(
      new FileSource(fd, path, static_cast<std::uint64_t>(info.st_size)));
}

FileSource::~FileSource() {
  ::close(fd_);
}

Result<std::size_t> FileSource::Read(std::span<std::uint8_t> into) {
  while (true) {
    const ssize_t count = ::read(fd_, into.data(), into.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return OpenError(path_, errno);
  }
}

Result<std::string> ReadAll(ByteSource& source, std::size_t max_bytes, std::string_view what) {
  std::string all;
  std::array<std::uint8_t, 16 * 1024> buffer;
  while (true) {
    XZGATE_ASSIGN(const std::size_t count, source.Read(buffer));
    if (count == 0) return all;
    if (count > max_bytes - all.size()) {
      return ResourceExhausted(std::string(what) + ": more than " + std::to_string(max_bytes) +
                               " bytes");
    }
    all.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
}

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  XZGATE_ASSIGN(auto source, FileSource::Open(path));
  return ReadAll(*source, max_bytes, "file " + Quote(path));
}

}  // namespace xzgate
