#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace xzgate::testing {

bool Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Peer::Reset() {
  const linger hard = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  keep_ = false;
}

bool Peer::StartTls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), fd_);
  return SSL_accept(ssl_.get()) == 1;
}

std::optional<std::string> Peer::ReadHead() {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    const auto count = ssl_ ? SSL_read(ssl_.get(), &byte, 1) : ::recv(fd_, &byte, 1, 0);
    if (count != 1) return std::nullopt;
    head.push_back(byte);
  }
  return head;
}

LoopbackServer::LoopbackServer(std::optional<TestCertificate> tls, Handler handler)
    : handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write to a client that left
  if (tls) tls_ = MakeServerTls(*tls);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  accept_thread_ = std::thread([this] { Accept(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    for (const int fd : fds_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  accept_thread_.join();
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

void LoopbackServer::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stop_) {
      ::close(fd);
      return;
    }
    fds_.push_back(fd);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void LoopbackServer::Serve(int fd) {
  Peer peer(fd);
  const bool ready = !tls_ || peer.StartTls(tls_.get());
  while (ready && peer.keep_) {
    const auto head = peer.ReadHead();
    if (!head) break;
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(*head);
    }
    handler_(peer, *head);
  }
  peer.ssl_.reset();
  const std::lock_guard lock(mutex_);
  std::erase(fds_, fd);
  ::close(fd);
}

std::string LoopbackServer::Url(const std::string& path, const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
}

std::vector<std::string> LoopbackServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

int LoopbackServer::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

crypto::SslCtxPtr MakeServerTls(const TestCertificate& certificate) {
  crypto::SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  const crypto::BioPtr certificate_bio(BIO_new_mem_buf(certificate.CertificatePem().c_str(), -1));
  const crypto::BioPtr key_bio(BIO_new_mem_buf(certificate.KeyPem().c_str(), -1));
  const crypto::X509Ptr leaf(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  const crypto::PkeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (SSL_CTX_use_certificate(context.get(), leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    std::abort();
  }
  return context;
}

std::string Answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace xzgate::testing
