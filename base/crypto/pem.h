#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::crypto {

// What a reader of PEM wants; anything else is refused with a message that says what to give.
enum class PemWish : std::uint8_t {
  kPublicKey,    // "PUBLIC KEY" or "RSA PUBLIC KEY"
  kCertificate,  // "CERTIFICATE"
};

// One block of a PEM text (RFC 7468). A value.
struct PemBlock {
  std::string label;
  std::string der;
};

// Reads one to `max` blocks with nothing but white space around them; no headers. Pure;
// thread-safe. Errors: kInvalidArgument (damage; other text; a block of another kind: a private key
// is refused wherever it stands), kResourceExhausted (more than `max`). Messages never hold a
// block's content.
Result<std::vector<PemBlock>> ReadPem(std::string_view pem, PemWish wish, std::size_t max);

// One block in lines of 64 characters.
std::string WritePem(std::string_view label, Bytes der);

}  // namespace xzgate::crypto
