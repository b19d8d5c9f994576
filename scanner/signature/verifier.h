#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/signature/authority.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

// What became of one candidate with one authority.
struct Attempt {
  std::vector<Step> steps;  // in order; the last one failed unless `verified` is set
  Reason reason = Reason::kNone;
  std::optional<VerifiedSignature> verified;
};

// Verifies one signature by one authority. Every step is required unless the authority is of a kind
// that has none (docs/signatures.md); trust roots are tried one by one, never mixed. Pure but for
// its arguments: no clock, no network, no state; thread-safe. About a millisecond of CPU.
class SignatureVerifier {
 public:
  // Of an image: a signature of it (simple signing, or a statement of cosign's own type), or an
  // attestation about it; VerifiedSignature::predicate_type() tells which, and who decides has to
  // ask. A bundle over a mere message says nothing about an image.
  Attempt Verify(const Material& material, const Authority& authority, const oci::Digest& digest,
                 WallTime now) const;

  // Of a file with this SHA-256: a bundle over its bytes, or a statement of any type that names it;
  // VerifiedSignature::predicate_type() tells which here too. `content` where it is at hand (pure
  // Ed25519 needs it).
  Attempt VerifyBlob(const Material& material, const Authority& authority,
                     const oci::Digest& sha256, std::optional<std::string_view> content,
                     WallTime now) const;

 private:
  class Run;
};

}  // namespace xzgate::signature
