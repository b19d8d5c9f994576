#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/crypto/openssl_ptr.h"
#include "base/http/system_authorities.h"
#include "base/result.h"

namespace xzgate::http {

// The authorities that our TLS clients trust: the system's, and those that the operator adds. One
// X509_STORE for all connections; the system's are read when a chain first needs one, and again
// for connections that begin after their file was replaced (ca-certificates was updated, a
// ConfigMap changed). Thread-safe.
class TrustedAuthorities {
 public:
  // Reads every certificate of each of `files`, and of `pem` unless it is empty, now. Errors: as
  // ReadAuthorities.
  static Result<std::unique_ptr<TrustedAuthorities>> Load(const std::vector<std::string>& files,
                                                          SystemAuthorities system,
                                                          std::string_view pem = {});

  // Makes a TLS client trust them and nobody else; false when OpenSSL has no memory.
  bool GiveTo(SSL_CTX* client);

  // Whether the system has neither file nor directory, as in an image without ca-certificates.
  bool IsSystemMissing() const;
  const SystemAuthorities& system_authorities() const { return system_; }

 private:
  // What tells one version of a file from the next.
  struct Version {
    bool operator==(const Version&) const = default;
    unsigned long device = 0, inode = 0;
    long seconds = 0, nanoseconds = 0, size = 0;
  };
  TrustedAuthorities(std::vector<crypto::X509Ptr> own, SystemAuthorities system);
  static Version VersionOf(const std::string& path);
  crypto::X509StorePtr MakeStore() const;

  const std::vector<crypto::X509Ptr> own_;
  const SystemAuthorities system_;
  std::mutex mutex_;  // guards what follows
  Version version_;
  crypto::X509StorePtr store_;
};

}  // namespace xzgate::http
