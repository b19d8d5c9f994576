#pragma once

#include <functional>
#include <memory>

#include "base/crypto/openssl_ptr.h"
#include "webhook/server/channel.h"
#include "webhook/server/plain_channel.h"

namespace xzgate::server {

// A Channel with TLS over a non-blocking socket. Confined to one thread; borrows the descriptor.
class TlsChannel final : public Channel {
 public:
  // Gives the context of the moment; null while there is no certificate.
  using ContextSource = std::function<std::shared_ptr<SSL_CTX>()>;

  // The context is asked for when the first bytes are there, not when the connection is: a
  // handshake always uses the newest certificate.
  TlsChannel(int fd, ContextSource context);

  Io Handshake() override;
  IoResult Read(std::span<char> into) override;
  IoResult Write(std::string_view bytes) override;
  void EndWriting() override;
  IoResult Discard(std::span<char> scratch) override;

 private:
  bool Open();
  Io Outcome(int returned);

  const int fd_;
  PlainChannel plain_;  // below the TLS, for what comes after it
  const ContextSource context_;
  crypto::SslPtr ssl_;
};

}  // namespace xzgate::server
