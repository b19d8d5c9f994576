#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/crypto/openssl_ptr.h"
#include "base/result.h"

namespace xzgate::http {

// The whole of Mozilla's list is 0.2 MiB.
inline constexpr std::size_t kMaxCaFileBytes = 4 * 1024 * 1024;

// Certificates of authorities that are trusted besides the system's. An adapter over OpenSSL; a
// const object is thread-safe.
class ExtraRoots {
 public:
  // Reads every certificate of each PEM file of at most kMaxCaFileBytes. Errors: as ReadFile;
  // kInvalidArgument naming the file for one that holds no certificate or a damaged one.
  static Result<ExtraRoots> Load(const std::vector<std::string>& pem_files);

  bool empty() const { return certificates_.empty(); }

  // Makes a TLS client trust them; false when OpenSSL has no memory.
  bool AddTo(SSL_CTX* context) const;

 private:
  std::vector<crypto::X509Ptr> certificates_;
};

}  // namespace xzgate::http
