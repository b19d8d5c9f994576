#include "webhook/server/certificate_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <chrono>
#include <ctime>
#include <utility>

#include "base/crypto/openssl_error.h"

namespace xzgate::server {
namespace {

using crypto::BioPtr;
using crypto::DrainOpensslErrors;
using crypto::PkeyPtr;
using crypto::X509Ptr;

constexpr std::chrono::minutes kClockSkew{5};

BioPtr Open(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Result<std::vector<X509Ptr>> ReadChain(std::string_view pem) {
  const BioPtr bio = Open(pem);
  std::vector<X509Ptr> chain;
  while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (chain.size() == kMaxChainLength) {
      return InvalidArgument("want at most " + std::to_string(kMaxChainLength) + " certificates");
    }
    chain.push_back(std::move(next));
  }
  // The loop ends with an error in any case; only "no further PEM block" is the good one.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = DrainOpensslErrors();
  if (chain.empty()) return InvalidArgument("no certificate in PEM form found");
  if (!at_end) return InvalidArgument("malformed certificate: " + why);
  return chain;
}

// Called when a key is encrypted; we have nobody to ask.
int NoPassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<PkeyPtr> ReadKey(std::string_view pem) {
  const BioPtr bio = Open(pem);
  bool asked = false;
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, &asked));
  const std::string why = DrainOpensslErrors();
  if (asked) return PermissionDenied("private key is encrypted; want one without a password");
  if (!key) return InvalidArgument("no private key in PEM form found (" + why + ")");
  return key;
}

Result<WallTime> ToWallTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return InvalidArgument("malformed validity of a certificate");
  }
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

Result<WallTime> CheckValidity(const X509* leaf, WallTime now) {
  XZGATE_ASSIGN(const WallTime not_before, ToWallTime(X509_get0_notBefore(leaf)));
  XZGATE_ASSIGN(const WallTime not_after, ToWallTime(X509_get0_notAfter(leaf)));
  if (now >= not_after) return Unavailable("certificate expired at " + ToRfc3339(not_after));
  if (now + kClockSkew < not_before) {
    return Unavailable("certificate is not valid before " + ToRfc3339(not_before));
  }
  return not_after;
}

// Chooses http/1.1 whatever else is offered; without it the handshake fails with
// no_application_protocol (RFC 7301, section 3.2). A client that offers nothing goes on as
// HTTP/1.1.
int SelectHttp11(SSL*, const unsigned char** out, unsigned char* out_length,
                 const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr std::string_view kProtocol = "http/1.1";
  const std::string_view list(reinterpret_cast<const char*>(offered), offered_length);
  for (std::size_t at = 0; at < list.size();) {
    const auto length = static_cast<unsigned char>(list[at]);
    if (list.substr(at + 1, length) == kProtocol) {
      *out = offered + at + 1;
      *out_length = length;
      return SSL_TLSEXT_ERR_OK;
    }
    at += 1U + length;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void Configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(context,
                          "ECDHE+AESGCM:ECDHE+CHACHA20");  // TLS 1.2: AEAD with forward secrecy
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, SelectHttp11, nullptr);
}

}  // namespace

Result<CertificatePair> ParseCertificatePair(std::string_view chain_pem, std::string_view key_pem,
                                             WallTime now) {
  ERR_clear_error();
  XZGATE_ASSIGN(std::vector<X509Ptr> chain, ReadChain(chain_pem));
  XZGATE_ASSIGN(PkeyPtr key, ReadKey(key_pem));
  X509Ptr leaf = std::move(chain.front());
  chain.erase(chain.begin());
  if (X509_check_private_key(leaf.get(), key.get()) != 1) {
    ERR_clear_error();
    return Integrity("private key does not belong to the certificate");
  }
  XZGATE_ASSIGN(const WallTime not_after, CheckValidity(leaf.get(), now));
  return CertificatePair{.leaf = std::move(leaf),
                         .chain = std::move(chain),
                         .key = std::move(key),
                         .not_after = not_after};
}

Result<std::shared_ptr<SSL_CTX>> MakeServerContext(const CertificatePair& pair) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Internal("no TLS context: " + DrainOpensslErrors());
  Configure(context.get());
  if (SSL_CTX_use_certificate(context.get(), pair.leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), pair.key.get()) != 1) {
    return InvalidArgument("certificate refused: " + DrainOpensslErrors());
  }
  for (const X509Ptr& between : pair.chain) {
    if (SSL_CTX_add1_chain_cert(context.get(), between.get()) != 1) {
      return InvalidArgument("chain certificate refused: " + DrainOpensslErrors());
    }
  }
  return context;
}

}  // namespace xzgate::server
