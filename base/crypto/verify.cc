// PublicKey's verification; how keys are read is in public_key.cc.

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/crypto/public_key.h"

namespace xzgate::crypto {
namespace {

Result<void> Conclude(int openssl_result, KeyKind kind) {
  if (openssl_result == 1) return {};
  (void)DrainOpensslErrors();  // what they say helps a forger alone
  return Integrity("signature does not match the " + std::string(ToString(kind)) + " key");
}

std::unexpected<Error> CannotBegin(KeyKind kind) {
  return Internal("OpenSSL cannot verify with a key of kind " + std::string(ToString(kind)) + ": " +
                  DrainOpensslErrors());
}

std::unexpected<Error> NoPrehash() {
  (void)DrainOpensslErrors();
  return Unsupported("Ed25519ph signature: this OpenSSL cannot verify it");
}

bool SetRsaPadding(EVP_PKEY_CTX* context, const EVP_MD* method, Scheme::Form form) {
  if (form != Scheme::Form::kPss) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, method) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// `instance`: null for the pure form (RFC 8032).
Result<void> VerifyEd25519(EVP_PKEY* key, Bytes message, Bytes signature, const char* instance) {
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
#ifdef OSSL_SIGNATURE_PARAM_INSTANCE
  if (instance != nullptr) {
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_INSTANCE,
                                                     const_cast<char*>(instance), 0);
  }
#else
  if (instance != nullptr) return NoPrehash();
#endif
  const MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  if (!context || EVP_DigestVerifyInit_ex(context.get(), &inner, nullptr, nullptr, nullptr, key,
                                          parameters) != 1) {
    if (instance != nullptr) return NoPrehash();
    return CannotBegin(KeyKind::kEd25519);
  }
  // A library older than the headers would pass over the parameter and verify the pure form.
  if (instance != nullptr &&
      OSSL_PARAM_locate_const(EVP_PKEY_CTX_settable_params(inner), parameters[0].key) == nullptr) {
    return NoPrehash();
  }
  return Conclude(EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                   message.data(), message.size()),
                  KeyKind::kEd25519);
}

Result<void> VerifyPrehashed(EVP_PKEY* key, Bytes digest, Bytes signature) {
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
  const SignaturePtr algorithm(EVP_SIGNATURE_fetch(nullptr, "ED25519ph", nullptr));
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!algorithm || !context ||
      EVP_PKEY_verify_init_ex2(context.get(), algorithm.get(), nullptr) != 1) {
    return NoPrehash();
  }
  return Conclude(EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                                  digest.size()),
                  KeyKind::kEd25519);
#else
  (void)key, (void)digest, (void)signature;
  return NoPrehash();
#endif
}

// Whether keys of this kind sign so.
Result<void> CheckScheme(KeyKind kind, Scheme scheme) {
  const bool is_edwards = kind == KeyKind::kEd25519;
  const bool fits = scheme.form == Scheme::Form::kPlain ||
                    (scheme.form == Scheme::Form::kPss && kind == KeyKind::kRsa) ||
                    (scheme.form == Scheme::Form::kPrehash && is_edwards);
  if (!fits) {
    return Unsupported("a key of kind " + std::string(ToString(kind)) + " does not sign by " +
                       (scheme.form == Scheme::Form::kPss ? "PSS" : "Ed25519ph"));
  }
  if (is_edwards && scheme.form == Scheme::Form::kPrehash && scheme.hash != Algorithm::kSha512) {
    return Unsupported("Ed25519ph goes with sha512, not with " +
                       std::string(ToString(scheme.hash)));
  }
  if (!is_edwards && scheme.hash == Algorithm::kSha1) {
    return Unsupported("signature over a " + std::string(ToString(scheme.hash)) + " digest");
  }
  return {};
}

}  // namespace

Result<void> PublicKey::Verify(Bytes message, Bytes signature, Scheme scheme) const {
  XZGATE_RETURN_IF_ERROR(CheckScheme(kind_, scheme));
  if (kind_ == KeyKind::kEd25519) {
    const bool is_pure = scheme.form == Scheme::Form::kPlain;
    return VerifyEd25519(key_.get(), message, signature, is_pure ? nullptr : "Ed25519ph");
  }
  return VerifyDigest(AsBytes(HashBytes(scheme.hash, message)), signature, scheme);
}

Result<void> PublicKey::VerifyDigest(Bytes digest, Bytes signature, Scheme scheme) const {
  XZGATE_RETURN_IF_ERROR(CheckScheme(kind_, scheme));
  if (kind_ == KeyKind::kEd25519 && scheme.form == Scheme::Form::kPlain) {
    return Unsupported("pure Ed25519 needs the message, not its digest");
  }
  if (digest.size() != DigestSize(scheme.hash)) {
    return InvalidArgument("digest of " + std::to_string(digest.size()) + " bytes: want " +
                           std::to_string(DigestSize(scheme.hash)));
  }
  if (kind_ == KeyKind::kEd25519) return VerifyPrehashed(key_.get(), digest, signature);
  const EVP_MD* const method = MethodOf(scheme.hash);
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      (kind_ == KeyKind::kRsa && !SetRsaPadding(context.get(), method, scheme.form)) ||
      EVP_PKEY_CTX_set_signature_md(context.get(), method) != 1) {
    return CannotBegin(kind_);
  }
  return Conclude(EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                                  digest.size()),
                  kind_);
}

}  // namespace xzgate::crypto
