#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;  // EVP_PKEY
struct ssl_ctx_st;   // SSL_CTX
struct x509_st;      // X509

namespace xzgate::http {

// A chain and a key together; a large RSA key has 13 KiB, a chain rarely more than three links.
inline constexpr std::size_t kMaxClientCertificateBytes = 256 * 1024;

// A certificate with its key by which a TLS client says who it is. A value: immutable, cheap to
// copy (copies share the key), thread-safe. Nothing prints the key.
class ClientCertificate {
 public:
  // `certificate_pem`: the certificate, then at will those that lead to its authority. `key_pem`:
  // one private key without a password; more may stand around it (EC parameters). Errors, never
  // with content: kInvalidArgument (damage, a password, a key of another certificate),
  // kResourceExhausted.
  static Result<ClientCertificate> FromPem(std::string_view certificate_pem,
                                           std::string_view key_pem);

  // Makes a TLS client show it; false when OpenSSL refuses (too weak a key for its settings).
  bool GiveTo(ssl_ctx_st* client) const;

 private:
  ClientCertificate() = default;
  std::vector<std::shared_ptr<x509_st>> chain_;  // its own certificate first
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace xzgate::http
