#include "scanner/signature/certificate_path.h"

#include <openssl/x509_vfy.h>

#include <utility>

#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"
#include "scanner/signature/certificate_usage.h"

namespace xzgate::signature {
namespace {

using crypto::Certificate;

constexpr std::size_t kMaxPath = 10;  // certificates, both ends (signatures.md 1.5)
// OpenSSL's level 2: 112 bits; no signature over SHA-1 or MD5, no RSA key below 2,048 bits.
constexpr int kSecurityLevel = 2;

// The certificates that a path may use besides the leaf.
struct Candidates {
  std::vector<const Certificate*> certificates;  // valid at all times; the anchor's last one last
  std::string left_out;                          // those that are not, for a message
};

std::string AuthorityName(const Anchor& anchor) {
  return Quote(anchor.uri.empty() ? anchor.chain.back().Subject() : anchor.uri);
}

Result<void> CheckValid(const Certificate& certificate, std::span<const WallTime> times) {
  for (const WallTime time : times) {
    if (certificate.IsValidAt(time)) continue;
    return Integrity(NameOf(certificate) + " is valid from " + ToRfc3339(certificate.not_before()) +
                     " to " + ToRfc3339(certificate.not_after()) + ", not at " + ToRfc3339(time));
  }
  return {};
}

Result<void> CheckAnchor(const Anchor& anchor, std::size_t extra, std::span<const WallTime> times) {
  if (anchor.chain.empty()) return Integrity("authority " + Quote(anchor.uri) + " is empty");
  if (anchor.chain.size() + extra > 2 * kMaxPath) {
    return Integrity("more than " + std::to_string(2 * kMaxPath) + " certificates to " +
                     AuthorityName(anchor));
  }
  if (times.empty()) return Integrity("no time at which the certificate should be valid");
  for (const WallTime time : times) {
    if (anchor.valid.Covers(time)) continue;
    return Integrity("authority " + AuthorityName(anchor) + " is not trusted at " +
                     ToRfc3339(time));
  }
  return CheckValid(anchor.chain.back(), times);
}

// OpenSSL takes a certificate as expired in the last second of its life, which RFC 5280, section
// 4.1.2.5 counts in. So only certificates that are valid are shown to it, and it looks at no clock.
Candidates ValidAt(const Anchor& anchor, const std::vector<Certificate>& extra,
                   std::span<const WallTime> times) {
  Candidates found;
  const auto add = [&](const Certificate& each) {
    if (const auto valid = CheckValid(each, times)) {
      found.certificates.push_back(&each);
    } else {
      found.left_out += "; " + valid.error().message();
    }
  };
  for (std::size_t i = 0; i + 1 < anchor.chain.size(); ++i) add(anchor.chain[i]);
  for (const Certificate& each : extra) add(each);
  found.certificates.push_back(&anchor.chain.back());
  return found;
}

// Whether the anchor's chain was found to hold when it was read: the check of a signature of P-384
// costs more than all the rest.
bool IsKnownLink(const Anchor& anchor, const X509* subject, const X509* issuer) {
  if (!anchor.is_chain_verified) return false;
  for (std::size_t i = 0; i + 1 < anchor.chain.size(); ++i) {
    if (anchor.chain[i].handle() == subject && anchor.chain[i + 1].handle() == issuer) return true;
  }
  return false;
}

// In the place of OpenSSL's own look at the signatures of the path that it built. It asks for no
// more, as time is not its business; key usage is CheckAuthorityUsage's.
int VerifySignatures(X509_STORE_CTX* context) {
  const auto* const anchor = static_cast<const Anchor*>(X509_STORE_CTX_get_app_data(context));
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
  for (int i = sk_X509_num(chain) - 2; i >= 0; --i) {
    X509* const subject = sk_X509_value(chain, i);
    X509* const issuer = sk_X509_value(chain, i + 1);
    if (IsKnownLink(*anchor, subject, issuer)) continue;
    EVP_PKEY* const key = X509_get0_pubkey(issuer);
    if (key != nullptr && X509_verify(subject, key) == 1) continue;
    X509_STORE_CTX_set_error_depth(context, i);
    X509_STORE_CTX_set_current_cert(context, subject);
    X509_STORE_CTX_set_error(context, X509_V_ERR_CERT_SIGNATURE_FAILURE);
    return 0;
  }
  return 1;
}

void SetParameters(X509_VERIFY_PARAM* parameters, const Certificate& root) {
  unsigned long flags = X509_V_FLAG_NO_CHECK_TIME;
  if (X509_self_signed(root.handle(), 0) != 1) flags |= X509_V_FLAG_PARTIAL_CHAIN;
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(kMaxPath) - 2);  // between both ends
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
}

// OpenSSL's path as our certificates; empty if one of them is none of ours.
std::vector<Certificate> ToPath(STACK_OF(X509) * chain, const Certificate& leaf,
                                const std::vector<const Certificate*>& candidates) {
  std::vector<Certificate> path = {leaf};
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    for (const Certificate* each : candidates) {
      if (X509_cmp(each->handle(), sk_X509_value(chain, i)) != 0) continue;
      path.push_back(*each);
      break;
    }
  }
  if (std::cmp_not_equal(path.size(), sk_X509_num(chain))) path.clear();
  return path;
}

Result<std::vector<Certificate>> FindPath(const Certificate& leaf, const Anchor& anchor,
                                          const Candidates& candidates) {
  const crypto::X509StorePtr store(X509_STORE_new());
  const crypto::X509ListPtr others(sk_X509_new_null());
  const crypto::X509StoreCtxPtr context(X509_STORE_CTX_new());
  const Certificate& root = anchor.chain.back();
  bool ready = store && others && context && X509_STORE_add_cert(store.get(), root.handle()) == 1;
  for (const Certificate* each : candidates.certificates) {
    ready = ready && (each == &root || sk_X509_push(others.get(), each->handle()) > 0);
  }
  if (ready) X509_STORE_set_verify(store.get(), VerifySignatures);
  if (!ready || X509_STORE_CTX_init(context.get(), store.get(), leaf.handle(), others.get()) != 1) {
    return Internal("OpenSSL cannot check a certificate: " + crypto::DrainOpensslErrors());
  }
  SetParameters(X509_STORE_CTX_get0_param(context.get()), root);
  X509_STORE_CTX_set_app_data(context.get(), const_cast<Anchor*>(&anchor));
  const int good = X509_verify_cert(context.get());
  (void)crypto::DrainOpensslErrors();
  if (good != 1) {
    const int error = X509_STORE_CTX_get_error(context.get());
    const X509* const at = X509_STORE_CTX_get_current_cert(context.get());
    const bool is_leaf = at == nullptr || at == leaf.handle();
    return Integrity(NameOf(leaf) + " does not lead to authority " + AuthorityName(anchor) + ": " +
                     X509_verify_cert_error_string(error) +
                     (is_leaf ? "" : " (of an authority above it)") + candidates.left_out);
  }
  return ToPath(X509_STORE_CTX_get0_chain(context.get()), leaf, candidates.certificates);
}

}  // namespace

Result<CertificatePath> CheckPath(const Certificate& leaf, const Anchor& anchor,
                                  const std::vector<Certificate>& extra, Usage usage,
                                  std::span<const WallTime> times) {
  XZGATE_RETURN_IF_ERROR(CheckAnchor(anchor, extra.size(), times));
  XZGATE_RETURN_IF_ERROR(CheckValid(leaf, times));
  XZGATE_RETURN_IF_ERROR(CheckLeafUsage(leaf, usage));
  const Candidates candidates = ValidAt(anchor, extra, times);
  XZGATE_ASSIGN(std::vector<Certificate> path, FindPath(leaf, anchor, candidates));
  // A leaf in the place of an anchor would vouch for itself (ratify#2693).
  if (path.size() < 2 || path.back() != anchor.chain.back()) {
    return Integrity(NameOf(leaf) + " does not lead to authority " + AuthorityName(anchor));
  }
  if (path.size() > kMaxPath) {
    return Integrity("path of " + std::to_string(path.size()) + " certificates, at most " +
                     std::to_string(kMaxPath) + " are taken");
  }
  for (std::size_t i = 1; i < path.size(); ++i) {
    XZGATE_RETURN_IF_ERROR(CheckAuthorityUsage(path[i], usage));
  }
  return CertificatePath{std::move(path)};
}

Result<CertificatePath> CheckPath(const Certificate& leaf, const Anchor& anchor,
                                  const std::vector<Certificate>& extra, Usage usage,
                                  WallTime time) {
  return CheckPath(leaf, anchor, extra, usage, std::span(&time, 1));
}

}  // namespace xzgate::signature
