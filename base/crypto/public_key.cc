#include "base/crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/crypto/pem.h"

namespace xzgate::crypto {
namespace {

constexpr int kMinRsaBits = 2048;  // signatures.md 1.4
constexpr int kMaxRsaBits = 8192;  // verification costs the square of it
// As OpenSSL's OPENSSL_RSA_MAX_PUBEXP_BITS, which it applies to large keys only.
constexpr int kMaxExponentBits = 64;

struct Curve {
  std::string_view name;  // OpenSSL's
  KeyKind kind;
};
constexpr Curve kCurves[] = {{"prime256v1", KeyKind::kEcdsaP256},
                             {"secp384r1", KeyKind::kEcdsaP384},
                             {"secp521r1", KeyKind::kEcdsaP521}};

std::string_view Name(const char* name) {
  return name != nullptr ? name : "unknown";
}

Result<KeyKind> CheckRsa(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return Unsupported("RSA key of " + std::to_string(bits) + " bits: want 2048 to 8192");
  }
  BIGNUM* raw = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw);
  const BignumPtr exponent(raw);
  raw = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &raw);
  const BignumPtr modulus(raw);
  if (!exponent || !modulus || BN_is_odd(modulus.get()) == 0) {
    return InvalidArgument("RSA key: its modulus is not odd");
  }
  if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1) {
    return Unsupported("RSA key: want an odd exponent above 1");
  }
  if (BN_num_bits(exponent.get()) > kMaxExponentBits) {
    return Unsupported("RSA key: its exponent has more than 64 bits");
  }
  return KeyKind::kRsa;
}

Result<KeyKind> CheckEc(EVP_PKEY* key) {
  int is_explicit = 1;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  if (is_explicit != 0) return Unsupported("EC key: want a named curve, not explicit parameters");
  std::array<char, 64> name = {};
  std::size_t size = 0;
  EVP_PKEY_get_group_name(key, name.data(), name.size(), &size);
  const std::string_view found(name.data(), size);
  for (const Curve& curve : kCurves) {
    if (found != curve.name) continue;
    const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    if (!context || EVP_PKEY_public_check_quick(context.get()) != 1) {  // the point at infinity
      return InvalidArgument("EC key: its point is not valid: " + DrainOpensslErrors());
    }
    return curve.kind;
  }
  return Unsupported("EC key on curve \"" + std::string(found) + "\": want P-256, P-384 or P-521");
}

Result<KeyKind> CheckKey(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return CheckRsa(key);
    case EVP_PKEY_EC:
      return CheckEc(key);
    case EVP_PKEY_ED25519:
      return KeyKind::kEd25519;
    default:
      return Unsupported("key of type \"" + std::string(Name(EVP_PKEY_get0_type_name(key))) +
                         "\": want RSA, ECDSA (P-256, P-384, P-521) or Ed25519");
  }
}

// Why OpenSSL has no key for a well-formed SubjectPublicKeyInfo.
std::unexpected<Error> NoKey(const X509_PUBKEY* info) {
  std::string why = DrainOpensslErrors();
  ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR* parameters = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, &parameters, info);
  const int nid = OBJ_obj2nid(algorithm);
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, parameters);
  if (nid == NID_X9_62_id_ecPublicKey && type != V_ASN1_OBJECT) {
    return Unsupported("EC key: want a named curve, not explicit parameters");
  }
  if (nid == NID_X9_62_id_ecPublicKey) {
    const int curve = OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(value));
    for (const Curve& each : kCurves) {
      if (Name(OBJ_nid2sn(curve)) == each.name) {
        return InvalidArgument("damaged EC key: " + std::move(why));
      }
    }
    return Unsupported("EC key on curve \"" + std::string(Name(OBJ_nid2sn(curve))) +
                       "\": want P-256, P-384 or P-521");
  }
  if (nid == NID_rsaEncryption || nid == NID_ED25519) {
    return InvalidArgument("damaged key: " + std::move(why));
  }
  return Unsupported("key of type \"" + std::string(Name(OBJ_nid2sn(nid))) +
                     "\": want RSA, ECDSA (P-256, P-384, P-521) or Ed25519");
}

// Whether it is a P-256 key with its point in full, the commonest kind, in the one spelling of DER.
bool IsPlainP256(std::string_view spki) {
  constexpr std::string_view kStart(
      "\x30\x59\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"
      "\x03\x42\x00\x04",
      27);
  return spki.size() == kStart.size() + 64 && spki.starts_with(kStart);
}

std::string EncodeSpki(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

std::string_view ToString(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa:
      return "RSA";
    case KeyKind::kEcdsaP256:
      return "ECDSA P-256";
    case KeyKind::kEcdsaP384:
      return "ECDSA P-384";
    case KeyKind::kEcdsaP521:
      return "ECDSA P-521";
    case KeyKind::kEd25519:
      return "Ed25519";
  }
  return "";
}

Algorithm DefaultHash(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa:
    case KeyKind::kEcdsaP256:
      return Algorithm::kSha256;
    case KeyKind::kEcdsaP384:
      return Algorithm::kSha384;
    case KeyKind::kEcdsaP521:
    case KeyKind::kEd25519:
      return Algorithm::kSha512;
  }
  return Algorithm::kSha256;
}

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key, KeyKind kind, int bits, std::string der)
    : key_(std::move(key)), kind_(kind), bits_(bits), der_(std::move(der)) {}

Result<PublicKey> PublicKey::FromHandle(evp_pkey_st* key, std::string_view spki) {
  if (key == nullptr) return InvalidArgument("no key");
  XZGATE_ASSIGN(const KeyKind kind, CheckKey(key));
  std::string der = IsPlainP256(spki) ? std::string(spki) : EncodeSpki(key);
  if (der.empty()) return InvalidArgument("damaged key: " + DrainOpensslErrors());
  EVP_PKEY_up_ref(key);
  return PublicKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free), kind, EVP_PKEY_get_bits(key),
                   std::move(der));
}

Result<PublicKey> PublicKey::FromDer(Bytes spki) {
  if (spki.size() > kMaxPemBytes) {
    return InvalidArgument("public key of more than " + std::to_string(kMaxPemBytes) + " bytes");
  }
  const unsigned char* at = spki.data();
  const X509PubkeyPtr info(d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!info) return InvalidArgument("damaged public key: " + DrainOpensslErrors());
  EVP_PKEY* const key = X509_PUBKEY_get0(info.get());
  if (key == nullptr) return NoKey(info.get());
  auto read = FromHandle(key, AsText(spki));
  if (read && read->der() != AsText(spki)) {
    return InvalidArgument("public key: not in DER, or bytes after its end");
  }
  return read;
}

Result<PublicKey> PublicKey::FromPkcs1(Bytes der) {
  if (der.size() > kMaxPemBytes) {
    return InvalidArgument("public key of more than " + std::to_string(kMaxPemBytes) + " bytes");
  }
  const unsigned char* at = der.data();
  const PkeyPtr key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  if (!key) return InvalidArgument("damaged RSA public key: " + DrainOpensslErrors());
  unsigned char* again = nullptr;
  const int size = i2d_PublicKey(key.get(), &again);
  const bool same = size > 0 && AsText(Bytes(again, static_cast<std::size_t>(size))) == AsText(der);
  OPENSSL_free(again);
  if (!same) return InvalidArgument("RSA public key: not in DER, or bytes after its end");
  return FromHandle(key.get());
}

Result<PublicKey> PublicKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return InvalidArgument("public key of more than " + std::to_string(kMaxPemBytes) + " bytes");
  }
  const auto blocks = ReadPem(pem, PemWish::kPublicKey, 1);
  if (!blocks) return InvalidArgument("public key: " + blocks.error().message());
  const PemBlock& block = blocks->front();
  return block.label == "PUBLIC KEY" ? FromDer(AsBytes(block.der)) : FromPkcs1(AsBytes(block.der));
}

std::string PublicKey::ToPem() const {
  return WritePem("PUBLIC KEY", AsBytes(der_));
}

std::string PublicKey::Fingerprint() const {
  return HashBytes(Algorithm::kSha256, AsBytes(der_));
}

std::string PublicKey::RawEd25519() const {
  if (kind_ != KeyKind::kEd25519) return {};
  std::array<unsigned char, 32> raw = {};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(raw.data()), size};
}

}  // namespace xzgate::crypto
