#include "scanner/signature/authority.h"

#include "scanner/signature/fingerprint.h"

namespace xzgate::signature {
namespace {

void AddIdentities(Fingerprinter& out, const std::vector<IdentityRule>& rules) {
  out.Count(rules.size());
  for (const IdentityRule& rule : rules) {
    out.Add(rule.subject.ToString());
    out.Count(rule.issuer ? 1 : 0);
    if (rule.issuer) out.Add(rule.issuer->ToString());
    out.Count(rule.extensions.size());
    for (const auto& [name, matcher] : rule.extensions) {
      out.Add(name);
      out.Add(matcher.ToString());
    }
  }
}

void AddCertificates(Fingerprinter& out, const std::vector<crypto::Certificate>& certificates) {
  out.Count(certificates.size());
  for (const auto& certificate : certificates) out.Add(certificate.der());
}

void AddTime(Fingerprinter& out, WallTime time) {
  out.Count(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

void AddKind(Fingerprinter& out, const KeyAuthority& authority) {
  out.Count(authority.keys.size());
  for (const auto& key : authority.keys) out.Add(key.der());
  out.Count(authority.require_tlog ? 1 : 0);
  out.Count(authority.require_timestamp ? 1 : 0);
  AddTime(out, authority.valid.start);
  out.Count(authority.valid.end ? 1 : 0);
  if (authority.valid.end) AddTime(out, *authority.valid.end);
}

void AddKind(Fingerprinter& out, const CertificateAuthority& authority) {
  AddCertificates(out, authority.roots);
  AddCertificates(out, authority.intermediates);
  AddIdentities(out, authority.identities);
  out.Count(authority.require_timestamp ? 1 : 0);
}

void AddKind(Fingerprinter& out, const KeylessAuthority& authority) {
  AddIdentities(out, authority.identities);
  out.Count(authority.tlog_threshold);
  out.Count(authority.timestamp_threshold);
  out.Count(authority.sct_threshold);
}

}  // namespace

std::string Authority::Fingerprint() const {
  Fingerprinter out("xzgate.dev/authority/v1");
  out.Add(name);
  out.Count(kind.index());
  std::visit([&out](const auto& authority) { AddKind(out, authority); }, kind);
  out.Count(roots.size());
  for (const auto& root : roots) out.Add(root->digest());
  out.Count(annotations.size());
  for (const auto& [key, value] : annotations) {
    out.Add(key);
    out.Add(value);
  }
  return out.FinishHex();
}

}  // namespace xzgate::signature
