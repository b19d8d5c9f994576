#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/signature/material.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// What a log entry must be bound to (signatures.md 3.6 and 3.8). Borrows what it refers to.
struct BoundTo {
  const Material& material;
  // The key that verifies the signature: of the certificate, or the one that was configured.
  const crypto::PublicKey& key;
  // Of the artifact where the content is a message over it: its hex SHA-256, and itself where it
  // is at hand (keys on P-384 and P-521 are logged with a longer hash).
  std::string artifact_digest;
  std::optional<std::string_view> artifact{};
};

// What an entry proves once all of it holds.
struct Logged {
  std::string log_id;            // distinct logs are counted by it: who runs it, else its id
  std::optional<WallTime> time;  // integratedTime under a valid SET (Rekor v1 alone)
  // When the log was trusted. Checked already where there is a time; else it is for the caller to
  // compare with the times that others vouch for.
  Validity log_valid;
};

// Checks one entry: a log of `root` that was valid then, SET and/or inclusion proof with checkpoint
// as `material.format` asks for, and the binding to signature, key or certificate, and digest.
// Absent for an entry of a log that is not in `root`: no error, and no proof. Errors: kIntegrity
// (what is there is wrong), kUnsupported (kind or version).
Result<std::optional<Logged>> CheckLogEntry(const LogEntry& entry, const BoundTo& bound,
                                            const TrustedRoot& root);

}  // namespace xzgate::signature
