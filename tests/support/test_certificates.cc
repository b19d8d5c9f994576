#include "tests/support/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>

#include "base/crypto/openssl_ptr.h"

namespace xzgate::testing {
namespace {

using crypto::BioPtr;
using crypto::PkeyPtr;
using crypto::X509Ptr;

void Require(bool fine) {
  if (!fine) std::abort();
}

// The text that `write` puts into a BIO.
template <typename Write>
std::string ToPem(const Write& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(write(bio.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

BioPtr Memory(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

PkeyPtr ReadKey(const std::string& pem) {
  return PkeyPtr(PEM_read_bio_PrivateKey(Memory(pem).get(), nullptr, nullptr, nullptr));
}

void Extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void SetTime(ASN1_TIME* into, WallTime time) {
  ASN1_TIME_set(into, std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

// All but issuer and signature.
X509Ptr Describe(const CertificateWish& wish, EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509* const x509 = certificate.get();
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), static_cast<long>(serial >> 1) + 1);
  SetTime(X509_getm_notBefore(x509), wish.not_before);
  SetTime(X509_getm_notAfter(x509), wish.not_after);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1,
                             -1, 0);
  X509_set_pubkey(x509, key);
  return certificate;
}

}  // namespace

TestCertificate TestCertificate::Make(const CertificateWish& wish, const TestCertificate* issuer) {
  const PkeyPtr key(wish.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits))
                                      : EVP_EC_gen("P-256"));
  Require(key != nullptr);
  const X509Ptr certificate = Describe(wish, key.get());
  X509Ptr issuer_certificate;
  PkeyPtr issuer_key;
  if (issuer != nullptr) {
    issuer_certificate.reset(
        PEM_read_bio_X509(Memory(issuer->certificate_).get(), nullptr, nullptr, nullptr));
    issuer_key = ReadKey(issuer->key_);
  }
  X509* const signer = issuer_certificate ? issuer_certificate.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  Extend(certificate.get(), signer, NID_basic_constraints,
         wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  // What tells two authorities of one name apart.
  Extend(certificate.get(), signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr)
    Extend(certificate.get(), signer, NID_authority_key_identifier, "keyid:always");
  if (!wish.is_authority)
    Extend(certificate.get(), signer, NID_subject_alt_name, wish.alternative_names);
  EVP_PKEY* const signing_key = issuer_key ? issuer_key.get() : key.get();
  Require(X509_sign(certificate.get(), signing_key, EVP_sha256()) > 0);
  return {ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }),
          ToPem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TestCertificate TestCertificate::SelfSigned(const CertificateWish& wish) {
  return Make(wish, nullptr);
}

TestCertificate TestCertificate::Issue(const CertificateWish& wish) const {
  return Make(wish, this);
}

std::string TestCertificate::EncryptedKeyPem(const std::string& password) const {
  return ToPem([&, key = ReadKey(key_)](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(),
                                    reinterpret_cast<const unsigned char*>(password.data()),
                                    static_cast<int>(password.size()), nullptr, nullptr);
  });
}

}  // namespace xzgate::testing
