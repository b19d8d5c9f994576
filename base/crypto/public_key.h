#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/result.h"

struct evp_pkey_st;  // EVP_PKEY

namespace xzgate::crypto {

// Keys that may sign: signatures.md 1.4. RSA has at least 2,048 and at most 8,192 bits and an odd
// exponent above 1; curves are named ones.
enum class KeyKind : std::uint8_t { kRsa, kEcdsaP256, kEcdsaP384, kEcdsaP521, kEd25519 };
std::string_view ToString(KeyKind kind);  // "RSA", "ECDSA P-256", "Ed25519"

// How a signature was made. The caller takes it from the key's kind and the format, never from the
// signature's own data.
struct Scheme {
  enum class Form : std::uint8_t {
    kPlain,    // RSA: PKCS#1 v1.5; ECDSA: DER; Ed25519: pure
    kPss,      // RSA only: salt as long as the digest, MGF1 with the same hash
    kPrehash,  // Ed25519ph (RFC 8032, section 5.1), where OpenSSL has it (3.2 and later)
  };
  Algorithm hash = Algorithm::kSha256;  // not used by pure Ed25519; never SHA-1
  Form form = Form::kPlain;
};

// The hash that goes with a key when nothing else was agreed: SHA-256 for RSA and P-256, SHA-384
// for P-384, SHA-512 for P-521 and Ed25519ph (Sigstore algorithm registry).
Algorithm DefaultHash(KeyKind kind);

// A public key that signatures are verified with. A value: immutable, cheap to copy (copies share
// the parsed key), thread-safe.
class PublicKey {
 public:
  static constexpr std::size_t kMaxPemBytes = 64 * 1024;

  // Reads one PEM block: "PUBLIC KEY", or "RSA PUBLIC KEY" (PKCS#1). Only white space may surround
  // it. Errors: kInvalidArgument (damage; a private key or a certificate, named as such, with what
  // to give instead; more than one block), kUnsupported (algorithm, curve, size).
  static Result<PublicKey> FromPem(std::string_view pem);
  // Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1) and nothing after it. Errors as FromPem.
  static Result<PublicKey> FromDer(Bytes spki);
  // Reads a PKCS#1 RSAPublicKey (RFC 8017, appendix A.1.1). Errors as FromPem.
  static Result<PublicKey> FromPkcs1(Bytes der);
  // Shares OpenSSL's key, which is checked as in FromPem. For certificates. `spki` is the key as it
  // stands there, if known: it saves OpenSSL's encoder where it is in DER.
  static Result<PublicKey> FromHandle(evp_pkey_st* key, std::string_view spki = {});

  KeyKind kind() const { return kind_; }
  int bits() const { return bits_; }
  // SubjectPublicKeyInfo in DER: two keys are the same when these are.
  const std::string& der() const { return der_; }
  std::string ToPem() const;
  // SHA-256 of der(), 32 bytes: Rekor v1's log id, and a name for messages in hex.
  std::string Fingerprint() const;
  // The 32 bytes of an Ed25519 key; empty for others.
  std::string RawEd25519() const;

  // Whether `signature` is this key's over `message`. Errors: kIntegrity (it is not, or is no
  // well-formed signature of this kind of key), kUnsupported (a form that this kind or this OpenSSL
  // does not have).
  Result<void> Verify(Bytes message, Bytes signature, Scheme scheme) const;
  // The same where only the digest of the message is known; not for pure Ed25519 (kUnsupported).
  // `digest` must have the length of scheme.hash (kInvalidArgument).
  Result<void> VerifyDigest(Bytes digest, Bytes signature, Scheme scheme) const;

  bool operator==(const PublicKey& other) const { return der_ == other.der_; }

 private:
  PublicKey(std::shared_ptr<evp_pkey_st> key, KeyKind kind, int bits, std::string der);

  std::shared_ptr<evp_pkey_st> key_;  // shared by copies; never changed
  KeyKind kind_;
  int bits_;
  std::string der_;
};

}  // namespace xzgate::crypto
