#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/openssl_ptr.h"
#include "base/text.h"

namespace xzgate::testing {

// How a client connects.
struct ClientOptions {
  bool plain = false;  // no TLS
  std::vector<std::string> alpn = {"http/1.1"};
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
};

// One answer as it came over the wire.
struct ClientAnswer {
  int status = 0;
  std::string head;
  std::string body;
  bool closes() const { return head.find("Connection: close") != std::string::npos; }
};

// An HTTP/1.1 client on loopback that never blocks, so that one test thread drives hundreds of
// them; link OpenSSL::SSL. It checks no certificate: tests look at peer_name(). Confined to one
// thread.
//
//   HttpClient client(port);
//   client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
//   ASSERT_TRUE(RunUntil({&client}, [&] { return client.answers().size() == 1; }));
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, const ClientOptions& options = {}) {
    std::signal(SIGPIPE, SIG_IGN);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      Fail("connect");
    }
    if (!options.plain) MakeTls(options);
  }
  ~HttpClient() { Close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Queues bytes; they go out as the connection takes them.
  void Send(std::string_view bytes) { out_ += bytes; }

  // Everything that is possible now.
  void Advance() {
    if (IsOver()) return;
    if (ssl_ && !ready_) Handshake();
    if (!ssl_) ready_ = true;
    if (!ready_ || IsOver()) return;
    Write();
    while (!IsOver() && Read()) {
    }
  }

  // What poll should look for; 0 when over.
  short Events() const {
    if (IsOver()) return 0;
    const bool writes = !out_.empty() || (!ready_ && wants_write_);
    return static_cast<short>(POLLIN | (writes ? POLLOUT : 0));
  }

  // Ends without a goodbye.
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    closed_ = true;
  }

  int fd() const { return fd_; }
  bool ready() const { return ready_; }    // connected, and the handshake is done
  bool closed() const { return closed_; }  // by the peer, in order
  bool failed() const { return !failure_.empty(); }
  bool IsOver() const { return closed_ || failed(); }
  const std::string& failure() const { return failure_; }
  bool sent_all() const { return out_.empty(); }
  const std::vector<ClientAnswer>& answers() const { return answers_; }
  const std::string& unread() const { return in_; }  // bytes that are no whole answer

  std::string alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string tls_version() const { return SSL_get_version(ssl_.get()); }
  // The common name of the server's certificate.
  std::string peer_name() const {
    const crypto::X509Ptr peer(SSL_get1_peer_certificate(ssl_.get()));
    std::array<char, 256> name{};
    if (peer) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name.data(),
                                name.size());
    }
    return name.data();
  }

 private:
  void MakeTls(const ClientOptions& options) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context_.get(), options.min_version);
    SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    // Level 0, so that old versions are refused by the server and not by ourselves.
    if (options.min_version < TLS1_2_VERSION) SSL_CTX_set_security_level(context_.get(), 0);
    std::string protocols;
    for (const std::string& name : options.alpn) protocols += static_cast<char>(name.size()) + name;
    SSL_CTX_set_alpn_protos(context_.get(),
                            reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    SSL_set_connect_state(ssl_.get());
  }

  void Handshake() {
    if (Check(SSL_do_handshake(ssl_.get()), "handshake")) ready_ = true;
  }

  void Write() {
    while (!out_.empty()) {
      std::size_t count = 0;
      if (ssl_) {
        if (!Check(SSL_write_ex(ssl_.get(), out_.data(), out_.size(), &count), "write")) return;
      } else {
        const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
        if (sent < 0) {
          if (errno != EAGAIN) FailAfterReading("write");
          return;
        }
        count = static_cast<std::size_t>(sent);
      }
      out_.erase(0, count);
    }
  }

  bool Read() {
    std::array<char, 16 * 1024> buffer;
    std::size_t count = 0;
    if (ssl_) {
      if (!Check(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count), "read"))
        return false;
    } else {
      const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got == 0) closed_ = true;
      if (got < 0 && errno != EAGAIN) Fail("read");
      if (got <= 0) return false;
      count = static_cast<std::size_t>(got);
    }
    in_.append(buffer.data(), count);
    CutAnswers();
    return true;
  }

  // True when the call did something; else it has to be made again, or the client is over.
  bool Check(int returned, const char* what) {
    if (returned == 1) return true;
    switch (SSL_get_error(ssl_.get(), returned)) {
      case SSL_ERROR_WANT_READ:
        wants_write_ = false;
        return false;
      case SSL_ERROR_WANT_WRITE:
        wants_write_ = true;
        return false;
      case SSL_ERROR_ZERO_RETURN:
        closed_ = true;
        return false;
      default:
        Fail(what);
        return false;
    }
  }

  // A server that refuses answers before it has read everything: what it said may still be there.
  void FailAfterReading(const char* what) {
    while (!IsOver() && Read()) {
    }
    if (!closed_) Fail(what);
  }

  void Fail(const char* what) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    ERR_clear_error();
    failure_ = std::string(what) + ": " + text.data() + ", errno " + std::to_string(errno);
  }

  void CutAnswers() {
    for (;;) {
      const std::size_t end = in_.find("\r\n\r\n");
      if (end == std::string::npos) return;
      ClientAnswer answer{
          .status = std::stoi(in_.substr(9, 3)), .head = in_.substr(0, end + 4), .body = {}};
      static constexpr std::string_view kLength = "Content-Length: ";
      const std::size_t at = answer.head.find(kLength);
      const std::size_t size =
          at == std::string::npos ? 0 : std::stoul(answer.head.substr(at + kLength.size()));
      if (in_.size() < end + 4 + size) return;
      answer.body = in_.substr(end + 4, size);
      in_.erase(0, end + 4 + size);
      answers_.push_back(std::move(answer));
    }
  }

  int fd_ = -1;
  crypto::SslCtxPtr context_;
  crypto::SslPtr ssl_;
  bool ready_ = false;
  bool wants_write_ = true;
  bool closed_ = false;
  std::string failure_;
  std::string out_;
  std::string in_;
  std::vector<ClientAnswer> answers_;
};

// Drives clients until `done`; false after `patience`, which only a broken server needs.
inline bool RunUntil(const std::vector<HttpClient*>& clients, const std::function<bool()>& done,
                     std::chrono::seconds patience = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    std::vector<pollfd> polled;
    for (HttpClient* client : clients) {
      client->Advance();
      if (!client->IsOver()) polled.push_back({client->fd(), client->Events(), 0});
    }
    if (done()) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(polled.data(), polled.size(), 100);
  }
}

}  // namespace xzgate::testing
