#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace xzgate::server {

// What is served now, for readiness and metrics.
struct CertificateState {
  bool loaded = false;         // some pair is in use
  WallTime not_after;          // of the pair in use
  std::string last_error;      // why the files as they are now are not in use; "" when they are
  std::uint64_t loads = 0;     // pairs taken into use so far
  std::uint64_t failures = 0;  // times that changed files were refused
};

// Holds the certificate of a listener and follows its files: a good new pair is used by the next
// handshake, a bad one keeps the old and is logged once: as a warning, or as an error while there
// is no old one. Files that are not there yet do not end the process; they are picked up when they
// come. Refresh from one thread; everything else is
// thread-safe. Borrows clock and logger.
class CertificateSource {
 public:
  struct Files {
    std::string certificate;  // PEM: the leaf first, then its chain
    std::string key;          // PEM, without a password
  };

  CertificateSource(Files files, const Clock& clock, log::Logger& logger);

  // Looks whether the files have changed (their resolved device, inode, time and size: mounted
  // secrets are symlink swaps) and loads them if so; also tries again every 30 s what was refused.
  // True when a new pair came into use. Two stat calls when nothing changed.
  bool Refresh();

  // The context for the next handshake; null while there is no certificate. shared_ptr: a swapped
  // snapshot that open connections keep.
  std::shared_ptr<ssl_ctx_st> Current() const;

  CertificateState state() const;

 private:
  Result<void> Load();
  void Refused(const Error& error, bool has_changed);

  const Files files_;
  const Clock& clock_;
  log::Logger& logger_;
  std::string seen_;                    // the files as they were at the last try; Refresh only
  Deadline retry_ = Deadline::Never();  // Refresh only

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<ssl_ctx_st> context_;
  CertificateState state_;
};

}  // namespace xzgate::server
