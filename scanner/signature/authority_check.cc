#include "scanner/signature/authority_check.h"

#include <algorithm>
#include <utility>

#include "scanner/signature/attestations.h"
#include "scanner/signature/certificate_check.h"

namespace xzgate::signature {
namespace {

BoundTo Bound(const Case& it, const crypto::PublicKey& key) {
  return {.material = it.material,
          .key = key,
          .artifact_digest = it.artifact.is_file ? it.artifact.digest.hex() : ""};
}

bool CheckRoot(Case& it, Trail& trail) {
  if (it.root == nullptr)
    return trail.Fail("trust root", Reason::kTrustRoot,
                      "none is configured for " + it.authority.name);
  const auto expires = it.root->expires();
  if (expires && *expires < it.now) {
    return trail.Fail("trust root", Reason::kTrustRoot,
                      it.root->name() + " expired at " + ToRfc3339(*expires));
  }
  it.until = expires;
  return trail.Hold("trust root", it.root->name());
}

bool CheckSigned(const Case& it, const crypto::PublicKey& key, Trail& trail) {
  const auto held = CheckSignature(it.material, key, it.artifact);
  if (!held) return trail.Fail("signature", Reason::kSignature, held.error());
  return trail.Hold("signature", std::string(crypto::ToString(key.kind())));
}

bool CheckWhatItSays(Case& it, Trail& trail) {
  return CheckClaims(it.material, it.artifact, it.authority.annotations, trail, it.claims);
}

// The configured key that made the signature; null, and the trail ended, when none did.
const crypto::PublicKey* FindKey(const Case& it, const KeyAuthority& authority, Trail& trail) {
  const auto& leaf = it.material.certificate;
  std::string why;
  bool unsupported = false;
  for (const crypto::PublicKey& key : authority.keys) {
    if (leaf && !(leaf->key() == key)) {
      why += "; its certificate holds another key";
      continue;
    }
    const auto held = CheckSignature(it.material, key, it.artifact);
    if (held) {
      trail.Hold("signature", std::string(crypto::ToString(key.kind())));
      return &key;
    }
    unsupported = unsupported || held.error().code() == ErrorCode::kUnsupported;
    why += "; " + held.error().message();
  }
  trail.Fail("signature", unsupported ? Reason::kUnsupported : Reason::kSignature,
             "no key of " + it.authority.name + " made it" + why);
  return nullptr;
}

bool CheckKeyValidity(Case& it, const Validity& valid, Trail& trail) {
  std::vector<WallTime> times = it.evidence.times;
  if (times.empty()) {
    times.push_back(it.now);
    KeepEarlier(it.until, valid.end);
    for (const Validity& log : it.evidence.logs_valid) KeepEarlier(it.until, log.end);
  }
  for (const WallTime time : times) {
    if (valid.Covers(time)) continue;
    return trail.Fail("key validity", Reason::kCertificate,
                      "the key is not valid at " + ToRfc3339(time));
  }
  return true;
}

}  // namespace

// Order: signatures.md 3.1, but that logs come first: those of Rekor v1 prove a time.
bool CheckAuthority(Case& it, const KeylessAuthority& authority, Trail& trail) {
  if (!CheckRoot(it, trail)) return false;
  const auto& leaf = it.material.certificate;
  if (!leaf)
    return trail.Fail("certificate", Reason::kCertificate, "it carries none: a key signed it");
  return CheckLogs(Bound(it, leaf->key()), *it.root, authority.tlog_threshold, trail,
                   it.evidence) &&
         CheckTimes(it.material, *it.root, std::max<std::size_t>(1, authority.timestamp_threshold),
                    it.now, trail, it.evidence) &&
         CheckKeylessCertificate(*leaf, *it.root, it.evidence.times, authority.sct_threshold,
                                 trail) &&
         CheckIdentities(*leaf, authority.identities, trail, it.identity) &&
         CheckSigned(it, leaf->key(), trail) && CheckWhatItSays(it, trail);
}

bool CheckAuthority(Case& it, const CertificateAuthority& authority, Trail& trail) {
  const auto& leaf = it.material.certificate;
  if (!leaf)
    return trail.Fail("certificate", Reason::kCertificate, "it carries none: a key signed it");
  if (it.root != nullptr || authority.require_timestamp) {
    if (!CheckRoot(it, trail)) return false;
    const std::size_t threshold = authority.require_timestamp ? 1 : 0;
    if (!CheckTimes(it.material, *it.root, threshold, it.now, trail, it.evidence)) return false;
  }
  std::vector<WallTime> times = it.evidence.times;
  if (times.empty()) {
    times.push_back(it.now);
    KeepEarlier(it.until, leaf->not_after());
    // Whichever of them the path takes: an authority that ends takes the leaf with it.
    for (const auto* list :
         {&authority.roots, &authority.intermediates, &it.material.intermediates}) {
      for (const auto& each : *list)
        if (each.IsValidAt(it.now)) KeepEarlier(it.until, each.not_after());
    }
  }
  return CheckPrivateCertificate(*leaf, authority, it.material.intermediates, times, trail) &&
         CheckIdentities(*leaf, authority.identities, trail, it.identity) &&
         CheckSigned(it, leaf->key(), trail) && CheckWhatItSays(it, trail);
}

bool CheckAuthority(Case& it, const KeyAuthority& authority, Trail& trail) {
  const crypto::PublicKey* key = FindKey(it, authority, trail);
  if (key == nullptr) return false;
  it.key_fingerprint = crypto::HexEncode(AsBytes(key->Fingerprint()));
  if (authority.require_tlog || authority.require_timestamp) {
    if (!CheckRoot(it, trail)) return false;
    if (authority.require_tlog && !CheckLogs(Bound(it, *key), *it.root, 1, trail, it.evidence))
      return false;
    const std::size_t threshold = authority.require_timestamp ? 1 : 0;
    if (!CheckTimes(it.material, *it.root, threshold, it.now, trail, it.evidence)) return false;
  }
  return CheckKeyValidity(it, authority.valid, trail) && CheckWhatItSays(it, trail);
}

}  // namespace xzgate::signature
