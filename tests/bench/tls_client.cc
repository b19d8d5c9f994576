#include "tests/bench/tls_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/text.h"

namespace xzgate::bench {
namespace {

constexpr int kStepsInATurn = 16;

int ConnectLoopback(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Whether that is under way or has failed, the handshake will tell.
  (void)connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return fd;
}

}  // namespace

Result<TlsContext> MakeTlsContext(const std::string& ca_file) {
  TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context || SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1)
    return InvalidArgument("authorities " + Quote(ca_file) + ": cannot be read");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

TlsClient::~TlsClient() {
  Close();
}

void TlsClient::Connect() {
  Close();
  fd_ = ConnectLoopback(target_.port);
  ssl_.reset(SSL_new(&target_.tls));
  if (fd_ < 0 || !ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1 ||
      SSL_set1_host(ssl_.get(), "localhost") != 1 ||
      SSL_set_tlsext_host_name(ssl_.get(), "localhost") != 1 || !target_.loop.Watch(fd_, *this)) {
    Fail();
    return;
  }
  SSL_set_connect_state(ssl_.get());
}

void TlsClient::Close() {
  ssl_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  is_open_ = is_deaf_ = false;
  out_.clear();
  out_at_ = 0;
}

void TlsClient::Send(std::string_view bytes) {
  out_ += bytes;
  OnReady();
}

void TlsClient::OnReady() {
  if (fd_ < 0 || is_busy_) return;
  is_busy_ = true;
  bool goes_on = true;
  for (int step = 0; step < kStepsInATurn && goes_on && fd_ >= 0; ++step) goes_on = Step();
  is_busy_ = false;
  if (goes_on && fd_ >= 0) target_.loop.Again(*this);
}

bool TlsClient::Step() {
  if (!is_open_) return Handshake();
  const bool wrote = Write();
  return fd_ >= 0 && (Read() || wrote);
}

bool TlsClient::Handshake() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_.get());
  if (result != 1) return IsPatient(result) ? false : Fail();
  is_open_ = true;
  owner_.OnOpen();
  return true;
}

bool TlsClient::Write() {
  if (is_deaf_ || out_.empty()) return false;
  ERR_clear_error();
  const std::string_view left = std::string_view(out_).substr(out_at_);
  const int result = SSL_write(ssl_.get(), left.data(), static_cast<int>(left.size()));
  if (result <= 0) {
    is_deaf_ = !IsPatient(result);
    return false;
  }
  out_at_ += static_cast<std::size_t>(result);
  if (out_at_ == out_.size()) {
    out_.clear();
    out_at_ = 0;
    owner_.OnSent();
  }
  return true;
}

bool TlsClient::Read() {
  ERR_clear_error();
  std::array<char, 16 * 1024> bytes;
  const int result = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (result <= 0) return IsPatient(result) ? false : Fail();
  owner_.OnBytes({bytes.data(), static_cast<std::size_t>(result)});
  return true;
}

bool TlsClient::Fail() {
  Close();
  owner_.OnClosed();
  return false;
}

bool TlsClient::IsPatient(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

}  // namespace xzgate::bench
