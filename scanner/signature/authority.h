#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/crypto/certificate.h"
#include "scanner/signature/identity.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// Keys that may vouch, any of them; held in a file or a KMS, of which only the public half is here.
struct KeyAuthority {
  std::vector<crypto::PublicKey> keys = {};
  // What people call each of them, such as its file; the authority's own name where this is short.
  // Decides nothing.
  std::vector<std::string> names = {};
  bool require_tlog = false;  // an entry of a log of `roots`
  bool require_timestamp = false;
  // When the keys may have signed: must cover every trusted time, and now where there is none
  // (GHSA-wqqc-jjcq-vfxm).
  Validity valid = {};
};

// A certificate authority of one's own: no SCT, no log. The leaf must have been valid when a
// timestamp authority of `root` says, or be valid now where no timestamp is asked for.
struct CertificateAuthority {
  std::vector<crypto::Certificate> roots = {};
  std::vector<crypto::Certificate> intermediates = {};
  std::vector<IdentityRule> identities = {};  // any of them; an absent issuer is allowed here alone
  bool require_timestamp = false;
};

// Fulcio's short-lived certificates: one SCT, one log entry and one trusted time are needed unless
// more is asked for (signatures.md 3.1; distinct logs and authorities are counted).
struct KeylessAuthority {
  std::vector<IdentityRule> identities = {};  // any of them
  std::size_t tlog_threshold = 1;
  std::size_t timestamp_threshold = 1;
  std::size_t sct_threshold = 1;
};

// Who may vouch for an image (design.md section 2). A value.
struct Authority {
  std::string name;
  std::variant<KeyAuthority, CertificateAuthority, KeylessAuthority> kind;
  std::vector<std::shared_ptr<const TrustedRoot>> roots = {};  // any of them; shared snapshots
  // User annotations that must be signed with it, each present and equal (signatures.md 1.2).
  std::vector<std::pair<std::string, std::string>> annotations = {};

  // Everything that decides about a signature, for the key of a stored report.
  std::string Fingerprint() const;
};

}  // namespace xzgate::signature
