#pragma once

#include <string>
#include <string_view>

namespace xzgate {

// Text that must not leak: wipes its bytes when destroyed, and has neither operator<< nor a
// formatter, so that it cannot end in a log by accident. Move-only; thread-compatible.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string secret) : secret_(std::move(secret)) {}
  ~SecretString() { Wipe(); }
  SecretString(SecretString&& other) noexcept { *this = std::move(other); }
  SecretString& operator=(SecretString&& other) noexcept;
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;

  SecretString Clone() const { return SecretString(secret_); }
  bool empty() const { return secret_.empty(); }

  // The bytes themselves, for the one call that sends them.
  std::string_view Reveal() const { return secret_; }

 private:
  void Wipe();
  std::string secret_;
};

}  // namespace xzgate
