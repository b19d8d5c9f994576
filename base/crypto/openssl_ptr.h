#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace xzgate::crypto {

// Owns an OpenSSL handle; the only way such a handle is held in xzgate (style rule 24).
template <typename T, void (*Free)(T*)>
struct OpensslFree {
  void operator()(T* handle) const { Free(handle); }
};

inline void FreeBio(BIO* bio) {
  BIO_free_all(bio);
}

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO, FreeBio>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX, EVP_MD_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509, X509_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX, SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL, SSL_free>>;

}  // namespace xzgate::crypto
