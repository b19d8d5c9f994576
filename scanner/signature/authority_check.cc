#include "scanner/signature/authority_check.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scanner/signature/attestations.h"
#include "scanner/signature/certificate_check.h"

namespace xzgate::signature {
namespace {

BoundTo Bound(const Case& it, const crypto::PublicKey& key) {
  return {.material = it.material,
          .key = key,
          .artifact_digest = it.artifact.is_file ? it.artifact.digest.hex() : "",
          .artifact = it.artifact.content};
}

// What a trust root must have some of.
struct Needs {
  bool logs = false;
  bool certificates = false;  // an authority that issues them
  bool certificate_logs = false;
};

// Of what is needed and not there, one; "" when nothing is missing.
std::string_view MissingFrom(const TrustedRoot& root, const Needs& needs) {
  if (needs.certificates && root.certificate_authorities().empty()) return "certificate authority";
  if (needs.certificate_logs && root.ctlogs().empty()) return "certificate log";
  return needs.logs && root.tlogs().empty() ? "transparency log" : "";
}

bool IsExpired(const TrustedRoot& root, WallTime now) {
  const auto expires = root.expires();
  return expires && *expires < now;
}

bool CheckRoot(Case& it, const Needs& needs, Trail& trail) {
  if (it.root == nullptr)
    return trail.Fail("trust root", Reason::kTrustRoot,
                      "none is configured for " + it.authority.name);
  const auto expires = it.root->expires();
  if (IsExpired(*it.root, it.now)) {
    return trail.Fail("trust root", Reason::kTrustRoot,
                      it.root->name() + " expired at " + ToRfc3339(*expires));
  }
  // Whoever signs cannot mend that: it is no fault of the signature's.
  if (const auto missing = MissingFrom(*it.root, needs); !missing.empty()) {
    return trail.Fail("trust root", Reason::kTrustRoot,
                      it.root->name() + " has no " + std::string(missing) + ", which is needed");
  }
  it.until = expires;
  return trail.Hold("trust root", it.root->name());
}

void NoteKey(Case& it, const crypto::PublicKey& key) {
  it.key_fingerprint = crypto::HexEncode(AsBytes(key.Fingerprint()));
}

// "ECDSA P-256 key 9f86…0a08 of \"release\"", with the whole fingerprint of its SPKI.
std::string NameOf(const crypto::PublicKey& key, std::string_view owner) {
  return std::string(crypto::ToString(key.kind())) + " key " +
         crypto::HexEncode(AsBytes(key.Fingerprint())) + " of " + std::string(owner);
}

std::string NameOf(const Case& it, const KeyAuthority& authority, std::size_t number) {
  const bool is_named = number < authority.names.size();
  return NameOf(authority.keys[number],
                Quote(is_named ? authority.names[number] : it.authority.name));
}

bool CheckSigned(Case& it, const crypto::PublicKey& key, Trail& trail) {
  const auto held = CheckSignature(it.material, key, it.artifact);
  if (!held) return trail.Fail("signature", Reason::kSignature, held.error());
  NoteKey(it, key);
  return trail.Hold("signature", NameOf(key, "the certificate"));
}

bool CheckWhatItSays(Case& it, Trail& trail) {
  return CheckClaims(it.material, it.artifact, it.authority.annotations, trail, it.claims);
}

// The configured key that made the signature; null, and the trail ended, when none did.
const crypto::PublicKey* FindKey(const Case& it, const KeyAuthority& authority, Trail& trail) {
  const auto& leaf = it.material.certificate;
  std::string why;
  bool unsupported = false;
  for (std::size_t i = 0; i < authority.keys.size(); ++i) {
    const crypto::PublicKey& key = authority.keys[i];
    why += (i == 0 ? "not made by " : "; nor by ") + NameOf(it, authority, i);
    if (leaf && !(leaf->key() == key)) {
      why += ": its certificate holds another key";
      continue;
    }
    const auto held = CheckSignature(it.material, key, it.artifact);
    if (held) {
      trail.Hold("signature", NameOf(it, authority, i));
      return &key;
    }
    unsupported = unsupported || held.error().code() == ErrorCode::kUnsupported;
    why += ": " + held.error().message();
  }
  trail.Fail("signature", unsupported ? Reason::kUnsupported : Reason::kSignature, why);
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
  const auto& leaf = it.material.certificate;
  if (!leaf)
    return trail.Fail("certificate", Reason::kCertificate, "it carries none: a key signed it");
  const Needs needs{.logs = authority.tlog_threshold > 0,
                    .certificates = true,
                    .certificate_logs = authority.sct_threshold > 0};
  if (!CheckRoot(it, needs, trail)) return false;
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
  // A timestamp that is not asked for counts where it can be judged; no trust root is needed for
  // the rest.
  const bool stamped =
      it.root != nullptr && !it.material.timestamps.empty() && !IsExpired(*it.root, it.now);
  if (authority.require_timestamp && !CheckRoot(it, {}, trail)) return false;
  if (authority.require_timestamp || stamped) {
    const std::size_t threshold = authority.require_timestamp ? 1 : 0;
    if (!CheckTimes(it.material, *it.root, threshold, it.now, trail, it.evidence)) return false;
    if (!it.evidence.times.empty()) KeepEarlier(it.until, it.root->expires());
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
  NoteKey(it, *key);
  if (authority.require_tlog || authority.require_timestamp) {
    if (!CheckRoot(it, {.logs = authority.require_tlog}, trail)) return false;
    if (authority.require_tlog && !CheckLogs(Bound(it, *key), *it.root, 1, trail, it.evidence))
      return false;
    const std::size_t threshold = authority.require_timestamp ? 1 : 0;
    if (!CheckTimes(it.material, *it.root, threshold, it.now, trail, it.evidence)) return false;
  }
  return CheckKeyValidity(it, authority.valid, trail) && CheckWhatItSays(it, trail);
}

}  // namespace xzgate::signature
