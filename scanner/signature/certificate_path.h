#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"
#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

enum class Usage : std::uint8_t { kCodeSigning, kTimeStamping };

// A path that OpenSSL found: leaf first, the anchor's last certificate last.
struct CertificatePath {
  std::vector<crypto::Certificate> certificates;
  const crypto::Certificate& issuer() const { return certificates[1]; }
};

// Whether `leaf` leads to `anchor` by one path that holds at each of `times`: every certificate
// valid then (both ends of its life count in), the anchor's own validity too, usage right on leaf
// and authorities (signatures.md 3.1 steps 3 and 4, 3.2). `extra` are intermediates from elsewhere
// (private authorities alone). At most 10 certificates. Errors: kIntegrity, also for no time at
// all.
Result<CertificatePath> CheckPath(const crypto::Certificate& leaf, const Anchor& anchor,
                                  const std::vector<crypto::Certificate>& extra, Usage usage,
                                  std::span<const WallTime> times);
Result<CertificatePath> CheckPath(const crypto::Certificate& leaf, const Anchor& anchor,
                                  const std::vector<crypto::Certificate>& extra, Usage usage,
                                  WallTime time);

}  // namespace xzgate::signature
