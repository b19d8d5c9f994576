// Input: a certificate in DER, a public key in DER, or either in PEM. What is read is the bytes
// that were given, prints as what reads the same, and shows no control character. No certificate
// vouches for itself.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "scanner/signature/certificate_path.h"
#include "scanner/signature/identity.h"

namespace {

using xzgate::AsText;
using xzgate::Bytes;
using xzgate::crypto::Certificate;
using xzgate::crypto::PublicKey;
namespace signature = xzgate::signature;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckShown(std::string_view text) {
  for (const char c : text) Require(c >= ' ' && c != '\x7F');
}

void CheckKey(const PublicKey& key) {
  const auto again = PublicKey::FromDer(xzgate::AsBytes(key.der()));
  Require(again.has_value() && *again == key && again->kind() == key.kind());
  const auto pem = PublicKey::FromPem(key.ToPem());
  Require(pem.has_value() && *pem == key);
  for (const auto form : {xzgate::crypto::Scheme::Form::kPlain, xzgate::crypto::Scheme::Form::kPss})
    Require(!key.Verify(xzgate::AsBytes("message"), xzgate::AsBytes("0"), {.form = form}));
}

void CheckText(std::string_view text) {
  Require(text.size() <= signature::kMaxIdentityBytes && !text.contains('\0'));
  Require(xzgate::IsValidUtf8(text));
}

void CheckCertificate(const Certificate& certificate) {
  const auto again = Certificate::FromPem(certificate.ToPem());
  Require(again.has_value() && *again == certificate);
  CheckShown(certificate.Subject());
  CheckShown(certificate.Issuer());
  CheckKey(certificate.key());
  (void)certificate.Extension("2.5.29.17");
  if (const auto identity = signature::ReadIdentity(certificate)) {
    Require(!identity->subject.empty());
    CheckText(identity->subject);
    CheckText(identity->issuer);
    for (const auto& [name, value] : identity->extensions) CheckText(value);
  }
  const signature::Anchor self{
      .uri = "", .chain = {certificate}, .valid = {.start = certificate.not_before()}};
  for (const auto usage : {signature::Usage::kCodeSigning, signature::Usage::kTimeStamping}) {
    for (const auto time : {certificate.not_before(), certificate.not_after()})
      Require(!signature::CheckPath(certificate, self, {certificate}, usage, time));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  if (const auto certificate = Certificate::FromDer(bytes)) {
    Require(certificate->der() == AsText(bytes));
    CheckCertificate(*certificate);
  }
  if (const auto key = PublicKey::FromDer(bytes)) {
    Require(key->der() == AsText(bytes));
    CheckKey(*key);
  }
  if (const auto key = PublicKey::FromPkcs1(bytes)) CheckKey(*key);
  if (const auto key = PublicKey::FromPem(AsText(bytes))) CheckKey(*key);
  if (const auto list = Certificate::ListFromPem(AsText(bytes), 2)) {
    for (const Certificate& certificate : *list) CheckCertificate(certificate);
  }
  return 0;
}
