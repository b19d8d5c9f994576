#pragma once

#include <string_view>

#include "base/crypto/digest.h"
#include "base/result.h"

struct X509_algor_st;  // X509_ALGOR

namespace xzgate::signature {

// SHA-256, SHA-384 or SHA-512 (signatures.md 3.9). Errors: kUnsupported, naming `what` it is for.
Result<crypto::Algorithm> AllowedHash(const X509_algor_st* algorithm, std::string_view what);

}  // namespace xzgate::signature
