#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"
#include "base/crypto/issue.h"

namespace xzgate::certificates {

// Names of the Secret's entries; the first two and ca.crt are those of kubernetes.io/tls and of
// cert-manager.
inline constexpr char kLeafEntry[] = "tls.crt";
inline constexpr char kLeafKeyEntry[] = "tls.key";
inline constexpr char kAuthoritiesEntry[] = "ca.crt";
inline constexpr char kAuthorityKeyEntry[] = "ca.key";

// Authorities that are published at once: two during a change, the rest after changes that were
// cut short.
inline constexpr std::size_t kMaxAuthorities = 4;

// A server's certificate with its key; they belong together.
struct Leaf {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};

// What a Secret of ours holds. A value.
struct Material {
  // Who vouches, newest first; only the newest may have its key, which signs the next leaf.
  std::vector<crypto::Certificate> authorities;
  std::optional<crypto::PrivateKey> authority_key;
  std::optional<Leaf> leaf;

  // The newest authority with its key; absent without.
  std::optional<crypto::Issuer> issuer() const;
};

using SecretData = std::map<std::string, std::string>;

// Reads the entries of a Secret. What is missing, damaged, or does not fit its counterpart is left
// out: a person or a restored backup may have put anything there, and what is left out is made
// anew. `notes` gets a sentence for each such thing, without its content. Pure; thread-safe.
Material ReadMaterial(const SecretData& data, std::vector<std::string>& notes);

// The entries for a Material that has all its parts.
SecretData WriteMaterial(const Material& material);

}  // namespace xzgate::certificates
