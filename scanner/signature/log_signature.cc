#include "scanner/signature/log_signature.h"

#include "base/byte_source.h"
#include "base/crypto/digest.h"

namespace xzgate::signature {
namespace {

std::string Sha256(std::string_view text) {
  return crypto::HashBytes(crypto::Algorithm::kSha256, AsBytes(text));
}

bool IsEcdsa(crypto::KeyKind kind) {
  return kind != crypto::KeyKind::kRsa && kind != crypto::KeyKind::kEd25519;
}

}  // namespace

std::string NoteKeyId(std::string_view name, const crypto::PublicKey& key) {
  const std::string prefix = std::string(name) + "\n";
  switch (key.kind()) {
    case crypto::KeyKind::kEd25519:
      return Sha256(prefix + "\x01" + key.RawEd25519());
    case crypto::KeyKind::kRsa:  // Rekor v2: a type without a number, then its name
      return Sha256(prefix + "\xFF" + "PKIX-RSA-PKCS#1v1.5" + key.der());
    case crypto::KeyKind::kEcdsaP256:
    case crypto::KeyKind::kEcdsaP384:
    case crypto::KeyKind::kEcdsaP521:
      break;
  }
  return Sha256(key.der());
}

Result<void> VerifyByLog(const Log& log, std::string_view message, std::string_view signature) {
  const auto verified = log.key.Verify(AsBytes(message), AsBytes(signature), log.scheme);
  // Rekor v1 signs with SHA-256 whatever the curve.
  if (!verified && IsEcdsa(log.key.kind()) && log.scheme.hash != crypto::Algorithm::kSha256) {
    return log.key.Verify(AsBytes(message), AsBytes(signature), {});
  }
  return verified;
}

}  // namespace xzgate::signature
