#include "scanner/signature/timestamp_token.h"

#include <openssl/ess.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/der.h"
#include "scanner/signature/timestamp_hash.h"
#include "scanner/signature/timestamp_info.h"

namespace xzgate::signature {
namespace {

constexpr long kGranted = 0;  // RFC 3161, section 2.4.2

PKCS7_SIGNER_INFO* SignerOf(TS_RESP* response) {
  return sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(TS_RESP_get_token(response)), 0);
}

// The signed attribute, read by `Decode`; null when there is none or it is no sequence.
template <typename Pointer, auto Decode>
Pointer Attribute(PKCS7_SIGNER_INFO* signer, int nid) {
  const ASN1_TYPE* const value = PKCS7_get_signed_attribute(signer, nid);
  if (value == nullptr || value->type != V_ASN1_SEQUENCE) return nullptr;
  const unsigned char* at = value->value.sequence->data;
  return Pointer(Decode(nullptr, &at, value->value.sequence->length));
}

// Signed attributes must be there and say what is signed (RFC 5652, section 5.3): without them the
// bytes of attributes could pass for content.
Result<void> CheckSigner(PKCS7_SIGNER_INFO* signer) {
  const ASN1_TYPE* const type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
  if (type == nullptr || type->type != V_ASN1_OBJECT ||
      OBJ_obj2nid(type->value.object) != NID_id_smime_ct_TSTInfo) {
    return InvalidArgument("timestamp: the signed content type is missing or not TSTInfo");
  }
  if (PKCS7_get_signed_attribute(signer, NID_pkcs9_messageDigest) == nullptr)
    return InvalidArgument("timestamp: the signed message digest is missing");
  X509_ALGOR* hash = nullptr;
  PKCS7_SIGNER_INFO_get0_algs(signer, nullptr, &hash, nullptr);
  XZGATE_RETURN_IF_ERROR(AllowedHash(hash, "signature"));
  return {};
}

Result<void> CheckToken(PKCS7* token) {
  if (token == nullptr) return InvalidArgument("timestamp: granted without a token");
  if (!PKCS7_type_is_signed(token) ||
      OBJ_obj2nid(token->d.sign->contents->type) != NID_id_smime_ct_TSTInfo) {
    return InvalidArgument("timestamp: the token is no signed TSTInfo");
  }
  const int signers = sk_PKCS7_SIGNER_INFO_num(PKCS7_get_signer_info(token));
  if (signers != 1)
    return InvalidArgument("timestamp: signers: want 1, found " + std::to_string(signers));
  return {};
}

// Each certificate that the ESS attribute names must be in `chain`, the signer's first.
Result<void> CheckEss(PKCS7_SIGNER_INFO* signer, STACK_OF(X509) * chain) {
  const auto v1 = Attribute<crypto::EssCertPtr, d2i_ESS_SIGNING_CERT>(
      signer, NID_id_smime_aa_signingCertificate);
  const auto v2 = Attribute<crypto::EssCertV2Ptr, d2i_ESS_SIGNING_CERT_V2>(
      signer, NID_id_smime_aa_signingCertificateV2);
  if (OSSL_ESS_check_signing_certs(v1.get(), v2.get(), chain, 1) == 1) return {};
  return Integrity(
      "timestamp: the attribute that names the signing certificate is missing or wrong: " +
      crypto::DrainOpensslErrors());
}

// The answer without the certificates that came with it (SignedData.certificates: RFC 5652, section
// 5.1): nothing signs them, nobody looks at them, and OpenSSL would take long to read their keys.
// As it was where it is not in DER, which OpenSSL decides about.
std::string WithoutCertificates(std::string_view response) {
  const auto parts = der::ReadInside(response, der::kSequence);  // status, token
  if (!parts || parts->size() != 2) return std::string(response);
  auto token = der::ReadInside(parts->back().whole, der::kSequence);  // type, [0] SignedData
  if (!token || token->size() != 2 || token->back().tag != der::Context(0))
    return std::string(response);
  auto data = der::ReadInside(token->back().content, der::kSequence);
  if (!data || data->size() < 5 || (*data)[3].tag != der::Context(0)) return std::string(response);
  data->erase(data->begin() + 3);
  const std::string bare = der::Encode(der::Context(0), der::Encode(der::kSequence, *data));
  token->back().whole = bare;
  return der::Encode(der::kSequence,
                     std::string(parts->front().whole) + der::Encode(der::kSequence, *token));
}

}  // namespace

Result<TimestampToken> TimestampToken::Parse(std::string_view response) {
  if (response.size() > kMaxTimestampBytes) {
    return ResourceExhausted("timestamp: " + std::to_string(response.size()) + " bytes, limit " +
                             std::to_string(kMaxTimestampBytes));
  }
  const std::string bare = WithoutCertificates(response);
  const auto* at = reinterpret_cast<const unsigned char*>(bare.data());
  const auto* const end = at + bare.size();
  const std::shared_ptr<TS_RESP> read(d2i_TS_RESP(nullptr, &at, static_cast<long>(bare.size())),
                                      TS_RESP_free);
  if (read == nullptr || at != end) {
    (void)crypto::DrainOpensslErrors();
    return InvalidArgument("timestamp: not one TimeStampResp in DER");
  }
  const long status =
      ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(read.get())));
  if (status != kGranted) {
    return InvalidArgument("timestamp: status: want granted (0), found " + std::to_string(status));
  }
  XZGATE_RETURN_IF_ERROR(CheckToken(TS_RESP_get_token(read.get())));
  XZGATE_RETURN_IF_ERROR(CheckSigner(SignerOf(read.get())));
  return TimestampToken(read);
}

bool TimestampToken::Names(const crypto::Certificate& leaf) const {
  const PKCS7_ISSUER_AND_SERIAL* const name = SignerOf(response_.get())->issuer_and_serial;
  return X509_NAME_cmp(name->issuer, X509_get_issuer_name(leaf.handle())) == 0 &&
         ASN1_INTEGER_cmp(name->serial, X509_get0_serialNumber(leaf.handle())) == 0;
}

std::string TimestampToken::SignerName() const {
  const PKCS7_ISSUER_AND_SERIAL* const name = SignerOf(response_.get())->issuer_and_serial;
  const crypto::BioPtr text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), name->issuer, 0, XN_FLAG_RFC2253);
  BIO_puts(text.get(), ", serial ");
  i2a_ASN1_INTEGER(text.get(), name->serial);
  return Quote(crypto::TextOf(text.get()));
}

Result<TimestampInfo> TimestampToken::Verify(const std::vector<crypto::Certificate>& chain) const {
  const crypto::X509ListPtr leaf(sk_X509_new_null());
  const crypto::X509ListPtr all(sk_X509_new_null());
  sk_X509_push(leaf.get(), chain.front().handle());
  for (const crypto::Certificate& certificate : chain)
    sk_X509_push(all.get(), certificate.handle());
  const crypto::BioPtr content(BIO_new(BIO_s_mem()));
  // PKCS7_NOINTERN: the signer comes from us, never from the token. PKCS7_NOVERIFY: its path is
  // checked by the caller, at the token's time.
  if (PKCS7_verify(TS_RESP_get_token(response_.get()), leaf.get(), nullptr, nullptr, content.get(),
                   PKCS7_NOINTERN | PKCS7_NOVERIFY) != 1) {
    return Integrity("timestamp: signature: " + crypto::DrainOpensslErrors());
  }
  XZGATE_RETURN_IF_ERROR(CheckEss(SignerOf(response_.get()), all.get()));
  return ParseTimestampInfo(crypto::TextOf(content.get()));
}

}  // namespace xzgate::signature
