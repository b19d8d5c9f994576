#include "scanner/signature/identity.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"

namespace xzgate::signature {
namespace {

using Names = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr std::string_view kAlternativeName = "2.5.29.17";
constexpr std::string_view kIssuerV1 = "1.3.6.1.4.1.57264.1.1";
constexpr std::string_view kUserName = "1.3.6.1.4.1.57264.1.7";
constexpr std::string_view kIssuerV2 = "1.3.6.1.4.1.57264.1.8";
// The others that hold the text itself; all later ones hold a DER UTF8String.
constexpr std::string_view kRawTexts[] = {"1.3.6.1.4.1.57264.1.2", "1.3.6.1.4.1.57264.1.3",
                                          "1.3.6.1.4.1.57264.1.4", "1.3.6.1.4.1.57264.1.5",
                                          "1.3.6.1.4.1.57264.1.6", kIssuerV1};

// A text that was read from the certificate, fit to be compared and shown.
Result<std::string> CheckText(std::string_view text, std::string_view what) {
  const auto refuse = [&](std::string_view why) {
    return InvalidArgument("certificate: " + std::string(what) + " " + Quote(text) + " " +
                           std::string(why));
  };
  if (text.size() > kMaxIdentityBytes) {
    return refuse("has more than " + std::to_string(kMaxIdentityBytes) + " bytes");
  }
  if (text.contains('\0')) return refuse("holds a NUL");
  if (!IsValidUtf8(text)) return refuse("is not UTF-8");
  return std::string(text);
}

// The one DER UTF8String that is all of `der`.
Result<std::string> ReadUtf8String(std::string_view der, std::string_view what) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int form = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
  if (form != 0 || tag != V_ASN1_UTF8STRING || tag_class != V_ASN1_UNIVERSAL || end - at != size ||
      ASN1_object_size(0, static_cast<int>(size), tag) != static_cast<int>(der.size())) {
    (void)crypto::DrainOpensslErrors();
    return InvalidArgument("certificate: " + std::string(what) +
                           " is not one DER UTF8String with nothing after it");
  }
  return CheckText({reinterpret_cast<const char*>(at), static_cast<std::size_t>(size)}, what);
}

// Absent when the certificate has no such extension.
Result<std::optional<std::string>> ReadExtension(const crypto::Certificate& leaf,
                                                 std::string_view oid, std::string_view what) {
  XZGATE_ASSIGN(const auto value, leaf.Extension(oid));
  if (!value) return std::nullopt;
  const bool is_raw = std::ranges::find(kRawTexts, oid) != std::ranges::end(kRawTexts);
  XZGATE_ASSIGN(std::string text, is_raw ? CheckText(*value, what) : ReadUtf8String(*value, what));
  return text;
}

Result<std::string> ReadIssuer(const crypto::Certificate& leaf) {
  XZGATE_ASSIGN(const auto first, ReadExtension(leaf, kIssuerV1, "issuer (.1)"));
  XZGATE_ASSIGN(const auto second, ReadExtension(leaf, kIssuerV2, "issuer (.8)"));
  if (first && second && *first != *second) {
    return InvalidArgument("certificate: it names two issuers, " + Quote(*first) + " (.1) and " +
                           Quote(*second) + " (.8)");
  }
  const std::string issuer = second.value_or(first.value_or(""));
  if (issuer.empty() && (first || second)) return InvalidArgument("certificate: empty issuer");
  return issuer;
}

Result<std::string> ReadUserName(const OTHERNAME* name) {
  std::array<char, 64> oid = {};
  OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), name->type_id, 1);
  if (oid.data() != kUserName || name->value == nullptr || name->value->type != V_ASN1_UTF8STRING) {
    return InvalidArgument("certificate: its subject alternative name is of type " +
                           Quote(oid.data()) + ", want an URI, an e-mail address or Fulcio's " +
                           std::string(kUserName));
  }
  return CheckText(crypto::TextOf(name->value->value.utf8string), "subject");
}

Result<std::string> ReadName(const GENERAL_NAME* name) {
  if (name->type == GEN_OTHERNAME) return ReadUserName(name->d.otherName);
  if (name->type != GEN_URI && name->type != GEN_EMAIL) {
    return InvalidArgument(
        "certificate: its subject alternative name is neither an URI, an e-mail address nor a "
        "Fulcio user name");
  }
  const std::string_view text = crypto::TextOf(name->d.ia5);
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; })) {
    return InvalidArgument("certificate: subject " + Quote(text) + " is not ASCII");
  }
  return CheckText(text, "subject");
}

Result<std::string> ReadSubject(const crypto::Certificate& leaf) {
  XZGATE_ASSIGN(const auto value, leaf.Extension(kAlternativeName));
  if (!value) return InvalidArgument("certificate: it has no subject alternative name");
  const auto* at = reinterpret_cast<const unsigned char*>(value->data());
  const auto* const end = at + value->size();
  const crypto::GeneralNamesPtr names(
      d2i_GENERAL_NAMES(nullptr, &at, static_cast<long>(value->size())));
  if (!names || at != end) {
    (void)crypto::DrainOpensslErrors();
    return InvalidArgument("certificate: its subject alternative name is damaged");
  }
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count != 1) {
    return InvalidArgument("certificate: it has " + std::to_string(count) +
                           " subject alternative names, want one");
  }
  XZGATE_ASSIGN(std::string subject, ReadName(sk_GENERAL_NAME_value(names.get(), 0)));
  const bool has_control =
      std::ranges::any_of(subject, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
  if (subject.empty() || has_control) {
    return InvalidArgument("certificate: subject " + Quote(subject) +
                           " is empty or holds a control character");
  }
  return subject;
}

// Where the alternative name says who it is, those who do not know it must refuse the certificate:
// RFC 5280, section 4.2.1.6 for an empty subject; Fulcio's profile for all of its certificates.
Result<void> CheckNameIsCritical(const crypto::Certificate& leaf, bool is_fulcio) {
  const bool is_empty = X509_NAME_entry_count(X509_get_subject_name(leaf.handle())) == 0;
  if (!is_empty && !is_fulcio) return {};
  const int at = X509_get_ext_by_NID(leaf.handle(), NID_subject_alt_name, -1);
  if (X509_EXTENSION_get_critical(X509_get_ext(leaf.handle(), at)) == 1) return {};
  return InvalidArgument("certificate: its subject alternative name is not critical");
}

}  // namespace

const Names& FulcioExtensions() {
  static const Names kNames = {
      {"githubWorkflowTrigger", "1.3.6.1.4.1.57264.1.2"},
      {"githubWorkflowSHA", "1.3.6.1.4.1.57264.1.3"},
      {"githubWorkflowName", "1.3.6.1.4.1.57264.1.4"},
      {"githubWorkflowRepository", "1.3.6.1.4.1.57264.1.5"},
      {"githubWorkflowRef", "1.3.6.1.4.1.57264.1.6"},
      {"buildSignerURI", "1.3.6.1.4.1.57264.1.9"},
      {"buildSignerDigest", "1.3.6.1.4.1.57264.1.10"},
      {"runnerEnvironment", "1.3.6.1.4.1.57264.1.11"},
      {"sourceRepositoryURI", "1.3.6.1.4.1.57264.1.12"},
      {"sourceRepositoryDigest", "1.3.6.1.4.1.57264.1.13"},
      {"sourceRepositoryRef", "1.3.6.1.4.1.57264.1.14"},
      {"sourceRepositoryIdentifier", "1.3.6.1.4.1.57264.1.15"},
      {"sourceRepositoryOwnerURI", "1.3.6.1.4.1.57264.1.16"},
      {"sourceRepositoryOwnerIdentifier", "1.3.6.1.4.1.57264.1.17"},
      {"buildConfigURI", "1.3.6.1.4.1.57264.1.18"},
      {"buildConfigDigest", "1.3.6.1.4.1.57264.1.19"},
      {"buildTrigger", "1.3.6.1.4.1.57264.1.20"},
      {"runInvocationURI", "1.3.6.1.4.1.57264.1.21"},
      {"sourceRepositoryVisibilityAtSigning", "1.3.6.1.4.1.57264.1.22"},
      {"deploymentEnvironment", "1.3.6.1.4.1.57264.1.23"},
  };
  return kNames;
}

Result<void> CheckExtensionName(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [known, oid] : FulcioExtensions()) {
    if (known == name) return {};
    names.emplace_back(known);
  }
  return InvalidArgument("no extension of Fulcio's: want one of " + Join(names, ", "));
}

Result<CertificateIdentity> ReadIdentity(const crypto::Certificate& leaf) {
  CertificateIdentity identity;
  XZGATE_ASSIGN(identity.subject, ReadSubject(leaf));
  XZGATE_ASSIGN(identity.issuer, ReadIssuer(leaf));
  XZGATE_RETURN_IF_ERROR(CheckNameIsCritical(leaf, !identity.issuer.empty()));
  for (const auto& [name, oid] : FulcioExtensions()) {
    XZGATE_ASSIGN(auto value, ReadExtension(leaf, oid, name));
    if (value) identity.extensions.emplace_back(name, *std::move(value));
  }
  return identity;
}

Result<void> CheckIdentity(const CertificateIdentity& identity, const IdentityRule& rule) {
  const auto differs = [](std::string_view what, std::string_view found, const TextMatcher& want) {
    return PermissionDenied(std::string(what) + " is " + Quote(found) + ", want " +
                            want.ToString());
  };
  if (!rule.subject.Matches(identity.subject)) {
    return differs("subject", identity.subject, rule.subject);
  }
  if (rule.issuer && !rule.issuer->Matches(identity.issuer)) {
    return differs("issuer", identity.issuer, *rule.issuer);
  }
  for (const auto& [name, want] : rule.extensions) {
    const auto found =
        std::ranges::find(identity.extensions, name, &std::pair<std::string, std::string>::first);
    if (found == identity.extensions.end()) {
      return PermissionDenied("the certificate has no extension " + Quote(name) + ", want " +
                              want.ToString());
    }
    if (!want.Matches(found->second))
      return differs("extension " + Quote(name), found->second, want);
  }
  return {};
}

}  // namespace xzgate::signature
