#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/authority.h"
#include "scanner/signature/trail.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// Steps "certificate" and "sct" for Fulcio's certificates: one authority of `root` must have issued
// `leaf`, validly at every one of `times` (TOB-SIGSTORE-4), and `sct_threshold` distinct
// certificate logs must vouch for the very path that was found. `times` is not empty. False when
// the trail ended.
bool CheckKeylessCertificate(const crypto::Certificate& leaf, const TrustedRoot& root,
                             const std::vector<WallTime>& times, std::size_t sct_threshold,
                             Trail& trail);

// Step "certificate" for an authority of one's own: neither log nor SCT.
bool CheckPrivateCertificate(const crypto::Certificate& leaf, const CertificateAuthority& authority,
                             const std::vector<crypto::Certificate>& intermediates,
                             const std::vector<WallTime>& times, Trail& trail);

// Step "identity": one of `rules` is met. False when the trail ended.
bool CheckIdentities(const crypto::Certificate& leaf, const std::vector<IdentityRule>& rules,
                     Trail& trail, std::optional<CertificateIdentity>& identity);

}  // namespace xzgate::signature
