#include "base/crypto/openssl_error.h"

#include <openssl/err.h>

#include <array>

namespace xzgate::crypto {

std::string DrainOpensslErrors() {
  std::string all;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> text;
    ERR_error_string_n(code, text.data(), text.size());
    if (!all.empty()) all += "; ";
    all += text.data();
  }
  return all.empty() ? "no OpenSSL error" : all;
}

}  // namespace xzgate::crypto
