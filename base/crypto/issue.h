#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto/certificate.h"
#include "base/crypto/private_key.h"
#include "base/result.h"

// Certificates of our own making (RFC 5280): an authority, and servers that it vouches for. Pure
// but for random serial numbers; thread-safe. Errors: kInternal when OpenSSL refuses.
namespace xzgate::crypto {

struct Validity {
  WallTime not_before;
  WallTime not_after;  // to the second; both ends belong to it
};

// A self-signed authority that may sign leaves only (path length 0). `name` is its common name, at
// most 64 characters (RFC 5280, ub-common-name).
Result<Certificate> IssueAuthority(const PrivateKey& key, const std::string& name,
                                   const Validity& validity);

// An authority with its key; they belong together.
struct Issuer {
  Certificate certificate;
  PrivateKey key;
};

// A leaf for TLS servers that answer to these DNS names, the only place that clients look for them
// (RFC 6125); at least one.
Result<Certificate> IssueServer(const Issuer& issuer, const PublicKey& key,
                                const std::vector<std::string>& dns_names,
                                const Validity& validity);

// A TLS client that asked for this DNS name takes the certificate for the peer's (RFC 6125; no
// common names, no wildcards over dots).
bool AnswersTo(const Certificate& server, const std::string& dns_name);
// `authority` is named as the issuer and made the signature; says nothing of validity.
bool IsIssuedBy(const Certificate& certificate, const Certificate& authority);

}  // namespace xzgate::crypto
