#pragma once

#include <string>

namespace xzgate::testing {

// A certificate and its key, as PEM.
struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// What a certificate made for a test says.
struct CertificateSpec {
  std::string common_name = "xzgate test";
  // OpenSSL's spelling: "DNS:localhost,IP:127.0.0.1"; empty for none.
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  int valid_from_days = -1;  // counted from now
  int valid_until_days = 30;
  bool is_ca = false;
};

// Makes a certificate with a fresh P-256 key, signed by `issuer` (null: by itself). Aborts the test
// program when OpenSSL fails.
TestCertificate MakeCertificate(const CertificateSpec& spec,
                                const TestCertificate* issuer = nullptr);

// Writes `text` to a new file below the test's temporary folder and returns its path.
std::string WriteTestFile(const std::string& name, const std::string& text);

}  // namespace xzgate::testing
