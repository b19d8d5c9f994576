#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/crypto/digest.h"

struct evp_pkey_st;

namespace xzgate::testing {

// Kinds that may sign, and kinds that must be refused.
enum class KeyType : std::uint8_t {
  kP256,
  kP384,
  kP521,
  kEd25519,
  kRsa2048,
  kRsa3072,
  // to be refused
  kRsa1024,
  kP192,
  kSecp256k1,
  kP256Explicit,  // P-256 with its parameters written out
  kX25519,
};

// How to sign.
struct SignWish {
  enum class Form : std::uint8_t {
    kPlain,    // RSA PKCS#1 v1.5, ECDSA DER, pure Ed25519
    kPss,      // RSA, salt as long as the digest
    kRaw,      // ECDSA r || s of fixed length
    kPrehash,  // Ed25519ph; only where CanPrehash()
  };
  crypto::Algorithm hash = crypto::Algorithm::kSha256;  // SHA-1 too; not for Ed25519
  Form form = Form::kPlain;
};

// A key pair made on the spot. A value: copies share it. Aborts the test program when OpenSSL
// fails.
class TestKey {
 public:
  static TestKey Generate(KeyType type = KeyType::kP256);
  // The `number`th key of this type, made once a process.
  static const TestKey& Shared(KeyType type, std::size_t number = 0);
  static TestKey FromHandle(std::shared_ptr<evp_pkey_st> key);
  static bool CanPrehash();  // OpenSSL 3.2 and later

  std::string Spki() const;        // SubjectPublicKeyInfo, DER
  std::string Pkcs1() const;       // RSAPublicKey, DER; RSA only
  std::string Raw() const;         // 32 bytes; Ed25519 only
  std::string PublicPem() const;   // "PUBLIC KEY"
  std::string PrivatePem() const;  // "PRIVATE KEY"
  // Sigstore's name of key and hash, "PKIX_ECDSA_P256_SHA_256".
  std::string Details() const;
  // The hash that goes with it: SHA-384 for P-384, SHA-512 for P-521, else SHA-256.
  crypto::Algorithm DefaultHash() const;
  bool IsEd25519() const;
  bool IsRsa() const;

  std::string Sign(std::string_view message, SignWish wish = {}) const;
  // With DefaultHash().
  std::string SignByDefault(std::string_view message) const;

  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit TestKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// "-----BEGIN label-----", 64 columns.
std::string PemBlock(std::string_view label, std::string_view der);

}  // namespace xzgate::testing
