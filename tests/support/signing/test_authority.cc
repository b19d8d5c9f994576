#include "tests/support/signing/test_authority.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/crypto/openssl_ptr.h"
#include "tests/support/signing/require.h"
#include "tests/support/signing/test_ct_log.h"
#include "tests/support/signing/test_der.h"

namespace xzgate::testing {
namespace {

constexpr std::string_view kFulcio = "1.3.6.1.4.1.57264.1.";

void AddExtension(X509* certificate, const RawExtension& wish) {
  ASN1_OBJECT* const oid = OBJ_txt2obj(wish.oid.c_str(), 1);
  ASN1_OCTET_STRING* const value = ASN1_OCTET_STRING_new();
  Require(oid != nullptr &&
          ASN1_OCTET_STRING_set(value, reinterpret_cast<const unsigned char*>(wish.value.data()),
                                static_cast<int>(wish.value.size())) == 1);
  X509_EXTENSION* const extension =
      X509_EXTENSION_create_by_OBJ(nullptr, oid, wish.critical ? 1 : 0, value);
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(oid);
}

void AddByText(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string ToGeneralName(const AlternativeName& name) {
  switch (name.kind) {
    case AlternativeName::Kind::kEmail:
      return der::Tlv(0x81, name.text);
    case AlternativeName::Kind::kDns:
      return der::Tlv(0x82, name.text);
    case AlternativeName::Kind::kUri:
      return der::Tlv(0x86, name.text);
    case AlternativeName::Kind::kUserName:
      return der::Tlv(0xA0, der::Oid(std::string(kFulcio) + "7") +
                                der::Explicit(0, der::Utf8String(name.text)));
  }
  return "";
}

void AddNames(X509* certificate, const IssueWish& wish) {
  if (wish.names.empty()) return;
  std::string names;
  for (const AlternativeName& name : wish.names) names += ToGeneralName(name);
  AddExtension(certificate, {"2.5.29.17", der::Sequence({names}), wish.names_critical});
}

void AddSubject(X509* certificate, const char* field, const std::string& text) {
  if (text.empty()) return;
  Require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                     0) == 1);
}

void SetTime(ASN1_TIME* into, WallTime time) {
  Require(ASN1_TIME_set(
              into, std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()) !=
          nullptr);
}

// All but issuer and extensions.
crypto::X509Ptr Describe(const IssueWish& wish, const TestKey& key) {
  crypto::X509Ptr certificate(X509_new());
  X509* const x509 = certificate.get();
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), static_cast<long>(serial >> 1) + 1);
  SetTime(X509_getm_notBefore(x509), wish.not_before);
  SetTime(X509_getm_notAfter(x509), wish.not_after);
  AddSubject(x509, "O", wish.organization);
  AddSubject(x509, "CN", wish.common_name);
  Require(X509_set_pubkey(x509, key.handle()) == 1);
  return certificate;
}

void Extend(X509* certificate, X509* issuer, const IssueWish& wish) {
  AddByText(certificate, issuer, NID_key_usage, wish.key_usage);
  AddByText(certificate, issuer, NID_ext_key_usage, wish.extended_key_usage);
  AddByText(certificate, issuer, NID_basic_constraints, wish.basic_constraints);
  if (wish.key_identifiers) {
    AddByText(certificate, issuer, NID_subject_key_identifier, "hash");
    if (issuer != certificate)
      AddByText(certificate, issuer, NID_authority_key_identifier, "keyid");
  }
  AddNames(certificate, wish);
  for (const RawExtension& extension : wish.extensions) AddExtension(certificate, extension);
}

void SignCertificate(X509* certificate, const TestKey& key, crypto::Algorithm hash) {
  const EVP_MD* const method =
      key.IsEd25519() ? nullptr : EVP_get_digestbyname(std::string(crypto::ToString(hash)).c_str());
  Require(X509_sign(certificate, key.handle(), method) > 0);
}

template <typename Encode>
std::string ToDer(const Encode& encode, X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = encode(certificate, &bytes);
  Require(size > 0);
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

crypto::X509Ptr FromDer(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  crypto::X509Ptr out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  Require(out != nullptr);
  return out;
}

// `issuer` null: self-signed.
Issued Make(const IssueWish& wish, const TestKey& key, const Issued* issuer) {
  const crypto::X509Ptr certificate = Describe(wish, key);
  const crypto::X509Ptr above = issuer != nullptr ? FromDer(issuer->der) : nullptr;
  X509* const signer = above ? above.get() : certificate.get();
  const TestKey& signing_key = issuer != nullptr ? issuer->key : key;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  Extend(certificate.get(), signer, wish);
  SignCertificate(certificate.get(), signing_key, wish.hash);
  if (!wish.scts.empty()) {
    // The precertificate's TBSCertificate is this one, without the list.
    const std::string tbs = ToDer(i2d_re_X509_tbs, certificate.get());
    std::vector<std::string> scts;
    for (const SctMaker& make : wish.scts) scts.push_back(make(tbs, signing_key.Spki()));
    AddExtension(certificate.get(),
                 {"1.3.6.1.4.1.11129.2.4.2", der::OctetString(SctList(scts)), false});
  }
  if (wish.raw_sct_extension) {
    AddExtension(certificate.get(), {"1.3.6.1.4.1.11129.2.4.2", *wish.raw_sct_extension, false});
  }
  SignCertificate(certificate.get(), signing_key, wish.hash);
  return {ToDer(i2d_X509, certificate.get()), key};
}

}  // namespace

RawExtension FulcioExtension(int number, std::string_view text) {
  return {std::string(kFulcio) + std::to_string(number),
          number <= 6 ? std::string(text) : der::Utf8String(text)};
}

IssueWish RootWish(std::string common_name) {
  return {.common_name = std::move(common_name),
          .organization = "xzgate test",
          .not_before = kTrustStart,
          .not_after = kAuthorityEnd,
          .key_usage = "critical,keyCertSign,cRLSign",
          .extended_key_usage = "",
          .basic_constraints = "critical,CA:TRUE"};
}

IssueWish IntermediateWish(std::string common_name, std::string extended_key_usage) {
  IssueWish wish = RootWish(std::move(common_name));
  wish.extended_key_usage = std::move(extended_key_usage);
  wish.basic_constraints = "critical,CA:TRUE,pathlen:0";
  return wish;
}

IssueWish TsaLeafWish(std::string common_name) {
  IssueWish wish = RootWish(std::move(common_name));
  wish.key_usage = "critical,digitalSignature";
  wish.extended_key_usage = "critical,timeStamping";
  wish.basic_constraints = "";
  return wish;
}

std::string Issued::Pem() const {
  return PemBlock("CERTIFICATE", der);
}

TestAuthority TestAuthority::Root(const IssueWish& wish, const TestKey& key) {
  return {Make(wish, key, nullptr), {}};
}

TestAuthority TestAuthority::Intermediate(const IssueWish& wish, const TestKey& key) const {
  return {Make(wish, key, &self_), Chain()};
}

Issued TestAuthority::Issue(const IssueWish& wish, const TestKey& key) const {
  return Make(wish, key, &self_);
}

TestAuthority TestAuthority::Of(Issued issued, std::vector<std::string> above) {
  return {std::move(issued), std::move(above)};
}

std::vector<std::string> TestAuthority::Chain() const {
  std::vector<std::string> chain = {self_.der};
  chain.insert(chain.end(), above_.begin(), above_.end());
  return chain;
}

}  // namespace xzgate::testing
