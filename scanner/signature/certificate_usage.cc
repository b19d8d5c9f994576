#include "scanner/signature/certificate_usage.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"

namespace xzgate::signature {
namespace {

std::string_view TextOf(Usage usage) {
  return usage == Usage::kCodeSigning ? "codeSigning" : "timeStamping";
}

int NidOf(Usage usage) {
  return usage == Usage::kCodeSigning ? NID_code_sign : NID_time_stamp;
}

std::unexpected<Error> Refuse(const crypto::Certificate& certificate, std::string_view why) {
  return Integrity(NameOf(certificate) + ": " + std::string(why));
}

struct ExtendedUsage {
  std::vector<int> nids;
  bool critical = false;

  bool Has(Usage usage) const { return std::ranges::find(nids, NidOf(usage)) != nids.end(); }
};

// Absent when the certificate has no such extension.
Result<std::optional<ExtendedUsage>> ReadExtendedUsage(const crypto::Certificate& certificate) {
  int critical = 0;
  const crypto::ExtendedKeyUsagePtr list(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate.handle(), NID_ext_key_usage, &critical, nullptr)));
  if (!list) {
    (void)crypto::DrainOpensslErrors();
    if (critical == -1) return std::nullopt;  // not there; else there twice, or damaged
    return Refuse(certificate, "its extended key usage is damaged or occurs twice");
  }
  ExtendedUsage usage{.nids = {}, .critical = critical == 1};
  for (int i = 0; i < sk_ASN1_OBJECT_num(list.get()); ++i) {
    usage.nids.push_back(OBJ_obj2nid(sk_ASN1_OBJECT_value(list.get(), i)));
  }
  return usage;
}

// OpenSSL's own reading of the extensions: one that occurs twice or is damaged.
Result<void> CheckExtensions(const crypto::Certificate& certificate) {
  if ((X509_get_extension_flags(certificate.handle()) & EXFLAG_INVALID) == 0) return {};
  (void)crypto::DrainOpensslErrors();
  return Refuse(certificate, "an extension is damaged or occurs twice");
}

Result<void> CheckCodeSigning(const crypto::Certificate& leaf, const ExtendedUsage& extended) {
  const std::uint32_t usage = X509_get_key_usage(leaf.handle());
  if (usage == UINT32_MAX || (usage & KU_DIGITAL_SIGNATURE) == 0) {
    return Refuse(leaf, "want key usage digitalSignature");
  }
  if (extended.Has(Usage::kCodeSigning)) return {};
  return Refuse(leaf, "want extended key usage codeSigning");
}

Result<void> CheckTimeStamping(const crypto::Certificate& leaf, const ExtendedUsage& extended) {
  // Absent, OpenSSL says that all bits are set.
  constexpr std::uint32_t kSigning = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
  const std::uint32_t usage = X509_get_key_usage(leaf.handle());
  if (usage != UINT32_MAX && ((usage & kSigning) == 0 || (usage & ~kSigning) != 0)) {
    return Refuse(leaf, "want key usage digitalSignature or nonRepudiation alone");
  }
  if (extended.critical && extended.nids.size() == 1 && extended.Has(Usage::kTimeStamping)) {
    return {};
  }
  return Refuse(leaf, "want extended key usage timeStamping, critical and alone");
}

}  // namespace

std::string NameOf(const crypto::Certificate& certificate) {
  const std::string subject = certificate.Subject();
  return subject.empty() ? "the signer's certificate" : "certificate \"" + subject + "\"";
}

Result<void> CheckLeafUsage(const crypto::Certificate& leaf, Usage usage) {
  XZGATE_RETURN_IF_ERROR(CheckExtensions(leaf));
  if (leaf.IsAuthority() || X509_check_ca(leaf.handle()) != 0) {
    return Refuse(leaf, "is that of an authority, want one that signs");
  }
  XZGATE_ASSIGN(const auto extended, ReadExtendedUsage(leaf));
  if (!extended) return Refuse(leaf, "want extended key usage " + std::string(TextOf(usage)));
  return usage == Usage::kCodeSigning ? CheckCodeSigning(leaf, *extended)
                                      : CheckTimeStamping(leaf, *extended);
}

Result<void> CheckAuthorityUsage(const crypto::Certificate& authority, Usage usage) {
  XZGATE_RETURN_IF_ERROR(CheckExtensions(authority));
  if (!authority.IsAuthority()) {
    return Refuse(authority, "issues certificates, but its basic constraints do not say CA");
  }
  if ((X509_get_key_usage(authority.handle()) & KU_KEY_CERT_SIGN) == 0) {
    return Refuse(authority, "issues certificates without key usage keyCertSign");
  }
  XZGATE_ASSIGN(const auto extended, ReadExtendedUsage(authority));
  if (!extended || extended->Has(usage)) return {};
  return Refuse(authority, "its extended key usage lacks " + std::string(TextOf(usage)));
}

}  // namespace xzgate::signature
