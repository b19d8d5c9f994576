#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cmd/verify_session.h"
#include "scanner/oci/digest.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verified.h"

namespace xzgate::cmd {

// What came of a file with its bundle.
struct VerifiedFile {
  std::string name;  // as typed: a path, or "sha256:HEX"
  oci::Digest digest;
  std::string bundle;
  std::string format;  // "bundle v0.3", "" where it could not be read
  signature::Reason reason = signature::Reason::kNone;  // kNone: verified
  std::vector<signature::Step> steps;
  std::string predicate_type = {};  // of an attestation that was verified, else ""
  std::string hint = {};            // the flag that may be missing, else ""
};

// Verifies a Sigstore bundle over a file, or over what only its digest is known of: a signature of
// its bytes, or with --attestation a statement of that type about it, and never the one for the
// other. A bundle that cannot be read is kMalformed. Errors, each a mistake of the command line: a
// file that cannot be read, a type that is none, what SignerFlags::ToAuthority refuses.
Result<VerifiedFile> VerifyFile(const VerifyFlags& flags, const std::string& target,
                                const Clock& clock);

}  // namespace xzgate::cmd
