#include "base/crypto/private_key.h"

#include <openssl/pem.h>

#include <utility>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"

namespace xzgate::crypto {
namespace {

// Never asks the terminal for a password.
int NoPassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

Result<PrivateKey> PrivateKey::FromHandle(std::shared_ptr<evp_pkey_st> key) {
  XZGATE_ASSIGN(PublicKey half, PublicKey::FromHandle(key.get()));
  if (half.kind() != KeyKind::kEcdsaP256) {
    return Unsupported("a private key is " + std::string(ToString(half.kind())) +
                       ", want ECDSA P-256");
  }
  return PrivateKey(std::move(key), std::move(half));
}

Result<PrivateKey> PrivateKey::Generate() {
  std::shared_ptr<evp_pkey_st> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  if (!key) return Internal("no new key: " + DrainOpensslErrors());
  return FromHandle(std::move(key));
}

Result<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return InvalidArgument("a private key has more than " + std::to_string(kMaxPemBytes) +
                           " bytes");
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool asked_for_password = false;
  std::shared_ptr<evp_pkey_st> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, &asked_for_password), EVP_PKEY_free);
  DrainOpensslErrors();  // may quote the content
  if (asked_for_password) return Unsupported("a private key needs a password, want one without");
  if (!key) return InvalidArgument("want a private key in PEM form");
  return FromHandle(std::move(key));
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    DrainOpensslErrors();
    return "";
  }
  return std::string(TextOf(bio.get()));
}

}  // namespace xzgate::crypto
