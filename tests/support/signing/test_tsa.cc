#include "tests/support/signing/test_tsa.h"

#include <utility>

#include "base/crypto/digest.h"
#include "tests/support/signing/test_der.h"

namespace xzgate::testing {
namespace {

using crypto::Algorithm;

constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::string_view kContentTypeAttribute = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigestAttribute = "1.2.840.113549.1.9.4";
constexpr std::string_view kEssV1 = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view kEssV2 = "1.2.840.113549.1.9.16.2.47";
constexpr std::string_view kPolicy = "1.3.6.1.4.1.57264.2";

std::string AlgorithmId(Algorithm algorithm) {
  const std::string_view oid = algorithm == Algorithm::kSha1     ? "1.3.14.3.2.26"
                               : algorithm == Algorithm::kSha256 ? "2.16.840.1.101.3.4.2.1"
                               : algorithm == Algorithm::kSha384 ? "2.16.840.1.101.3.4.2.2"
                                                                 : "2.16.840.1.101.3.4.2.3";
  return der::Sequence({der::Oid(oid), der::Null()});
}

std::string SignatureAlgorithmId(const TestKey& key, Algorithm hash) {
  if (key.IsRsa()) return der::Sequence({der::Oid("1.2.840.113549.1.1.1"), der::Null()});
  const int last = hash == Algorithm::kSha256 ? 2 : hash == Algorithm::kSha384 ? 3 : 4;
  return der::Sequence({der::Oid("1.2.840.10045.4.3." + std::to_string(last))});
}

// Issuer and serial number of a certificate (RFC 5280, section 4.1: version, serial, algorithm,
// issuer).
struct NameOfCertificate {
  std::string serial;
  std::string issuer;
};
NameOfCertificate NameOf(std::string_view certificate) {
  std::string_view tbs = der::Inside(der::Inside(certificate));
  const auto next = [&tbs] {
    const std::string_view element = der::First(tbs);
    tbs.remove_prefix(element.size());
    return std::string(element);
  };
  next();  // version
  NameOfCertificate name;
  name.serial = next();
  next();  // signature algorithm
  name.issuer = next();
  return name;
}

std::string IssuerAndSerial(std::string_view certificate) {
  const NameOfCertificate name = NameOf(certificate);
  return der::Sequence({name.issuer, name.serial});
}

std::string Attribute(std::string_view oid, std::string_view value) {
  return der::Sequence({der::Oid(oid), der::Set({value})});
}

// SigningCertificate (RFC 2634) or SigningCertificateV2 (RFC 5035): digest, issuer and serial.
std::string EssAttribute(const TimestampWish& wish, const std::string& signer) {
  if (wish.ess == TimestampWish::Ess::kNone) return "";
  const bool v1 = wish.ess == TimestampWish::Ess::kV1;
  const std::string certificate = wish.ess_certificate.value_or(signer);
  const std::string digest =
      crypto::HashBytes(v1 ? Algorithm::kSha1 : Algorithm::kSha256, AsBytes(certificate));
  const NameOfCertificate name = NameOf(certificate);
  const std::string issuer = der::Sequence({der::Explicit(4, name.issuer)});  // directoryName
  const std::string id =
      der::Sequence({der::OctetString(digest), der::Sequence({issuer, name.serial})});
  return Attribute(v1 ? kEssV1 : kEssV2, der::Sequence({der::Sequence({id})}));
}

std::string TstInfo(std::string_view bytes, const TimestampWish& wish) {
  const std::string digest =
      wish.imprint_digest.value_or(crypto::HashBytes(wish.imprint, AsBytes(bytes)));
  const std::string imprint = der::Sequence({AlgorithmId(wish.imprint), der::OctetString(digest)});
  const std::string time =
      wish.raw_time ? der::Tlv(0x18, *wish.raw_time) : der::GeneralizedTime(wish.time);
  const std::string nonce = wish.nonce ? der::Integer(*wish.nonce) : "";
  return der::Sequence({der::Integer(wish.version), der::Oid(kPolicy), imprint, der::Integer(4711),
                        time, nonce, wish.tst_extensions});
}

std::string SignedAttributes(const TimestampWish& wish, const Issued& signer,
                             std::string_view content) {
  const std::string type = wish.signed_content_type.value_or(wish.content_type);
  const std::string digest =
      wish.message_digest.value_or(crypto::HashBytes(wish.hash, AsBytes(content)));
  return (type.empty() ? "" : Attribute(kContentTypeAttribute, der::Oid(type))) +
         Attribute(kMessageDigestAttribute, der::OctetString(digest)) +
         EssAttribute(wish, signer.der);
}

std::string SignerInfo(const TimestampWish& wish, const Issued& signer, std::string_view content) {
  std::string attributes;
  std::string signed_bytes(content);
  if (wish.signed_attributes) {
    // Signed as a SET, sent as [0] IMPLICIT (RFC 5652, section 5.4).
    const std::string all = SignedAttributes(wish, signer, content);
    attributes = der::Tlv(0xA0, all);
    signed_bytes = der::Tlv(0x31, all);
  }
  std::string signature = signer.key.Sign(signed_bytes, {.hash = wish.hash});
  if (wish.break_signature) signature.back() = static_cast<char>(signature.back() ^ 1);
  return der::Sequence({der::Integer(1), IssuerAndSerial(wish.signer_name_of.value_or(signer.der)),
                        AlgorithmId(wish.hash), attributes,
                        SignatureAlgorithmId(signer.key, wish.hash), der::OctetString(signature)});
}

}  // namespace

TestTsa TestTsa::Create(const std::string& name, const IssueWish& leaf, const TestKey& key) {
  const TestAuthority root = TestAuthority::Root(RootWish(name + " root"));
  return {name, root, root.Issue(leaf, key)};
}

TestTsa TestTsa::Create(const std::string& name) {
  return Create(name, TsaLeafWish(name));
}

std::vector<std::string> TestTsa::Chain() const {
  std::vector<std::string> chain = {leaf_.der};
  for (const std::string& above : authority_.Chain()) chain.push_back(above);
  return chain;
}

std::string TestTsa::Token(std::string_view bytes, const TimestampWish& wish) const {
  const Issued& signer = wish.signer ? *wish.signer : leaf_;
  const std::string content = TstInfo(bytes, wish) + wish.tst_trailing;
  std::string bag;
  for (const std::string& certificate : wish.first_in_bag) bag += certificate;
  if (wish.embed_certificate) bag += signer.der;
  for (const std::string& certificate : wish.last_in_bag) bag += certificate;
  std::string signers;
  for (int i = 0; i < wish.signers; ++i) signers += SignerInfo(wish, signer, content);
  const std::string signed_data = der::Sequence(
      {der::Integer(3), der::Set({AlgorithmId(wish.hash)}),
       der::Sequence({der::Oid(wish.content_type), der::Explicit(0, der::OctetString(content))}),
       bag.empty() ? "" : der::Tlv(0xA0, bag), der::Tlv(0x31, signers)});
  return der::Sequence({der::Oid(kSignedData), der::Explicit(0, signed_data)});
}

std::string TestTsa::Stamp(std::string_view bytes, const TimestampWish& wish) const {
  const std::string status = der::Sequence({der::Integer(wish.status)});
  return der::Sequence({status, wish.has_token ? Token(bytes, wish) : ""}) + wish.trailing;
}

}  // namespace xzgate::testing
