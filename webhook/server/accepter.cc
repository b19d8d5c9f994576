#include "webhook/server/accepter.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace xzgate::server {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<SocketAddress> ParseAddress(const std::string& address, std::uint16_t port) {
  SocketAddress parsed;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&parsed.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    parsed.size = sizeof(sockaddr_in);
    return parsed;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&parsed.storage);
  if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    parsed.size = sizeof(sockaddr_in6);
    return parsed;
  }
  return InvalidArgument("listen address " + Quote(address) + ": want an IP address");
}

std::string PeerText(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = nullptr;
  if (storage.ss_family == AF_INET) {
    address = &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr;
  } else if (storage.ss_family == AF_INET6) {
    address = &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  }
  if (address == nullptr) return "";
  return ::inet_ntop(storage.ss_family, address, text.data(), text.size()) != nullptr ? text.data()
                                                                                      : "";
}

UniqueFd OpenReserve() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int SystemAccept(int listening, void* address, unsigned* address_size) {
  return ::accept4(listening, static_cast<sockaddr*>(address), address_size,
                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

bool IsReadable(int fd) {
  pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) == 1;
}

// accept(2): the pending network errors of a new socket are to be treated like "try again".
Accepter::Outcome OutcomeOf(int error) {
  switch (error) {
    case EAGAIN:
      return Accepter::Outcome::kEmpty;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPERM:
      return Accepter::Outcome::kRetry;
    case EMFILE:
    case ENFILE:
      return Accepter::Outcome::kExhausted;
    default:
      return Accepter::Outcome::kPause;
  }
}

}  // namespace

Result<UniqueFd> ListenOn(const std::string& address, std::uint16_t port) {
  XZGATE_ASSIGN(const SocketAddress where, ParseAddress(address, port));
  const auto failed = [&](int error) {
    const auto code = error == EACCES ? ErrorCode::kPermissionDenied : ErrorCode::kUnavailable;
    return std::unexpected(Error(code, "cannot listen on " + Quote(address) + " port " +
                                           std::to_string(port) + ": " +
                                           std::generic_category().message(error)));
  };
  UniqueFd fd(::socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.IsOpen()) return failed(errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.storage.ss_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where.storage), where.size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return failed(errno);
  }
  return fd;
}

std::uint16_t BoundPort(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

Accepter::Accepter(UniqueFd listening) : Accepter(std::move(listening), SystemAccept) {}

Accepter::Accepter(UniqueFd listening, AcceptCall accept)
    : listening_(std::move(listening)), accept_(std::move(accept)), reserve_(OpenReserve()) {}

Accepter::Accepted Accepter::Next() {
  sockaddr_storage storage{};
  unsigned size = sizeof storage;
  UniqueFd socket(accept_(listening_.get(), &storage, &size));
  if (!socket.IsOpen()) {
    const int error = errno;
    Outcome outcome = OutcomeOf(error);
    // The kernel looks for a free descriptor first, and only then for a connection: there may be
    // none to make room for.
    if (outcome == Outcome::kExhausted && !IsReadable(listening_.get())) outcome = Outcome::kEmpty;
    return {.outcome = outcome, .socket = {}, .peer = {}, .error = error};
  }
  if (!reserve_.IsOpen()) reserve_ = OpenReserve();
  // Without it every second answer on a kept connection costs 44 ms (hardening.md, section 0).
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {.outcome = Outcome::kAccepted,
          .socket = std::move(socket),
          .peer = PeerText(storage),
          .error = 0};
}

bool Accepter::RefuseOne() {
  if (!reserve_.IsOpen()) return false;
  reserve_.Reset();
  UniqueFd refused(accept_(listening_.get(), nullptr, nullptr));
  const bool had_one = refused.IsOpen();
  refused.Reset();
  reserve_ = OpenReserve();
  return had_one;
}

}  // namespace xzgate::server
