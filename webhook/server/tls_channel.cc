#include "webhook/server/tls_channel.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace xzgate::server {

TlsChannel::TlsChannel(int fd, ContextSource context)
    : fd_(fd), plain_(fd), context_(std::move(context)) {}

bool TlsChannel::Open() {
  const std::shared_ptr<SSL_CTX> context = context_();
  if (!context) return false;
  ssl_.reset(SSL_new(context.get()));  // takes a reference of its own to the context
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) return false;
  SSL_set_accept_state(ssl_.get());
  return true;
}

Io TlsChannel::Handshake() {
  if (!ssl_) {
    char first = 0;
    const ssize_t count = ::recv(fd_, &first, 1, MSG_PEEK);
    if (count == 0) return Io::kEnd;
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Io::kWantRead : Io::kFailed;
    if (!Open()) return Io::kFailed;
  }
  ERR_clear_error();
  return Outcome(SSL_do_handshake(ssl_.get()));
}

IoResult TlsChannel::Read(std::span<char> into) {
  std::size_t count = 0;
  ERR_clear_error();
  const Io io = Outcome(SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
  return {io, count};
}

IoResult TlsChannel::Write(std::string_view bytes) {
  std::size_t count = 0;
  ERR_clear_error();
  const Io io = Outcome(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
  return {io, count};
}

// Errors of one connection must not be read as those of the next: the queue is emptied before each
// call and after each failure.
Io TlsChannel::Outcome(int returned) {
  if (returned == 1) return Io::kDone;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Io::kEnd;
    default:
      ERR_clear_error();
      return Io::kFailed;
  }
}

void TlsChannel::EndWriting() {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  plain_.EndWriting();
}

IoResult TlsChannel::Discard(std::span<char> scratch) {
  return plain_.Discard(scratch);
}

}  // namespace xzgate::server
