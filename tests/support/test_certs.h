#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/crypto/openssl_ptr.h"

namespace xzgate::testing {

// What a test wants of a certificate; the rest is as it should be.
struct CertificateWish {
  std::string common_name = "xzgate.test";
  std::string dns = "xzgate.test";
  WallTime not_before = std::chrono::sys_days(std::chrono::January / 1 / 2020);
  WallTime not_after = std::chrono::sys_days(std::chrono::January / 1 / 2040);
  int rsa_bits = 0;  // 0: an ECDSA P-256 key
  bool is_authority = false;
};

// A certificate with its key, made by OpenSSL; link OpenSSL::Crypto. Move-only; thread-compatible.
//
//   const TestCertificate root = TestCertificate::SelfSigned({.is_authority = true});
//   const TestCertificate leaf = root.Issue({.common_name = "leaf"});
//   WriteFile(dir + "/tls.crt", leaf.CertificatePem() + root.CertificatePem());
class TestCertificate {
 public:
  static TestCertificate SelfSigned(const CertificateWish& wish = {}) {
    TestCertificate made(wish);
    made.Sign(made, wish);
    return made;
  }

  TestCertificate Issue(const CertificateWish& wish) const {
    TestCertificate made(wish);
    made.Sign(*this, wish);
    return made;
  }

  std::string CertificatePem() const {
    return ToPem([this](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); });
  }
  std::string KeyPem() const {
    return ToPem([this](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  std::string EncryptedKeyPem(const std::string& password) const {
    return ToPem([&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key_.get(), EVP_aes_128_cbc(),
                               reinterpret_cast<const unsigned char*>(password.data()),
                               static_cast<int>(password.size()), nullptr, nullptr);
    });
  }

 private:
  explicit TestCertificate(const CertificateWish& wish)
      : key_(wish.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits))
                               : EVP_EC_gen("P-256")),
        certificate_(X509_new()) {
    X509* const x509 = certificate_.get();
    X509_set_version(x509, X509_VERSION_3);
    static std::int64_t serial = 0;
    ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), ++serial);
    SetTime(X509_getm_notBefore(x509), wish.not_before);
    SetTime(X509_getm_notAfter(x509), wish.not_after);
    X509_set_pubkey(x509, key_.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.common_name.data()),
                               static_cast<int>(wish.common_name.size()), -1, 0);
  }

  void Sign(const TestCertificate& issuer, const CertificateWish& wish) {
    X509* const x509 = certificate_.get();
    X509_set_issuer_name(x509, X509_get_subject_name(issuer.certificate_.get()));
    Extend(NID_basic_constraints, wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!wish.is_authority) Extend(NID_subject_alt_name, "DNS:" + wish.dns);
    EXPECT_GT(X509_sign(x509, issuer.key_.get(), EVP_sha256()), 0);
  }

  void Extend(int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static void SetTime(ASN1_TIME* into, WallTime time) {
    ASN1_TIME_set(into, std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  }

  template <typename Write>
  static std::string ToPem(const Write& write) {
    const crypto::BioPtr bio(BIO_new(BIO_s_mem()));
    write(bio.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }

  crypto::PkeyPtr key_;
  crypto::X509Ptr certificate_;
};

}  // namespace xzgate::testing
