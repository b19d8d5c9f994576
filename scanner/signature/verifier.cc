#include "scanner/signature/verifier.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "scanner/signature/authority_check.h"
#include "scanner/signature/trail.h"

namespace xzgate::signature {

class SignatureVerifier::Run {
 public:
  Run(const Material& material, const Authority& authority, const Artifact& artifact, WallTime now)
      : material_(material), authority_(authority), artifact_(artifact), now_(now) {}

  // Each trust root by itself; the attempt that came furthest where none holds.
  Attempt Execute() const {
    if (authority_.roots.empty()) return With(nullptr);
    Attempt best;
    for (const auto& root : authority_.roots) {
      Attempt attempt = With(root.get());
      if (attempt.verified) return attempt;
      if (attempt.steps.size() > best.steps.size()) best = std::move(attempt);
    }
    return best;
  }

 private:
  Attempt With(const TrustedRoot* root) const {
    Case it{.material = material_,
            .authority = authority_,
            .artifact = artifact_,
            .root = root,
            .now = now_};
    Trail trail;
    const bool held = std::visit([&](const auto& kind) { return CheckAuthority(it, kind, trail); },
                                 authority_.kind);
    Attempt attempt = std::move(trail).Take();
    if (held) attempt.verified = Prove(std::move(it));
    return attempt;
  }

  VerifiedSignature Prove(Case it) const {
    VerifiedSignature proof(authority_.name, artifact_.digest, material_.format);
    proof.identity_ = std::move(it.identity);
    proof.key_fingerprint_ = std::move(it.key_fingerprint);
    proof.trusted_times_ = std::move(it.evidence.times);
    std::ranges::sort(proof.trusted_times_);
    proof.valid_until_ = it.until;
    proof.predicate_type_ = std::move(it.claims.predicate_type);
    proof.predicate_ = std::move(it.claims.predicate);
    return proof;
  }

  const Material& material_;
  const Authority& authority_;
  const Artifact& artifact_;
  const WallTime now_;
};

Attempt SignatureVerifier::Verify(const Material& material, const Authority& authority,
                                  const oci::Digest& digest, WallTime now) const {
  return Run(material, authority, Artifact{.digest = digest}, now).Execute();
}

Attempt SignatureVerifier::VerifyBlob(const Material& material, const Authority& authority,
                                      const oci::Digest& sha256,
                                      std::optional<std::string_view> content, WallTime now) const {
  const Artifact artifact{.digest = sha256, .is_file = true, .content = content};
  return Run(material, authority, artifact, now).Execute();
}

}  // namespace xzgate::signature
