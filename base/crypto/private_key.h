#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/crypto/public_key.h"
#include "base/result.h"

namespace xzgate::crypto {

// A key of our own that signs certificates or serves TLS: ECDSA on P-256. A value: immutable,
// cheap to copy (copies share the key), thread-safe. Nothing prints it but ToPem.
class PrivateKey {
 public:
  static constexpr std::size_t kMaxPemBytes = 8 * 1024;

  // A new one from OpenSSL's random numbers. Error: kInternal when OpenSSL has none.
  static Result<PrivateKey> Generate();
  // Reads one unencrypted PEM block (PKCS#8 or SEC 1). Errors: kInvalidArgument (damage),
  // kUnsupported (another algorithm or curve, a password). Messages never hold its content.
  static Result<PrivateKey> FromPem(std::string_view pem);

  std::string ToPem() const;  // PKCS#8, not encrypted
  const PublicKey& public_key() const { return public_; }

  // Borrowed from this object; for the adapters of base/crypto only.
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, PublicKey public_half)
      : key_(std::move(key)), public_(std::move(public_half)) {}
  static Result<PrivateKey> FromHandle(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;  // shared by copies; never changed
  PublicKey public_;
};

}  // namespace xzgate::crypto
