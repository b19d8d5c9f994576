#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace xzgate::testing {

// What a test wants of a certificate; the rest is as it should be, whenever the test runs.
struct CertificateWish {
  std::string common_name = "xzgate.test";
  // OpenSSL's spelling; an authority has none.
  std::string alternative_names = "DNS:xzgate.test,DNS:localhost,IP:127.0.0.1,IP:::1";
  WallTime not_before = std::chrono::sys_days(std::chrono::January / 1 / 2020);
  WallTime not_after = std::chrono::sys_days(std::chrono::January / 1 / 2040);
  int rsa_bits = 0;  // 0: an ECDSA P-256 key
  bool is_authority = false;
};

// A certificate with its key, made on the spot; link xzgate::test_net. A value; aborts the test
// program when OpenSSL fails.
//
//   const TestCertificate root = TestCertificate::SelfSigned({.is_authority = true});
//   const TestCertificate leaf = root.Issue({.common_name = "leaf"});
//   folder.Write("tls.crt", leaf.CertificatePem() + root.CertificatePem());
class TestCertificate {
 public:
  static TestCertificate SelfSigned(const CertificateWish& wish = {});
  TestCertificate Issue(const CertificateWish& wish = {}) const;

  const std::string& CertificatePem() const { return certificate_; }
  const std::string& KeyPem() const { return key_; }
  std::string EncryptedKeyPem(const std::string& password) const;

 private:
  TestCertificate(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  static TestCertificate Make(const CertificateWish& wish, const TestCertificate* issuer);

  std::string certificate_;
  std::string key_;
};

}  // namespace xzgate::testing
