#include "base/crypto/certificate.h"

#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/crypto/pem.h"
#include "base/text.h"

namespace xzgate::crypto {
namespace {

constexpr std::size_t kMaxNameBytes = 512;  // of a name in a message

Result<WallTime> ReadTime(const ASN1_TIME* time, std::string_view what) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    (void)DrainOpensslErrors();
    return InvalidArgument("certificate: its " + std::string(what) + " is no time");
  }
  const std::chrono::year_month_day day(
      std::chrono::year(parts.tm_year + 1900),
      std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1U),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return WallTime(std::chrono::sys_days(day)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::string NameText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return "(" + DrainOpensslErrors() + ")";
  }
  return EscapeOnce(TextOf(bio.get()), kMaxNameBytes);
}

// The SubjectPublicKeyInfo as it stands in the certificate.
std::string KeyText(const X509* handle) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(handle), &der);
  if (size <= 0) return {};
  std::string text(AsText(Bytes(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  return text;
}

bool IsEncodedAs(X509* handle, Bytes der) {
  unsigned char* again = nullptr;
  const int size = i2d_X509(handle, &again);
  if (size <= 0) return false;
  const bool same = AsText(Bytes(again, static_cast<std::size_t>(size))) == AsText(der);
  OPENSSL_free(again);
  return same;
}

}  // namespace

Certificate::Certificate(std::shared_ptr<x509_st> handle, std::string der, PublicKey key,
                         WallTime not_before, WallTime not_after)
    : handle_(std::move(handle)),
      der_(std::move(der)),
      key_(std::move(key)),
      not_before_(not_before),
      not_after_(not_after) {}

Result<Certificate> Certificate::FromDer(Bytes der) {
  if (der.size() > kMaxDerBytes) {
    return ResourceExhausted("certificate of more than " + std::to_string(kMaxDerBytes) + " bytes");
  }
  const unsigned char* at = der.data();
  X509Ptr handle(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!handle) return InvalidArgument("damaged certificate: " + DrainOpensslErrors());
  if (!IsEncodedAs(handle.get(), der)) {
    return InvalidArgument("certificate: not in DER, or bytes after its end");
  }
  XZGATE_ASSIGN(const WallTime not_before, ReadTime(X509_get0_notBefore(handle.get()), "start"));
  XZGATE_ASSIGN(const WallTime not_after, ReadTime(X509_get0_notAfter(handle.get()), "end"));
  EVP_PKEY* const key = X509_get0_pubkey(handle.get());
  if (key == nullptr) return Unsupported("certificate: its key: " + DrainOpensslErrors());
  auto read = PublicKey::FromHandle(key, KeyText(handle.get()));
  if (!read) return Annotate(read.error(), "certificate");
  X509_get_extension_flags(handle.get());  // fills OpenSSL's cache before copies are shared
  (void)DrainOpensslErrors();
  return Certificate(std::shared_ptr<X509>(std::move(handle)), std::string(AsText(der)),
                     *std::move(read), not_before, not_after);
}

Result<Certificate> Certificate::FromPem(std::string_view pem) {
  XZGATE_ASSIGN(auto all, ListFromPem(pem, 1));
  return std::move(all.front());
}

Result<std::vector<Certificate>> Certificate::ListFromPem(std::string_view pem, std::size_t max) {
  const auto blocks = ReadPem(pem, PemWish::kCertificate, max);
  if (!blocks) return Annotate(blocks.error(), "certificate");
  std::vector<Certificate> all;
  for (const PemBlock& block : *blocks) {
    XZGATE_ASSIGN(auto each, FromDer(AsBytes(block.der)));
    all.push_back(std::move(each));
  }
  return all;
}

std::string Certificate::ToPem() const {
  return WritePem("CERTIFICATE", AsBytes(der_));
}

bool Certificate::IsSelfIssued() const {
  return X509_NAME_cmp(X509_get_subject_name(handle()), X509_get_issuer_name(handle())) == 0;
}

bool Certificate::IsAuthority() const {
  return (X509_get_extension_flags(handle()) & EXFLAG_CA) != 0;
}

std::string Certificate::Subject() const {
  return NameText(X509_get_subject_name(handle()));
}

std::string Certificate::Issuer() const {
  return NameText(X509_get_issuer_name(handle()));
}

Result<std::optional<std::string>> Certificate::Extension(std::string_view oid) const {
  const Asn1ObjectPtr object(OBJ_txt2obj(std::string(oid).c_str(), 1));
  if (!object) {
    (void)DrainOpensslErrors();
    return InvalidArgument("extension " + Quote(oid) + ": want a dotted OID");
  }
  const int at = X509_get_ext_by_OBJ(handle(), object.get(), -1);
  if (at < 0) return std::nullopt;
  if (X509_get_ext_by_OBJ(handle(), object.get(), at) >= 0) {
    return InvalidArgument("certificate: extension " + Quote(oid) + " occurs twice");
  }
  return std::string(TextOf(X509_EXTENSION_get_data(X509_get_ext(handle(), at))));
}

}  // namespace xzgate::crypto
