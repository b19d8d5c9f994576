#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tests/bench/event_loop.h"

namespace xzgate::bench {

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

// Trusts the authorities in a PEM file, and resumes no sessions: each handshake is a full one.
Result<TlsContext> MakeTlsContext(const std::string& ca_file);

// Where a client connects to: a port of the loopback, named "localhost" in the certificate.
struct Target {
  EventLoop& loop;
  SSL_CTX& tls;
  std::uint16_t port;
};

// A TLS connection that never blocks. Confined to its loop's thread; may be connected again after
// it closed.
class TlsClient final : public EventLoop::Handler {
 public:
  // Told of what happens; may call Send and Close from within.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnOpen() = 0;
    virtual void OnBytes(std::string_view bytes) = 0;
    virtual void OnSent() {}      // all that Send took is on its way
    virtual void OnClosed() = 0;  // by the other side, or it could not be opened
  };

  TlsClient(const Target& target, Owner& owner) : target_(target), owner_(owner) {}
  ~TlsClient() override;
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void Connect();
  void Send(std::string_view bytes);
  void Close();  // without a word to the owner

  void OnReady() override;

 private:
  bool Step();
  bool Handshake();
  bool Write();
  bool Read();
  bool Fail();
  bool IsPatient(int result) const;

  const Target target_;
  Owner& owner_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  int fd_ = -1;
  bool is_open_ = false;
  bool is_busy_ = false;
  bool is_deaf_ = false;  // the other side takes no more bytes, but may have sent an answer
  std::string out_;
  std::size_t out_at_ = 0;
};

}  // namespace xzgate::bench
