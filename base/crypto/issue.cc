#include "base/crypto/issue.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>

#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"

namespace xzgate::crypto {
namespace {

using ExtensionPtr =
    std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION, X509_EXTENSION_free>>;

Error Refused(const std::string& step) {
  return Error(ErrorCode::kInternal,
               "a certificate cannot be made: " + step + ": " + DrainOpensslErrors());
}

// 127 random bits: positive, not to be guessed, and within the 20 octets of RFC 5280, 4.1.2.2.
bool SetSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const BignumPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetTimes(X509* certificate, const Validity& validity) {
  const auto set = [](ASN1_TIME* field, WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
    return ASN1_TIME_set(field, static_cast<time_t>(seconds.count())) != nullptr;
  };
  return set(X509_getm_notBefore(certificate), validity.not_before) &&
         set(X509_getm_notAfter(certificate), validity.not_after);
}

bool SetCommonName(X509_NAME* name, const std::string& text) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

struct Extension {
  int nid;
  const char* value;  // in OpenSSL's own words; never anything from outside
};

bool Add(X509* certificate, X509* issuer, const Extension& wanted) {
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Built name by name: OpenSSL's own words would read a comma in one as the next.
bool AddNames(X509* certificate, const std::vector<std::string>& dns_names) {
  const GeneralNamesPtr names(GENERAL_NAMES_new());
  for (const auto& dns_name : dns_names) {
    GENERAL_NAME* const name = GENERAL_NAME_new();
    ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
    const bool made =
        names && name != nullptr && text != nullptr &&
        ASN1_STRING_set(text, dns_name.data(), static_cast<int>(dns_name.size())) == 1;
    if (made) GENERAL_NAME_set0_value(name, GEN_DNS, text);
    if (!made) ASN1_IA5STRING_free(text);
    if (!made || sk_GENERAL_NAME_push(names.get(), name) <= 0) {
      GENERAL_NAME_free(name);
      return false;
    }
  }
  return names && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1;
}

// What authorities and leaves have in common.
Result<X509Ptr> Draft(const PublicKey& key, const std::string& name, const Validity& validity) {
  X509Ptr certificate(X509_new());
  const auto* spki = reinterpret_cast<const unsigned char*>(key.der().data());
  const PkeyPtr subject_key(d2i_PUBKEY(nullptr, &spki, static_cast<long>(key.der().size())));
  if (!certificate || !subject_key || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerial(certificate.get()) || !SetTimes(certificate.get(), validity) ||
      !SetCommonName(X509_get_subject_name(certificate.get()), name) ||
      X509_set_pubkey(certificate.get(), subject_key.get()) != 1) {
    return std::unexpected(Refused("its fields"));
  }
  return certificate;
}

Result<Certificate> Sign(X509* certificate, X509* issuer, const PrivateKey& key) {
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      X509_sign(certificate, key.handle(), EVP_sha256()) <= 0) {
    return std::unexpected(Refused("its signature"));
  }
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return std::unexpected(Refused("its bytes"));
  const std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return Certificate::FromDer(AsBytes(der));
}

}  // namespace

Result<Certificate> IssueAuthority(const PrivateKey& key, const std::string& name,
                                   const Validity& validity) {
  XZGATE_ASSIGN(const X509Ptr draft, Draft(key.public_key(), name, validity));
  for (const Extension& extension : {Extension{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                     Extension{NID_key_usage, "critical,keyCertSign,cRLSign"},
                                     Extension{NID_subject_key_identifier, "hash"}}) {
    if (!Add(draft.get(), draft.get(), extension)) return std::unexpected(Refused("extensions"));
  }
  return Sign(draft.get(), draft.get(), key);
}

Result<Certificate> IssueServer(const Issuer& issuer, const PublicKey& key,
                                const std::vector<std::string>& dns_names,
                                const Validity& validity) {
  // The name is for people; a DNS name may be longer than a common name.
  XZGATE_ASSIGN(const X509Ptr draft, Draft(key, "xzgate webhook", validity));
  X509* const authority = issuer.certificate.handle();
  for (const Extension& extension :
       {Extension{NID_basic_constraints, "critical,CA:FALSE"},
        Extension{NID_key_usage, "critical,digitalSignature"},
        Extension{NID_ext_key_usage, "serverAuth"}, Extension{NID_subject_key_identifier, "hash"},
        Extension{NID_authority_key_identifier, "keyid:always"}}) {
    if (!Add(draft.get(), authority, extension)) return std::unexpected(Refused("extensions"));
  }
  if (dns_names.empty() || !AddNames(draft.get(), dns_names)) {
    return std::unexpected(Refused("its names"));
  }
  return Sign(draft.get(), authority, issuer.key);
}

bool AnswersTo(const Certificate& server, const std::string& dns_name) {
  return X509_check_host(server.handle(), dns_name.data(), dns_name.size(),
                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

bool IsIssuedBy(const Certificate& certificate, const Certificate& authority) {
  const bool is_named = X509_NAME_cmp(X509_get_issuer_name(certificate.handle()),
                                      X509_get_subject_name(authority.handle())) == 0;
  const bool is_signed =
      is_named && X509_verify(certificate.handle(), X509_get0_pubkey(authority.handle())) == 1;
  DrainOpensslErrors();
  return is_signed;
}

}  // namespace xzgate::crypto
