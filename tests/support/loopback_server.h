#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/crypto/openssl_ptr.h"
#include "tests/support/test_certificates.h"

namespace xzgate::testing {

// One client of a LoopbackServer, for its handler. Used by that connection's thread only.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  // Sends all bytes as they are; false when the client is gone.
  bool Send(std::string_view bytes);
  // Ends the connection when the handler returns.
  void Close() { keep_ = false; }
  // The same with a reset instead of an orderly end.
  void Reset();
  // Continues with TLS (after a CONNECT, for instance); false when the handshake failed.
  bool StartTls(SSL_CTX* context);

 private:
  friend class LoopbackServer;
  std::optional<std::string> ReadHead();
  int fd_;
  crypto::SslPtr ssl_;
  bool keep_ = true;
};

// A server on 127.0.0.1, port 0, that gives whatever bytes a test wants. The handler is called once
// for each request head ("GET /path HTTP/1.1\r\n...\r\n\r\n"; a request's body is not read), in the
// thread of its connection. Everything ends, and is joined, in the destructor.
class LoopbackServer {
 public:
  using Handler = std::function<void(Peer& peer, const std::string& head)>;

  // With `tls` the server speaks TLS from the first byte.
  LoopbackServer(std::optional<TestCertificate> tls, Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const { return port_; }
  // "https://127.0.0.1:port" + path, http without TLS.
  std::string Url(const std::string& path, const std::string& host = "127.0.0.1") const;
  SSL_CTX* tls() const { return tls_.get(); }

  std::vector<std::string> heads() const;  // of all requests so far
  int connections() const;                 // accepted so far

 private:
  void Accept();
  void Serve(int fd);

  crypto::SslCtxPtr tls_;
  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // guards what follows, not accept_thread_
  std::vector<std::string> heads_;
  std::vector<int> fds_;  // open until the destructor
  std::vector<std::thread> threads_;
  bool stop_ = false;
  std::thread accept_thread_;
};

// A server-side TLS context for a certificate.
crypto::SslCtxPtr MakeServerTls(const TestCertificate& certificate);

// An answer with a Content-Length; `headers` are whole lines with line ends.
std::string Answer(int status, const std::string& body, const std::string& headers = "");

}  // namespace xzgate::testing
