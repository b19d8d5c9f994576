#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret_string.h"

namespace xzgate::kube {

// A token goes into a header; those of service accounts have 1 to 2 KiB.
inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;
// The kubelet renews a token when a fifth of its life is left, minutes before its end.
inline constexpr std::chrono::seconds kTokenFileAge{60};

// The bearer token of a client: fixed, or a file that the kubelet replaces. Thread-safe.
class TokenSource {
 public:
  // Error: kInvalidArgument for what no header can hold.
  static Result<std::unique_ptr<TokenSource>> Fixed(SecretString token);
  // Reads the file now. Errors: as ReadFile; kInvalidArgument for one that holds no token.
  static Result<std::unique_ptr<TokenSource>> FromFile(std::string path, const Clock& clock);

  // The token, read anew when it was read kTokenFileAge ago. A file that cannot be read leaves the
  // token that there is.
  SecretString Get();

  // After `refused` got a 401: reads the file anew; whether there is another token now.
  bool Renew(std::string_view refused);

  // Why the last reading failed, for the message of a 401; absent when it did not.
  std::optional<std::string> trouble() const;

 private:
  TokenSource(std::string path, const Clock* clock) : path_(std::move(path)), clock_(clock) {}
  Result<void> Read();  // mutex_ is held: the file is a few KiB on a memory file system

  const std::string path_;  // "" for a fixed one
  const Clock* const clock_;
  mutable std::mutex mutex_;  // guards what follows
  SecretString token_;
  SteadyTime read_at_ = {};
  std::optional<std::string> trouble_;
};

}  // namespace xzgate::kube
