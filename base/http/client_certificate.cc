#include "base/http/client_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/http/authority_file.h"

namespace xzgate::http {
namespace {

// OpenSSL would ask the terminal.
int HaveNoPassword(char*, int, int, void*) {
  return -1;
}

Result<std::shared_ptr<evp_pkey_st>> ReadKey(std::string_view pem) {
  const crypto::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  crypto::PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &HaveNoPassword, nullptr));
  ERR_clear_error();
  if (key) return std::shared_ptr<evp_pkey_st>(std::move(key));
  return InvalidArgument(
      "client key: want a private key in PEM form that has no password and is not damaged");
}

}  // namespace

Result<ClientCertificate> ClientCertificate::FromPem(std::string_view certificate_pem,
                                                     std::string_view key_pem) {
  if (certificate_pem.size() + key_pem.size() > kMaxClientCertificateBytes) {
    return ResourceExhausted("client certificate and key: more than " +
                             std::to_string(kMaxClientCertificateBytes) + " bytes");
  }
  ClientCertificate made;
  XZGATE_ASSIGN(auto chain, ParseAuthorities(certificate_pem, "client certificate"));
  for (auto& link : chain) made.chain_.emplace_back(std::move(link));
  XZGATE_ASSIGN(made.key_, ReadKey(key_pem));
  if (X509_check_private_key(made.chain_.front().get(), made.key_.get()) != 1) {
    ERR_clear_error();
    return InvalidArgument("client key: is not the key of the client certificate");
  }
  return made;
}

bool ClientCertificate::GiveTo(ssl_ctx_st* client) const {
  bool taken = SSL_CTX_use_certificate(client, chain_.front().get()) == 1 &&
               SSL_CTX_use_PrivateKey(client, key_.get()) == 1;
  for (std::size_t i = 1; taken && i < chain_.size(); ++i) {
    taken = SSL_CTX_add1_chain_cert(client, chain_[i].get()) == 1;
  }
  if (!taken) ERR_clear_error();
  return taken;
}

}  // namespace xzgate::http
