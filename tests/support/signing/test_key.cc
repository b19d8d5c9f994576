#include "tests/support/signing/test_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "base/crypto/openssl_ptr.h"
#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

const EVP_MD* Method(crypto::Algorithm algorithm) {
  switch (algorithm) {
    case crypto::Algorithm::kSha1:
      return EVP_sha1();
    case crypto::Algorithm::kSha256:
      return EVP_sha256();
    case crypto::Algorithm::kSha384:
      return EVP_sha384();
    case crypto::Algorithm::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

EVP_PKEY* MakeKey(KeyType type) {
  switch (type) {
    case KeyType::kP256:
    case KeyType::kP256Explicit:
      return EVP_EC_gen("prime256v1");
    case KeyType::kP384:
      return EVP_EC_gen("secp384r1");
    case KeyType::kP521:
      return EVP_EC_gen("secp521r1");
    case KeyType::kP192:
      return EVP_EC_gen("prime192v1");
    case KeyType::kSecp256k1:
      return EVP_EC_gen("secp256k1");
    case KeyType::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyType::kX25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
    case KeyType::kRsa1024:
      return EVP_RSA_gen(1024);
    case KeyType::kRsa2048:
      return EVP_RSA_gen(2048);
    case KeyType::kRsa3072:
      return EVP_RSA_gen(3072);
  }
  return nullptr;
}

template <typename Encode>
std::string ToDer(const Encode& encode, const EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = encode(key, &bytes);
  Require(size > 0);
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

std::string GroupName(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return "";
  return {name.data(), size};
}

// r and s of a DER signature, each as long as the group's order.
std::string ToRaw(std::string_view signature, const EVP_PKEY* key) {
  const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
  Require(pair != nullptr);
  const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
  std::string out(static_cast<std::size_t>(2 * half), '\0');
  auto* const into = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), into, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), into + half, half);
  ECDSA_SIG_free(pair);
  return out;
}

}  // namespace

TestKey TestKey::Generate(KeyType type) {
  std::shared_ptr<EVP_PKEY> key(MakeKey(type), EVP_PKEY_free);
  Require(key != nullptr);
  if (type == KeyType::kP256Explicit) {
    Require(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit") ==
            1);
  }
  return TestKey(std::move(key));
}

const TestKey& TestKey::Shared(KeyType type, std::size_t number) {
  static std::mutex mutex;
  static std::map<std::pair<KeyType, std::size_t>, TestKey> keys;
  const std::lock_guard lock(mutex);
  const auto found = keys.find({type, number});
  if (found != keys.end()) return found->second;
  return keys.emplace(std::pair(type, number), Generate(type)).first->second;
}

TestKey TestKey::FromHandle(std::shared_ptr<evp_pkey_st> key) {
  return TestKey(std::move(key));
}

bool TestKey::CanPrehash() {
  return OPENSSL_VERSION_NUMBER >= 0x30200000L;
}

std::string TestKey::Spki() const {
  return ToDer(i2d_PUBKEY, key_.get());
}

std::string TestKey::Pkcs1() const {
  Require(IsRsa());
  return ToDer(i2d_PublicKey, key_.get());
}

std::string TestKey::Raw() const {
  std::string out(32, '\0');
  std::size_t size = out.size();
  Require(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(out.data()),
                                      &size) == 1);
  return out;
}

std::string TestKey::PublicPem() const {
  return PemBlock("PUBLIC KEY", Spki());
}

std::string TestKey::PrivatePem() const {
  const crypto::BioPtr bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string TestKey::Details() const {
  if (IsEd25519()) return "PKIX_ED25519";
  if (IsRsa())
    return "PKIX_RSA_PKCS1V15_" + std::to_string(EVP_PKEY_get_bits(key_.get())) + "_SHA256";
  const std::string group = GroupName(key_.get());
  if (group == "secp384r1") return "PKIX_ECDSA_P384_SHA_384";
  if (group == "secp521r1") return "PKIX_ECDSA_P521_SHA_512";
  return "PKIX_ECDSA_P256_SHA_256";
}

crypto::Algorithm TestKey::DefaultHash() const {
  const std::string group = GroupName(key_.get());
  if (group == "secp384r1") return crypto::Algorithm::kSha384;
  if (group == "secp521r1") return crypto::Algorithm::kSha512;
  return crypto::Algorithm::kSha256;
}

bool TestKey::IsEd25519() const {
  return EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
}

bool TestKey::IsRsa() const {
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1;
}

std::string TestKey::Sign(std::string_view message, SignWish wish) const {
  const crypto::MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* const method = IsEd25519() ? nullptr : Method(wish.hash);
  Require(EVP_DigestSignInit(context.get(), &parameters, method, nullptr, key_.get()) == 1);
  if (wish.form == SignWish::Form::kPss) {
    Require(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  if (wish.form == SignWish::Form::kPrehash) {
    std::string instance = "Ed25519ph";
    const OSSL_PARAM settings[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_INSTANCE, instance.data(), 0),
        OSSL_PARAM_construct_end()};
    Require(EVP_PKEY_CTX_set_params(parameters, settings) == 1);
  }
#else
  Require(wish.form != SignWish::Form::kPrehash);
#endif
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  Require(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1);
  std::string out(size, '\0');
  Require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                         message.size()) == 1);
  out.resize(size);
  return wish.form == SignWish::Form::kRaw ? ToRaw(out, key_.get()) : out;
}

std::string TestKey::SignByDefault(std::string_view message) const {
  return Sign(message, {.hash = DefaultHash()});
}

std::string PemBlock(std::string_view label, std::string_view der) {
  const std::string text = crypto::Base64Encode(AsBytes(der));
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t i = 0; i < text.size(); i += 64) out += text.substr(i, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace xzgate::testing
