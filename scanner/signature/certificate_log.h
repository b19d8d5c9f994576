#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/certificate.h"
#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxScts = 16;

// A signed certificate timestamp (RFC 6962, section 3.2). Version 1 is the only one. A value.
struct Sct {
  std::string log_id;  // 32 bytes
  WallTime time;
  std::string extensions;           // signed too; Static CT has the leaf's index in them
  std::uint8_t hash_algorithm = 0;  // of TLS (RFC 5246, section 7.4.1.4.1)
  std::uint8_t signature_algorithm = 0;
  std::string signature;
};

// The SCTs of the leaf's extension 1.3.6.1.4.1.11129.2.4.2; empty when it has none. Errors:
// kInvalidArgument, kResourceExhausted.
Result<std::vector<Sct>> EmbeddedScts(const crypto::Certificate& leaf);
// A TLS-encoded SignedCertificateTimestampList (RFC 6962, section 3.3) and nothing after it. Errors
// as EmbeddedScts.
Result<std::vector<Sct>> ParseScts(std::string_view list);

// How many distinct logs of `root` vouch for `leaf` as issued by `issuer` (of the verified path:
// two authorities may share a name), each with its key valid at the SCT's time. `scts` are those
// that are embedded in `leaf`. Those of logs that are not in `root`, or not valid then, are passed
// over. Errors: kIntegrity for a bad signature of a log that is known.
Result<std::size_t> CountSctLogs(const std::vector<Sct>& scts, const crypto::Certificate& leaf,
                                 const crypto::Certificate& issuer, const TrustedRoot& root);

}  // namespace xzgate::signature
