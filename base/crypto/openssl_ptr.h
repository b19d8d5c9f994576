#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/ssl.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

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

// Frees the list, not the certificates in it, which are borrowed.
inline void FreeX509List(STACK_OF(X509) * list) {
  sk_X509_free(list);
}

using Asn1ObjectPtr = std::unique_ptr<ASN1_OBJECT, OpensslFree<ASN1_OBJECT, ASN1_OBJECT_free>>;
using Asn1OctetStringPtr =
    std::unique_ptr<ASN1_OCTET_STRING, OpensslFree<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BIGNUM, BN_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO, FreeBio>>;
using EssCertPtr =
    std::unique_ptr<ESS_SIGNING_CERT, OpensslFree<ESS_SIGNING_CERT, ESS_SIGNING_CERT_free>>;
using EssCertV2Ptr = std::unique_ptr<ESS_SIGNING_CERT_V2,
                                     OpensslFree<ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free>>;
using ExtendedKeyUsagePtr =
    std::unique_ptr<EXTENDED_KEY_USAGE, OpensslFree<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>>;
using GeneralNamesPtr =
    std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES, GENERAL_NAMES_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX, EVP_MD_CTX_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY, EVP_PKEY_free>>;
using SignaturePtr = std::unique_ptr<EVP_SIGNATURE, OpensslFree<EVP_SIGNATURE, EVP_SIGNATURE_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX, SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL, SSL_free>>;
using TsInfoPtr = std::unique_ptr<TS_TST_INFO, OpensslFree<TS_TST_INFO, TS_TST_INFO_free>>;
using TsResponsePtr = std::unique_ptr<TS_RESP, OpensslFree<TS_RESP, TS_RESP_free>>;
using X509ListPtr = std::unique_ptr<STACK_OF(X509), OpensslFree<STACK_OF(X509), FreeX509List>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509, X509_free>>;
using X509PubkeyPtr = std::unique_ptr<X509_PUBKEY, OpensslFree<X509_PUBKEY, X509_PUBKEY_free>>;
using X509StoreCtxPtr =
    std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX, X509_STORE_CTX_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE, X509_STORE_free>>;

}  // namespace xzgate::crypto
