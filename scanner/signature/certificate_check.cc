#include "scanner/signature/certificate_check.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "scanner/signature/certificate_log.h"
#include "scanner/signature/certificate_path.h"

namespace xzgate::signature {
namespace {

std::string AllOf(const std::vector<std::string>& errors, std::string_view none) {
  return errors.empty() ? std::string(none) : Join(errors, "; ");
}

Result<std::string> CheckScts(const crypto::Certificate& leaf, const CertificatePath& path,
                              const TrustedRoot& root, std::size_t threshold) {
  XZGATE_ASSIGN(const std::vector<Sct> scts, EmbeddedScts(leaf));
  XZGATE_ASSIGN(const std::size_t logs, CountSctLogs(scts, leaf, path.issuer(), root));
  const std::string found = std::to_string(logs);
  if (logs < threshold) {
    return Integrity("want a promise (SCT) of " +
                     (threshold == 1 ? std::string("a trusted certificate log")
                                     : std::to_string(threshold) + " trusted certificate logs") +
                     ", found " + (logs == 0 ? "none" : found));
  }
  return "promised by " + found + " trusted certificate log" + (logs == 1 ? "" : "s");
}

}  // namespace

bool CheckKeylessCertificate(const crypto::Certificate& leaf, const TrustedRoot& root,
                             const std::vector<WallTime>& times, std::size_t sct_threshold,
                             Trail& trail) {
  std::vector<std::string> path_errors;
  std::optional<std::pair<std::string, Error>> sct_error;  // with its path's issuer
  for (const Anchor& anchor : root.certificate_authorities()) {
    const auto path = CheckPath(leaf, anchor, {}, Usage::kCodeSigning, times);
    if (!path) {
      path_errors.push_back(path.error().message());
      continue;
    }
    std::string issued = "issued by " + path->issuer().Subject();
    auto scts = CheckScts(leaf, *path, root, sct_threshold);
    if (scts) {
      trail.Hold("certificate", issued);
      return trail.Hold("sct", *scts);
    }
    sct_error.emplace(std::move(issued), scts.error());
  }
  if (sct_error) {
    trail.Hold("certificate", sct_error->first);
    return trail.Fail("sct", Reason::kSct, sct_error->second);
  }
  return trail.Fail("certificate", Reason::kCertificate,
                    AllOf(path_errors, "the trust root has no certificate authority"));
}

bool CheckPrivateCertificate(const crypto::Certificate& leaf, const CertificateAuthority& authority,
                             const std::vector<crypto::Certificate>& intermediates,
                             const std::vector<WallTime>& times, Trail& trail) {
  std::vector<std::string> errors;
  for (const crypto::Certificate& root : authority.roots) {
    Anchor anchor{.uri = root.Subject(), .chain = authority.intermediates, .valid = {}};
    anchor.chain.push_back(root);
    const auto path = CheckPath(leaf, anchor, intermediates, Usage::kCodeSigning, times);
    if (path) return trail.Hold("certificate", "issued by " + path->issuer().Subject());
    errors.push_back(path.error().message());
  }
  return trail.Fail("certificate", Reason::kCertificate, AllOf(errors, "no root is configured"));
}

bool CheckIdentities(const crypto::Certificate& leaf, const std::vector<IdentityRule>& rules,
                     Trail& trail, std::optional<CertificateIdentity>& identity) {
  auto read = ReadIdentity(leaf);
  if (!read) return trail.Fail("identity", Reason::kCertificate, read.error());
  std::vector<std::string> errors;
  for (const IdentityRule& rule : rules) {
    const auto met = CheckIdentity(*read, rule);
    if (met) {
      identity = *std::move(read);
      const std::string by = identity->issuer.empty() ? "" : " by " + identity->issuer;
      return trail.Hold("identity", identity->subject + by);
    }
    errors.push_back(met.error().message());
  }
  return trail.Fail("identity", Reason::kIdentity, AllOf(errors, "no identity is configured"));
}

}  // namespace xzgate::signature
