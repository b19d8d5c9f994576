#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>

#include <string_view>

#include "base/crypto/digest.h"

namespace xzgate::crypto {

// OpenSSL's types as ours, for its adapters (style rule 24). Pure; thread-safe.

const EVP_MD* MethodOf(Algorithm algorithm);

// What an ASN.1 string, or a BIO in memory, holds; borrowed from it.
std::string_view TextOf(const ASN1_STRING* string);
std::string_view TextOf(BIO* memory);

}  // namespace xzgate::crypto
