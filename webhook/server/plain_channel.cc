#include "webhook/server/plain_channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace xzgate::server {

IoResult PlainChannel::Read(std::span<char> into) {
  const ssize_t count = ::recv(fd_, into.data(), into.size(), 0);
  if (count > 0) return {Io::kDone, static_cast<std::size_t>(count)};
  if (count == 0) return {Io::kEnd, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Io::kWantRead, 0};
  return {Io::kFailed, 0};
}

IoResult PlainChannel::Write(std::string_view bytes) {
  const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return {Io::kDone, static_cast<std::size_t>(count)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Io::kWantWrite, 0};
  return {Io::kFailed, 0};
}

void PlainChannel::EndWriting() {
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace xzgate::server
