#include "base/secret_string.h"

#include <openssl/crypto.h>

namespace xzgate {

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    Wipe();
    secret_ = other.secret_;
    other.Wipe();
  }
  return *this;
}

void SecretString::Wipe() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
  secret_.clear();
}

}  // namespace xzgate
