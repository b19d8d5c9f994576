#include "tests/support/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "base/crypto/openssl_ptr.h"

namespace xzgate::testing {
namespace {

using crypto::BioPtr;
using crypto::PkeyPtr;
using crypto::X509Ptr;

void Require(bool fine) {
  if (!fine) std::abort();
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

BioPtr Memory(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

TestCertificate MakeCertificate(const CertificateSpec& spec, const TestCertificate* issuer) {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  Require(key && certificate);
  X509Ptr issuer_certificate;
  PkeyPtr issuer_key;
  if (issuer != nullptr) {
    const BioPtr certificate_bio = Memory(issuer->certificate_pem);
    const BioPtr key_bio = Memory(issuer->key_pem);
    issuer_certificate.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    issuer_key.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  }
  X509* const signer = issuer_certificate ? issuer_certificate.get() : certificate.get();

  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial >> 1) + 1);
  constexpr long kDay = 24L * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.valid_from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.valid_until_days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  X509_set_pubkey(certificate.get(), key.get());
  AddExtension(certificate.get(), signer, NID_basic_constraints,
               spec.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!spec.alternative_names.empty() && !spec.is_ca) {
    AddExtension(certificate.get(), signer, NID_subject_alt_name, spec.alternative_names);
  }
  Require(X509_sign(certificate.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) >
          0);

  const BioPtr certificate_out(BIO_new(BIO_s_mem()));
  const BioPtr key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_out.get(), certificate.get());
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {Contents(certificate_out.get()), Contents(key_out.get())};
}

std::string WriteTestFile(const std::string& name, const std::string& text) {
  static std::atomic<int> count = 0;
  const std::string path = ::testing::TempDir() + "/xzgate-" + std::to_string(::getpid()) + "-" +
                           std::to_string(count++) + "-" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace xzgate::testing
