#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto/openssl_ptr.h"
#include "base/result.h"

namespace xzgate::server {

// Bytes read of a certificate or key file at most: ten certificates of 6 KiB.
inline constexpr std::size_t kMaxPemBytes = 64 * 1024;
inline constexpr std::size_t kMaxChainLength = 10;

// A leaf certificate with its private key and the certificates between it and the root; they fit
// together. Move-only; thread-compatible.
struct CertificatePair {
  crypto::X509Ptr leaf;
  std::vector<crypto::X509Ptr> chain;  // without the leaf, in file order
  crypto::PkeyPtr key;
  WallTime not_after;
};

// Reads PEM texts and checks that the key belongs to the first certificate, and that this is valid
// at `now` (a start up to five minutes ahead is taken: clocks differ). Errors: kInvalidArgument for
// what does not parse, kIntegrity for a key that does not fit, kPermissionDenied for one that needs
// a password, kUnavailable outside the validity.
Result<CertificatePair> ParseCertificatePair(std::string_view chain_pem, std::string_view key_pem,
                                             WallTime now);

// A server context for the pair: TLS 1.2 and 1.3, ALPN http/1.1 only, no renegotiation, no session
// resumption (kube-apiserver does not resume, and a ticket would outlive a certificate). Errors:
// kInvalidArgument when OpenSSL refuses the pair (a weak key).
Result<std::shared_ptr<SSL_CTX>> MakeServerContext(const CertificatePair& pair);

}  // namespace xzgate::server
